// deflow check --store: the runs that a store holds beside the program as it is: how many would go on, which not, and why.
//
//   approve    listen:decision  3 runs  resume
//   approve    listen:legal     2 runs  resume frozen      if your engine has `approve@1`
//   approve    listen:manager   1 run   would be stranded  approve listen:manager: needs `currency`
//   approve@1                   0 runs  no run needs it    its file may go
//
// A run is judged by what it refers to, as an engine judges it. What only a program that runs can tell, its registered classes, contexts,
// activities and externals, is left to engines.

import { printAtom, type Atom, type Slot, slotName } from "../runtime/versions/atoms.ts";
import { atomsOf, flowOf, frozenAmong, judgeRun, renamedAtom } from "../runtime/versions/frozen.ts";
import { type Build, type BuiltPoint, judge, type Reason } from "../runtime/versions/judge.ts";
import { memberName, membersOf } from "../runtime/versions/members.ts";
import type { ShapeCount, Store } from "../runtime/store.ts";
import { barOf } from "./progress.ts";
import { shapesOf, type Project } from "./project.ts";
import { openStore, type StoreOptions } from "./store.ts";

export interface StoredLine {
  readonly flow: string;
  /** Where the runs wait, by the points of their strands and generators: `listen:decision`, `approve#each listen:price`. */
  readonly points: readonly string[];
  readonly runs: number;
  readonly verdict: "resume" | "resume frozen" | "migrate" | "end as retired" | "would be stranded" | "no run needs it";
  readonly safe: boolean;
  readonly why: string;
}

/** Reads only. `screen`: where it shows how far it is. */
export async function storedLines(project: Project, at: StoreOptions, screen: NodeJS.WriteStream | undefined): Promise<StoredLine[]> {
  const build = buildOf(project);
  const store = await openStore(at, "read");
  try {
    const lines: StoredLine[] = [];
    const needed = new Set<string>();
    for await (const shape of countedShapes(store, screen)) lines.push(lineOf(shape, build, needed));
    return [...summed(lines), ...unneeded(build, project, needed)];
  } finally {
    await store.close();
  }
}

/**
 * Which shapes there are costs a look at one run of each, and to count their runs a look at all. So the bar is of shapes: first they are listed, then
 * counted, a fiftieth of them at a time. Those that no run is of any more when they are counted are left out.
 */
export async function* countedShapes(store: Store, screen?: NodeJS.WriteStream): AsyncGenerator<ShapeCount> {
  const keys: string[] = [];
  for (let more = true; more;) {
    const page = await store.shapes({ upTo: 1, after: keys.at(-1) ?? "", limit: LISTED });
    keys.push(...page.map(({ key }) => key));
    more = page.length === LISTED;
  }
  const bar = barOf(screen, keys.length, "shapes, {runs} runs counted");
  const atOnce = Math.ceil(keys.length / 50);
  let runs = 0;
  try {
    for (let from = 0; from < keys.length; from += atOnce) {
      const page = await store.shapes({ keys: keys.slice(from, from + atOnce), limit: atOnce });
      for (const shape of page) runs += shape.runs;
      yield* page;
      bar.to(Math.min(from + atOnce, keys.length), { runs });
    }
  } finally {
    bar.end();
  }
}

const LISTED = 500;

/** `needed`: the flows that runs go on in are added. */
function lineOf({ flow, atoms, runs }: ShapeCount, build: Build, needed: Set<string>): StoredLine {
  const { misfits, renamed } = judgeRun(atoms, build);
  const all = atomsOf(atoms);
  const at = { flow, points: all.flatMap((atom) => (atom.kind === "point" ? [atom.id === flow ? atom.point : `${atom.id} ${atom.point}`] : [])), runs };
  const read = all.map((atom) => renamedAtom(atom, renamed));
  // A run that took a turn in a frozen flow has its ids, under the name that it was begun with. What is stranded for something else needs it as well.
  for (const atom of read) needed.add(flowOf(atom) ?? (atom.kind === "flow" ? atom.name : flow));
  if (misfits.length > 0) return { ...at, verdict: "would be stranded", safe: false, why: misfits.map(({ atom, reason }) => `${subjectOf(atom)}: ${reasonText(reason)}`).join("; ") };
  const fates = new Set(read.map((atom) => judge(atom, build).is));
  if (fates.has("retired")) return { ...at, verdict: "end as retired", safe: true, why: "" };
  if (renamed.size > 0) return { ...at, verdict: "resume frozen", safe: true, why: `if your engine has ${[...renamed.values()].map((variant) => `\`${variant}\``).join(", ")}` };
  return { ...at, verdict: fates.has("migrates") ? "migrate" : "resume", safe: true, why: "" };
}

/** One line for what differs in nothing that is shown. */
function summed(lines: readonly StoredLine[]): StoredLine[] {
  const byText = new Map<string, StoredLine>();
  for (const line of lines) {
    const key = JSON.stringify({ ...line, runs: 0 });
    byText.set(key, { ...line, runs: line.runs + (byText.get(key)?.runs ?? 0) });
  }
  const order = ({ flow, points }: StoredLine): string => `${flow} ${points.join(" ")}`;
  return [...byText.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Frozen flows that nothing goes on in. */
function unneeded(build: Build, { files }: Project, needed: ReadonlySet<string>): StoredLine[] {
  const flows = files.flatMap(({ compiled }) => compiled.flows);
  return flows.flatMap((flow) => build.frozen?.(flow) ?? []).filter((variant) => !needed.has(variant))
    .map((variant) => ({ flow: variant, points: [], runs: 0, verdict: "no run needs it", safe: true, why: "its file may go" }));
}

/** `point approve listen:decision in=k3f0a total*` → `approve listen:decision` */
function subjectOf(atom: Atom): string {
  const [kind, ...rest] = printAtom(atom).split(" ");
  if (atom.kind === "unread") return `\`${atom.line}\``;
  if (atom.kind === "member") return memberName(atom);
  return rest.slice(0, kind === "point" ? 2 : 1).join(" ");
}

function reasonText(reason: Reason): string {
  switch (reason.why) {
    case "gone": return "it is not there";
    case "point": return "there is no such point";
    case "region": return "it stands in other loops or `try`s";
    case "slots": return `needs ${[...reason.missing, ...reason.kinds].map((key) => `\`${slotName(key)}\``).join(", ")}`;
    case "jump": return `no way for the pending \`${reason.jump}\``;
    case "version": return `the class is read up to version ${reason.version}`;
    case "newer": return "only a newer deflow knows what that is";
    case "pinned": return "it goes on with the text it was begun with alone";
  }
}

/** The program as the judge asks for it, from its source alone. */
function buildOf(project: Project): Build {
  const { files, lock, migrations } = project;
  const flows = shapesOf(project);
  const points = new Map<string, Map<string, BuiltPoint>>();
  for (const name of Object.keys(flows)) points.set(name, new Map());
  for (const { unit, point, slots, region, self, jumps } of files.flatMap(({ compiled }) => compiled.points)) {
    const known = points.get(unit) ?? new Map<string, BuiltPoint>();
    points.set(unit, known.set(point, { region, slots, self, jumps }));
  }
  const units = new Map(Object.values(flows).flatMap((flow) => Object.entries(flow.units)));
  const captured = (id: string): readonly Slot[] | undefined => {
    const unit = units.get(id);
    return unit && Object.keys(unit.env).map((key) => ({ key: key.replace(/\*$/, ""), cell: key.endsWith("*") }));
  };
  const migrated = new Set(migrations);
  const pinned = new Set(files.flatMap(({ compiled }) => compiled.pinned));
  const frozen = frozenAmong(Object.keys(flows));
  return {
    unit: (id) => {
      const own = points.get(id);
      return own && { points: [...own.keys()], point: (point) => own.get(point) };
    },
    // What is no function of a flow belongs to the runtime: the starting of a child, an activity.
    code: (id) => captured(id) ?? (/^(?:deflow\/|activity:)/.test(id) ? [] : undefined),
    class: captured,
    members: (id) => membersOf(units.get(id)?.members?.join(" ") ?? ""),
    type: () => ({ version: Infinity, from: 0 }),
    has: (kind, name) => kind !== "flow" || name in flows,
    pin: (id) => (pinned.has(id) ? flows[id]?.text : undefined),
    migrates: (id, from) => migrated.has(`${id} ${from}`),
    isRetired: (id, point) => Object.values(lock.flows).some(({ retired }) => retired.includes(`${id} ${point}`)),
    frozen: (flow) => frozen.get(flow) ?? [],
  };
}
