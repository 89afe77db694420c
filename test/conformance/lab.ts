// Runs programs in a child process and replaces the child when a program hangs or kills it.

import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Run } from "./backend.ts";
import { type Judged, judgeProgram } from "./judged.ts";
import type { Job } from "./lab-child.ts";
import type { Program } from "./program.ts";
import { made, type Made } from "./sources.ts";

const childAt = fileURLToPath(new URL("./lab-child.ts", import.meta.url));

/** How the outcome of a program begins that did not end in its time. */
export const outOfTime = "runs for more than";

/** Why there is no answer. */
interface Dead {
  readonly dead: string;
}

/** After so many programs a child has 1.4 GB of realms that V8 frees late; a new one starts in a second. */
const programsOfAChild = 1_000;

export class Lab {
  private child: ChildProcess | undefined;
  private served = 0;
  // One program at a time: the child's unhandled rejections must belong to somebody.
  private last: Promise<unknown> = Promise.resolve();

  /** @param limit milliseconds that one job may take, the start of the child not counted. */
  private readonly limit: number;
  constructor(limit: number = 15_000) {
    this.limit = limit;
  }

  async run(backend: string, program: Program): Promise<Run> {
    const run = await this.queued<Run>({ backend, program });
    return "dead" in run ? { kind: "ran", result: { trace: [], outcome: run.dead }, stops: 0 } : run;
  }

  /** All back ends in one job. When it hangs or kills the child, each of them gets a job of its own, to see which it is. */
  async judge(program: Made, backends: readonly string[]): Promise<Judged> {
    const judged = await this.queued<Judged>({ made: program, backends });
    return "dead" in judged ? judgeProgram(made(program), backends, (backend, p) => this.run(backend, p)) : judged;
  }

  close(): void {
    this.child?.kill();
    this.child = undefined;
  }

  private queued<R extends object>(job: Job): Promise<R | Dead> {
    const next = this.last.then(() => this.once<R>(job));
    this.last = next;
    return next;
  }

  private async once<R extends object>(job: Job): Promise<R | Dead> {
    if (++this.served % programsOfAChild === 0) this.close();
    const child = (this.child ??= await start());
    return new Promise((resolve) => {
      const end = (answer: R | Dead) => {
        clearTimeout(timer);
        child.removeAllListeners("message").removeAllListeners("exit");
        if ("dead" in answer) {
          child.kill("SIGKILL");
          this.child = undefined;
        }
        resolve(answer);
      };
      const timer = setTimeout(() => end({ dead: `${outOfTime} ${this.limit / 1000} s` }), this.limit);
      child.once("message", (answer: R) => end(answer));
      child.once("exit", (code, signal) => end({ dead: `ends the process: ${signal ?? code}` }));
      child.send(job);
    });
  }
}

async function start(): Promise<ChildProcess> {
  const child = fork(childAt, { execArgv: ["--import", "tsx", "--max-semi-space-size=64"], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  // Its first message says that it has loaded.
  await new Promise((resolve, reject) => {
    child.once("message", resolve).once("error", reject).once("exit", () => reject(new Error("the process for programs does not start")));
  });
  child.removeAllListeners("exit").removeAllListeners("error");
  return child;
}
