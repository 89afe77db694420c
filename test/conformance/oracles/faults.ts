// Mistakes of a runtime that L1 does not see, each with the oracles that do: the proof that these can fail.

import type { Backend } from "../backend.ts";
import { variationOf } from "../mutants/build.ts";
import type { Mutant } from "../mutants/list.ts";
import { ours, type Variation } from "../ours.ts";
import { oracles } from "./all.ts";
import { oracleBackend } from "./oracle.ts";

interface Fault extends Pick<Mutant, "name" | "file" | "anchor" | "instead"> {
  readonly program: string;
  readonly seenBy: readonly string[];
}

/** Begins the programs of loops whose frames must not grow. */
const loop = "// growth: a loop\n";

/** The end of what gives a strand its locals. */
const fitting = `locals: entry["locals"] as Record<string, unknown> }, run.id));`;

export const faults: readonly Fault[] = [
  {
    name: "turns-count-at-reading",
    file: "runtime/record/restore.ts",
    anchor: "run.turn = turn as number;",
    instead: "run.turn = (turn as number) + 1;",
    program: "async function f() { T(await L(1)); return L(2); }",
    seenBy: ["canonical"],
  },
  {
    name: "equal-locals-read-once", // frames with equal locals share what is read from them
    file: "runtime/record/restore.ts",
    anchor: fitting,
    instead: `${fitting}
  const known = ((globalThis as { known?: Map<string, object> }).known ??= new Map());
  const text = JSON.stringify(entry["locals"]);
  if (!known.has(text)) known.set(text, frame.locals);
  frame.locals = known.get(text) as Record<string, unknown>;`,
    program: "async function f() { const a = [1]; for (const i of [1, 2]) { await L(0); if (i === 2) a.push(i); } await L(0); T(a); return a; }",
    seenBy: ["stale", "twice"],
  },
  {
    name: "locals-not-read", // a run goes on with the objects of the run that was stored
    file: "runtime/record/restore.ts",
    anchor: fitting,
    instead: `${fitting}
  const known = ((globalThis as { known?: Map<string, object> }).known ??= new Map());
  frame.locals = { ...frame.locals, ...known.get(String(frame.point)) };
  known.set(String(frame.point), frame.locals);`,
    program: "async function f() { const a = [1]; for (const i of [1, 2]) { await L(i); } T(a); return a; }",
    seenBy: ["isolation"],
  },
  {
    name: "keeps-everything", // each stop keeps every local of its function
    file: "compiler/passes/6-live.ts",
    anchor: "end.point.live = (ranges[end.to] as Range).before;",
    instead: "for (const slot of [...machine.slots.values(), ...machine.temps]) (end.point.live = (ranges[end.to] as Range).before).add(slot);",
    program: "async function f() { const a = T(1); const b = await L(2); return b; }",
    seenBy: ["minimality"],
  },
  {
    name: "temporaries-kept", // what an expression held stays in the frames after it
    file: "compiler/passes/6-live.ts",
    anchor: "end.point.live = (ranges[end.to] as Range).before;",
    instead: "for (const slot of machine.temps) (end.point.live = (ranges[end.to] as Range).before).add(slot);",
    program: "async function f() { const a = T(1) + await L(2); await L(3); return a; }",
    seenBy: ["minimality"],
  },
  {
    name: "assignments-end-no-life", // what is assigned before it is read is kept
    file: "compiler/passes/6-live.ts",
    anchor: "if (defines) this.defined.add(defines);",
    instead: "",
    program: "async function f() { let a = T(1); await L(2); a = T(3); return a; }",
    seenBy: ["minimality"],
  },
  {
    name: "patterns-end-no-life",
    file: "compiler/passes/6-live.ts",
    anchor: "for (const part of template) if (typeof part === \"object\") this.bound(part);",
    instead: "",
    program: "async function f() { let r = 0; for (const x of [1, 2]) { const [y] = await L([x]); await L(3); r += y; } return r; }",
    seenBy: ["minimality"],
  },
  {
    name: "branches-not-followed", // what only the other branch reads is dropped
    file: "compiler/passes/6-live.ts",
    anchor: "const ends = blocks.map((block) => terminatorTargets(block.end));",
    instead: 'const ends = blocks.map(({ end }) => (end?.kind === "branch" ? [end.else] : terminatorTargets(end)));',
    program: "async function f() { const a = T(1); await L(2); if (FUEL()) { await L(3); return a; } return 4; }",
    seenBy: ["minimality"],
  },
  {
    name: "stacks-told-again", // an error that is thrown again gets the lines of those who wait once more
    file: "runtime/strands/trace.ts",
    anchor: `if (typeof stack !== "string" || stack.includes(mark)) return;`,
    instead: `if (typeof stack !== "string") return;`,
    program: `${loop}async function f() { const e = new Error("kept"), fails = async () => { await L(1); throw e; }; while (!FUEL()) try { await fails(); } catch {} return 1; }`,
    seenBy: ["growth"],
  },
  {
    name: "readings-noted", // each reading leaves a mark in the strand
    file: "runtime/record/restore.ts",
    anchor: `entry["self"], []);`,
    instead: `[entry["self"]], []);`,
    program: `${loop}async function f() { while (!FUEL()) await L(1); return 1; }`,
    seenBy: ["growth"],
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
