// Mistakes of a runtime that L1 does not see, each with the oracles that do: the proof that these can fail.

import type { Backend } from "../backend.ts";
import { variationOf } from "../mutants/build.ts";
import type { Mutant } from "../mutants/list.ts";
import { ours, type Variation } from "../ours.ts";
import { oracles } from "./all.ts";
import { oracleBackend } from "./oracle.ts";

export interface Fault extends Pick<Mutant, "name" | "file" | "anchor" | "instead"> {
  readonly program: string;
  readonly seenBy: readonly string[];
}

export const faults: readonly Fault[] = [
  {
    name: "turns-count-at-reading",
    file: "runtime/restore.ts",
    anchor: "run.turn = turn as number;",
    instead: "run.turn = (turn as number) + 1;",
    program: "async function f() { T(await L(1)); return L(2); }",
    seenBy: ["canonical"],
  },
  {
    name: "equal-locals-read-once", // frames with equal locals share what is read from them
    file: "runtime/restore.ts",
    anchor: `frame.locals = entry["locals"] as Record<string, unknown>;`,
    instead: `const known = ((globalThis as { known?: Map<string, object> }).known ??= new Map());
  const text = JSON.stringify(entry["locals"]);
  if (!known.has(text)) known.set(text, entry["locals"] as object);
  frame.locals = known.get(text) as Record<string, unknown>;`,
    program: "async function f() { const a = [1]; for (const i of [1, 2]) { await L(0); if (i === 2) a.push(i); } await L(0); T(a); return a; }",
    seenBy: ["stale", "twice"],
  },
  {
    name: "locals-not-read", // a run goes on with the objects of the run that was stored
    file: "runtime/restore.ts",
    anchor: `frame.locals = entry["locals"] as Record<string, unknown>;`,
    instead: `const known = ((globalThis as { known?: Map<string, object> }).known ??= new Map());
  frame.locals = { ...(entry["locals"] as object), ...known.get(String(frame.point)) };
  known.set(String(frame.point), frame.locals);`,
    program: "async function f() { const a = [1]; for (const i of [1, 2]) { await L(i); } T(a); return a; }",
    seenBy: ["isolation"],
  },
];

export function faultBackend({ name }: Pick<Fault, "name">, oracle: string): string {
  return `${name}@${oracle}`;
}

/** Each fault under its oracles and under L1, which passes it. */
export const faultBackends: readonly Backend[] = faults.flatMap((fault) => {
  let built: Promise<Variation> | undefined;
  const variation = (): Promise<Variation> => (built ??= variationOf(fault));
  const l1: Backend = { name: faultBackend(fault, "L1"), run: async (program) => ours("L1", await variation()).run(program) };
  return [l1, ...oracles.map((oracle): Backend => ({
    name: faultBackend(fault, oracle.name),
    run: async (program) => oracleBackend(oracle, await variation()).run(program),
  }))];
});
