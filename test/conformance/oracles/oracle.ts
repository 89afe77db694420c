// An oracle looks at a run that is stored and read back at every stop (L1) for what its trace alone does not show, and is a back
// end: where it has something to object, that is the outcome of the run, and so a wrong one.
//
//   npx tsx test/conformance/cli.ts --backend canonical,isolation,minimality,growth,twice,stale --suite fixtures/hazards
//   npx tsx test/conformance/cli.ts --backend canonical --programs 1000 --seed 1

import { compile, type PointInfo } from "../../../compiler/index.ts";
import type { Backend, Run } from "../backend.ts";
import { compiledOnce, ours, OwnRun, type Variation, type Watched } from "../ours.ts";
import { asModule, type Program } from "../program.ts";
import { newRealms, newRealmsOf, type Realms } from "../realm.ts";

export interface Oracle {
  readonly name: string;
  /** What the run comes to: what `drive` gives, or an objection. */
  run(drive: Drive, watched: WatchedProgram): Promise<Run>;
}

/** A program, its module, and what its compiler says of the resume points in it. */
export interface WatchedProgram {
  readonly program: Program;
  readonly text: string;
  readonly points: readonly PointInfo[];
}

/** Runs the program once, from its start or from a frame. All runs of one program are in one realm, as in one process. */
export type Drive = (watched?: Watched) => Promise<Run>;

export function oracleBackend(oracle: Oracle, variation: Variation = {}): Backend {
  return {
    name: oracle.name,
    async run(program) {
      // Nothing is promised of the frames of such a program.
      if (!program.levels.includes("L1")) return ours("L0", variation).run(program);
      const compiled = await compiledOnce(program, variation.compile);
      if ("kind" in compiled) return compiled;
      const realm = (variation.runtime === undefined ? newRealms : newRealmsOf(variation.runtime)).next();
      const realms: Realms = { next: () => realm, done: () => undefined };
      const text = asModule(program);
      const about = {
        program,
        text,
        get points() {
          return (variation.compile ?? compile)(text, { fileName: "program.js" })?.points ?? [];
        },
      };
      return oracle.run((watched) => new OwnRun("L1", compiled.script, realms, watched).drive(), about);
    },
  };
}

/** A run that comes to an objection. */
export function objection(run: Run, text: string): Run {
  return run.kind === "ran" ? { ...run, result: { trace: run.result.trace, outcome: text } } : run;
}

/** Of many stops the first, the last and some between: each costs a run to the end. */
export function some<T>(stops: readonly T[], count: number): T[] {
  if (stops.length <= count) return [...stops];
  return Array.from({ length: count }, (_, i) => stops[Math.round((i * (stops.length - 1)) / (count - 1))] as T);
}
