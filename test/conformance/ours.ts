// The compiler and runtime of this package, at three levels:
//   L0  compiled, never stored
//   L1  stored and read back at every stop, in the same realm
//   L2  stored, dropped, and read back in a new realm with the module evaluated again, at every stop

import type { Script } from "node:vm";
import { compile, isFatal } from "../../compiler/index.ts";
import type { LiveRun } from "../../runtime/step.ts";
import type { Backend, Run } from "./backend.ts";
import { Host, refusals } from "./host.ts";
import { moduleScript, openWorld, type OwnWorld } from "./own-world.ts";
import { asModule, type Level } from "./program.ts";
import { microtasksDone } from "./world.ts";

export function ours(level: Level): Backend {
  return {
    name: level,
    async run({ text }) {
      const compiled = compile(asModule(text), { fileName: "program.js" });
      if (compiled === null) throw new Error("the compiler finds no flow in the program");
      const refusal = compiled.diagnostics.find(isFatal);
      if (refusal !== undefined && refusal.code !== "DF901") return { kind: "refused", code: refusal.code, message: refusal.message };
      if (refusal !== undefined) throw new Error(`${refusal.code} ${refusal.message}`);
      return new OwnRun(level, moduleScript(compiled.code)).drive();
    },
  };
}

class OwnRun {
  private readonly host = new Host();
  private world: OwnWorld;
  private run: LiveRun;
  private readonly level: Level;
  private readonly program: Script;

  constructor(level: Level, program: Script) {
    this.level = level;
    this.program = program;
    this.world = openWorld(this.host, program);
    this.run = this.world.echo.startRun(this.world.flow, [], env, { id: "run" });
    this.watchEnd();
  }

  async drive(): Promise<Run> {
    let stops = 0;
    for (;;) {
      await this.run.quiet();
      await microtasksDone();
      if (this.host.outcome !== undefined) break;
      if (this.level !== "L0") {
        const refusal = this.reload();
        if (refusal !== undefined) return refusal;
      }
      if (!this.world.echo.answer(this.run) || !this.host.countStop()) break;
      stops++;
    }
    if (this.host.refusal !== undefined) return this.host.refusal;
    return { kind: "ran", result: this.host.close(), stops };
  }

  /** Through text, into the same world or a new one; gives the refusal where the run cannot be stored. */
  private reload(): Run | undefined {
    let frame: string;
    try {
      ({ frame } = this.world.echo.snapshot(this.run));
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === undefined || !refusals.has(code)) throw error;
      return { kind: "refused", code, message };
    }
    this.run.drop();
    if (this.level === "L2") this.world = openWorld(this.host, this.program);
    this.run = this.world.echo.restoreRun(frame, env);
    this.watchEnd();
    return undefined;
  }

  /** The result is what it is when the root settles; what cancellation does to left-over strands is no part of it. */
  private watchEnd(): void {
    const { host } = this;
    let ending: LiveRun["ending"];
    Object.defineProperty(this.run, "ending", {
      configurable: true,
      get: () => ending,
      set: (value: LiveRun["ending"]) => {
        ending = value;
        if (value !== undefined) host.settle(value.status === "completed" ? "returns" : "throws", value.status === "completed" ? value.value : value.error);
        host.close();
      },
    });
  }
}

const env = { now: () => 0, random: (size: number) => new Uint8Array(size) };
