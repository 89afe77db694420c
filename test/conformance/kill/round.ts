// One round: processes one after the other, each killed at a random moment, until every program has ended or is stuck.

import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Random } from "../generate/random.ts";
import type { Told } from "./told.ts";

/** So long without a word or a turn, in milliseconds, and the process hangs in the program that it was at last. */
const patience = 15_000;

/** Where the bundled worker finds a native driver. */
const packages = dirname(dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json")));

export class Round {
  kills = 0;
  readonly stuck = new Map<number, string>();
  private readonly left: Set<number>;
  private readonly folder: string;
  private readonly random: Random;
  private readonly programs: number;
  /** Milliseconds that processes have worked. */
  private worked = 0;

  constructor(folder: string, programs: readonly number[], random: Random) {
    this.folder = folder;
    this.left = new Set(programs);
    this.programs = programs.length;
    this.random = random;
  }

  async carry(kills: number): Promise<void> {
    while (this.left.size > 0) {
      const life = this.kills < kills ? (this.random.next() * 2 * this.workLeft) / (kills - this.kills) : undefined;
      this.worked += await this.oneProcess(life);
    }
  }

  /** An estimate in milliseconds: what a program took so far, at first a guess. */
  private get workLeft(): number {
    const guess = { programs: 10, each: 30 };
    const ended = this.programs - this.left.size;
    return (this.left.size * (this.worked + guess.programs * guess.each)) / (ended + guess.programs);
  }

  /** Gives how long the process worked. */
  private oneProcess(life: number | undefined): Promise<number> {
    const args = [this.folder, String(Math.floor(this.random.next() * 2 ** 31)), [...this.left].join(",")];
    const child = fork(join(this.folder, "worker.cjs"), args, { execArgv: ["--no-warnings"], env: { ...process.env, NODE_PATH: packages }, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    return new Promise((resolve, reject) => {
      let began = performance.now();
      let doomed: ReturnType<typeof setTimeout> | undefined;
      let killed = false;
      const watch = this.watch(child);
      child.on("message", (told: Told) => {
        watch.heard();
        if (told === "ready") {
          began = performance.now();
          if (life !== undefined) doomed = setTimeout(() => (killed = child.kill("SIGKILL")), life);
          return;
        }
        if ("stuck" in told) this.stuck.set(told.stuck, told.because);
        this.left.delete("stuck" in told ? told.stuck : told.ended);
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        clearTimeout(doomed);
        watch.end();
        if (killed && signal === "SIGKILL") this.kills++;
        else if (code !== 0 && !watch.hangs()) return reject(new Error(`a worker ended by itself: ${signal ?? code}`));
        resolve(performance.now() - began);
      });
    });
  }

  /** Ends a process that hangs. */
  private watch(child: ChildProcess): { heard(): void; hangs(): boolean; end(): void } {
    const turns = (): string => readFileSync(join(this.folder, "turns"), "utf8");
    let [size, since, hangs] = [0, Date.now(), false];
    const timer = setInterval(() => {
      const text = turns();
      if (text.length !== size) [size, since] = [text.length, Date.now()];
      if (Date.now() - since < patience || hangs) return;
      hangs = true;
      const n = Number(text.trimEnd().split("\n").at(-1));
      this.stuck.set(n, `hangs for ${patience / 1000} s in a turn`);
      this.left.delete(n);
      child.kill("SIGKILL");
    }, 1000);
    return { heard: () => (since = Date.now()), hangs: () => hangs, end: () => clearInterval(timer) };
  }
}
