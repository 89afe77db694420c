// One process of the approval service, driven by its input and output as a terminal would.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

export interface ServiceOptions {
  readonly daysAhead: number;
  /** The id of an expense whose payment the bank does not answer. */
  readonly stuckBank?: string;
}

export class Service {
  /** All it said so far. */
  readonly said: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  #errors = "";
  #heard: () => void = () => {};

  private constructor(folder: string, { daysAhead, stuckBank }: ServiceOptions) {
    const args = ["--enable-source-maps", join("dist", "main.js"), "--days-ahead", String(daysAhead), ...(stuckBank ? ["--stuck-bank", stuckBank] : [])];
    this.#child = spawn(process.execPath, args, { cwd: folder, stdio: "pipe" });
    this.#child.stderr?.on("data", (data: Buffer) => (this.#errors += data.toString()));
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.said.push(line);
      this.#heard();
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on("close", (code, signal) => resolve(signal ?? `exit ${String(code)}`));
    });
  }

  static async start(folder: string, options: ServiceOptions): Promise<Service> {
    const service = new Service(folder, options);
    await service.#until("ready", 0);
    return service;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it printed on standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** Gives the lines that came until the command was done. */
  async ask(command: string): Promise<readonly string[]> {
    const from = this.said.length;
    this.#child.stdin?.write(`${command}\n`);
    return this.said.slice(from, await this.#until("ok", from));
  }

  /** Kills it as a power failure would; gives how the system says that it ended. */
  kill(): Promise<string> {
    this.#child.kill("SIGKILL");
    return this.#ended;
  }

  /** Asks it to end. */
  quit(): Promise<string> {
    this.#child.stdin?.write("quit\n");
    return this.#ended;
  }

  async #until(line: string, from: number): Promise<number> {
    const ended = this.#ended.then((how) => {
      throw new Error(`The service ended (${how}) before it said \`${line}\`:\n${this.said.join("\n")}\n${this.#errors}`);
    });
    for (;;) {
      const at = this.said.indexOf(line, from);
      if (at >= 0) {
        ended.catch(() => {}); // it may end later as it likes
        return at;
      }
      await Promise.race([ended, new Promise<void>((resolve) => (this.#heard = resolve))]);
    }
  }
}
