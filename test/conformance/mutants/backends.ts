// Mutants as back ends: `callee-after-arguments@L0`. Each is built when it is first used.

import type { Backend } from "../backend.ts";
import { ours, type Variation } from "../ours.ts";
import { levels, type Level } from "../program.ts";
import { variationOf } from "./build.ts";
import { mutants, type Mutant } from "./list.ts";

export function backendName({ name }: Pick<Mutant, "name">, level: Level): string {
  return `${name}@${level}`;
}

/** A patch that changes nothing: what is wrong with a mutant is wrong because of its mutation. */
export const unchanged: readonly Mutant[] = ["compiler/passes/6-live.ts", "runtime/values/cursor.ts"].map((file) => {
  const anchor = { "compiler/passes/6-live.ts": "export function live(", "runtime/values/cursor.ts": "export function iterate(" }[file] as string;
  return { name: `unchanged-${file.split("/")[0]}`, file, anchor, instead: anchor, level: "L1", caughtBy: [] };
});

export const mutantBackends: readonly Backend[] = [...mutants, ...unchanged].flatMap((mutant) => {
  let built: Promise<Variation> | undefined;
  return levels.map((level) => {
    let backend: Backend | undefined;
    return {
      name: backendName(mutant, level),
      async run(program) {
        backend ??= ours(level, await (built ??= variationOf(mutant)));
        return backend.run(program);
      },
    };
  });
});
