// The compiler and runtime of this package, at three levels:
//   L0  compiled, never stored
//   L1  stored and read back at every stop, in the same realm
//   L2  stored, dropped, and read back in a new realm with the module evaluated again, at every stop

import type { Script } from "node:vm";
import { compile, isFatal } from "../../compiler/index.ts";
import type { LiveRun } from "../../runtime/run/step.ts";
import type { Backend, Run } from "./backend.ts";
import { Host } from "./host.ts";
import { asScript, moduleText } from "./module-script.ts";
import { asModule, type Level, type Program } from "./program.ts";
import { newRealms, newRealmsOf, reusedRealms, type OwnWorld, type Realms } from "./realm.ts";
import { refusals } from "./refusals.ts";
import { microtasksDone } from "./world.ts";

/** Another compiler or runtime than the sources as they are. */
export interface Variation {
  readonly compile?: typeof compile;
  readonly runtime?: Script;
}

export function ours(level: Level, variation: Variation = {}): Backend {
  const compiler = variation.compile ?? compile;
  const own = variation.runtime === undefined ? undefined : newRealmsOf(variation.runtime);
  return {
    name: level,
    async run(program) {
      const compiled = await compiledOnce(program, compiler);
      if ("kind" in compiled) return compiled;
      const realms = own ?? (program.reuse ? reusedRealms : newRealms);
      const run = await new OwnRun(level, compiled.script, realms).drive();
      realms.done();
      return run;
    },
  };
}

type Compiled = { readonly script: Script } | (Run & { readonly kind: "refused" });

let last: { readonly text: string; readonly by: typeof compile; readonly compiled: Compiled } | undefined;

/** The levels of a program come one after the other: it is compiled for the first. */
export async function compiledOnce(program: Program, by: typeof compile = compile): Promise<Compiled> {
  const { text } = program;
  if (last?.text !== text || last.by !== by) last = { text, by, compiled: await compileProgram(program, by) };
  return last.compiled;
}

async function compileProgram(program: Program, by: typeof compile): Promise<Compiled> {
  const text = await compiledText(program, by);
  return typeof text === "string" ? { script: asScript(text) } : text;
}

/** The program's module as a script's text. */
export async function compiledText(program: Program, by: typeof compile = compile): Promise<string | (Run & { readonly kind: "refused" })> {
  const compiled = by(asModule(program), { fileName: "program.js" });
  if (compiled === null) throw new Error("the compiler finds no flow in the program");
  const refusal = compiled.diagnostics.find(isFatal);
  if (refusal !== undefined && refusal.code !== "DF901") return { kind: "refused", code: refusal.code, message: refusal.message };
  if (refusal !== undefined) throw new Error(`${refusal.code} ${refusal.message}`);
  return await moduleText(compiled.code);
}

/** A frame, and what the host knew when it was written. */
export interface Stop {
  readonly frame: string;
  /** How many lines were traced before. */
  readonly traced: number;
  readonly fuel: number;
}

export interface Watched {
  /** Goes on from here instead of starting. */
  readonly from?: Stop;
  /** Called with each frame, while what it was written from is still there. */
  readonly stored?: (stop: Stop, run: LiveRun, world: OwnWorld) => void;
}

/** Milliseconds; 600,000 is usual. Shorter than the time that a whole program may take. */
const turnTimeout = 10_000;

/** One run of a compiled program, to its end. */
export class OwnRun {
  private readonly host: Host;
  private world: OwnWorld;
  private run: LiveRun;
  private readonly level: Level;
  private readonly program: Script;
  private readonly realms: Realms;
  private readonly watched: Watched;

  constructor(level: Level, program: Script, realms: Realms, watched: Watched = {}) {
    const { from } = watched;
    this.level = level;
    this.program = program;
    this.realms = realms;
    this.watched = watched;
    this.host = new Host(from === undefined ? undefined : { trace: [], fuel: from.fuel });
    this.world = realms.next().open(this.host, program);
    const { echo, flow } = this.world;
    this.run = from === undefined ? echo.startRun(flow, [], env, { id: "run" }) : echo.restoreRun(from.frame, env);
    this.watchEnd();
  }

  async drive(): Promise<Run> {
    let stops = 0;
    for (;;) {
      if (!(await this.comesToRest())) return { kind: "refused", code: "TURN_TIMEOUT", message: `the turn was still running after ${turnTimeout / 1000} s`, traced: this.host.trace };
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

  /** False where the turn waits for an ordinary promise for ever, as begin and an engine would end it. */
  private async comesToRest(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, turnTimeout, false);
    });
    const inTime = await Promise.race([this.run.quiet().then(() => true), late]);
    clearTimeout(timer);
    await microtasksDone();
    return inTime;
  }

  /** Through text, into the same world or a new one; gives the refusal where the run cannot be stored. */
  private reload(): Run | undefined {
    let frame: string;
    try {
      ({ frame } = this.world.echo.snapshot(this.run));
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === undefined || !refusals.has(code)) throw error;
      return { kind: "refused", code, message, traced: this.host.trace };
    }
    this.watched.stored?.({ frame, traced: this.host.trace.length, fuel: this.host.noted.fuel }, this.run, this.world);
    this.run.drop();
    if (this.level === "L2") this.world = this.realms.next().open(this.host, this.program);
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

export const env = { now: () => 0, random: (size: number) => new Uint8Array(size) };
