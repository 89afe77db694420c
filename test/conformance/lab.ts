// Runs programs in a child process and replaces the child when a program hangs or kills it.

import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Run } from "./backend.ts";
import type { Job } from "./lab-child.ts";
import type { Program } from "./program.ts";

const childAt = fileURLToPath(new URL("./lab-child.ts", import.meta.url));

export class Lab {
  private child: ChildProcess | undefined;
  // One program at a time: the child's unhandled rejections must belong to somebody.
  private last: Promise<unknown> = Promise.resolve();

  /** @param limit milliseconds that one run may take, the start of the child not counted. */
  private readonly limit: number;
  constructor(limit: number = 15_000) {
    this.limit = limit;
  }

  run(backend: string, program: Program): Promise<Run> {
    const next = this.last.then(() => this.once({ backend, program }));
    this.last = next;
    return next;
  }

  close(): void {
    this.child?.kill();
    this.child = undefined;
  }

  private async once(job: Job): Promise<Run> {
    const child = (this.child ??= await start());
    return new Promise((resolve) => {
      const end = (run: Run, broken: boolean) => {
        clearTimeout(timer);
        child.removeAllListeners("message").removeAllListeners("exit");
        if (broken) {
          child.kill("SIGKILL");
          this.child = undefined;
        }
        resolve(run);
      };
      const timer = setTimeout(() => end(dead(`runs for more than ${this.limit / 1000} s`), true), this.limit);
      child.once("message", (run: Run) => end(run, false));
      child.once("exit", (code, signal) => end(dead(`ends the process: ${signal ?? code}`), true));
      child.send(job);
    });
  }
}

async function start(): Promise<ChildProcess> {
  const child = fork(childAt, { execArgv: ["--import", "tsx"], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await new Promise((resolve, reject) => child.once("spawn", () => resolve(undefined)).once("error", reject));
  return child;
}

function dead(outcome: string): Run {
  return { kind: "ran", result: { trace: [], outcome }, stops: 0 };
}
