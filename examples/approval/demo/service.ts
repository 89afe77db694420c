// One process of the approval service, driven by its input and output as a terminal would.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds for anything that should take a moment, on a machine that is busy with other things. */
const patience = 30_000;

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
    // Node 22 has its SQLite under an experimental warning.
    const flags = ["--enable-source-maps", "--disable-warning=ExperimentalWarning"];
    const args = [...flags, join("dist", "main.js"), "--days-ahead", String(daysAhead), ...(stuckBank ? ["--stuck-bank", stuckBank] : [])];
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

  /** Resolves when the command was done; throws when it was refused. */
  async ask(command: string): Promise<void> {
    const from = this.said.length;
    this.#child.stdin?.write(`${command}\n`);
    const answers = this.said.slice(from, await this.#until("ok", from));
    const refused = answers.find((line) => line.startsWith("! "));
    if (refused !== undefined) throw new Error(`The service refused \`${command}\`: ${refused.slice(2)}`);
  }

  /** Kills it as a power failure would; gives how the system says that it ended. */
  kill(): Promise<string> {
    this.#child.kill("SIGKILL");
    return this.#ended;
  }

  /** Asks it to end. */
  quit(): Promise<string> {
    this.#child.stdin?.write("quit\n");
    return this.#inTime(this.#ended, "ended");
  }

  /** The place of the line among what it said. */
  async #until(line: string, from: number): Promise<number> {
    const ended = this.#ended.then((how) => {
      throw new Error(`The service ended (${how}) before it said \`${line}\`:\n${this.said.join("\n")}\n${this.#errors}`);
    });
    ended.catch(() => {}); // once the line was said, it may end as it likes
    for (;;) {
      const at = this.said.indexOf(line, from);
      if (at >= 0) return at;
      await this.#inTime(Promise.race([ended, new Promise<void>((resolve) => (this.#heard = resolve))]), `said \`${line}\``);
    }
  }

  async #inTime<T>(work: Promise<T>, what: string): Promise<T> {
    const over = new AbortController();
    const late = pause(patience, undefined, { signal: over.signal }).then(() => {
      throw new Error(`The service has not ${what} in ${patience / 1000} s:\n${this.said.join("\n")}\n${this.#errors}`);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      late.catch(() => {});
      over.abort();
    }
  }
}
