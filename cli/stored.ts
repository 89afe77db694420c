// deflow check --store: the runs that a store holds beside the program as it is: how many would go on, which not, and why.
//
//   approve  3 runs  resume
//   approve  1 run   would be stranded   listen:decision: needs `currency`
//
// A run is judged by what it refers to, as an engine judges it. What only a program that runs can tell, its registered classes, contexts,
// activities and externals, is left to engines.

import { printAtom, type Atom, type Slot } from "../runtime/versions/atoms.ts";
import { atomsOf, frozenAmong, judgeRun, renamedAtom } from "../runtime/versions/frozen.ts";
import { type Build, type BuiltPoint, judge, type Reason } from "../runtime/versions/judge.ts";
import type { ShapeCount } from "../runtime/store.ts";
import type { Io } from "./io.ts";
import { counter } from "./progress.ts";
import { shapesOf, type Project } from "./project.ts";
import { openStore, type StoreOptions } from "./store.ts";

export interface StoredLine {
  readonly flow: string;
  readonly runs: number;
  readonly verdict: "resume" | "resume frozen" | "migrate" | "end as retired" | "would be stranded";
  readonly safe: boolean;
  readonly why: string;
}

/** Reads only. */
export async function storedLines(project: Project, at: StoreOptions, io: Io): Promise<StoredLine[]> {
  const build = buildOf(project);
  const store = await openStore(at, "read");
  const counted = counter(io, "runs counted");
  try {
    const lines: StoredLine[] = [];
    for (let after: string | undefined, page: readonly ShapeCount[] = []; ; after = page.at(-1)?.key) {
      page = await store.shapes({ limit: PAGE, ...(after === undefined ? {} : { after }) });
      lines.push(...page.map((shape) => lineOf(shape, build)));
      for (const { runs } of page) counted.add(runs);
      if (page.length < PAGE) return lines;
    }
  } finally {
    counted.end();
    await store.close();
  }
}

/** Small, so that the counter moves: of each shape its runs are counted. */
const PAGE = 20;

function lineOf({ flow, atoms, runs }: ShapeCount, build: Build): StoredLine {
  const { misfits, renamed } = judgeRun(atoms, build);
  if (misfits.length > 0) return { flow, runs, verdict: "would be stranded", safe: false, why: misfits.map(({ atom, reason }) => `${subjectOf(atom)}: ${reasonText(reason)}`).join("; ") };
  const fates = new Set(atomsOf(atoms).map((atom) => judge(renamedAtom(atom, renamed), build).is));
  if (fates.has("retired")) return { flow, runs, verdict: "end as retired", safe: true, why: "" };
  if (renamed.size > 0) return { flow, runs, verdict: "resume frozen", safe: true, why: `as ${[...renamed.values()].map((variant) => `\`${variant}\``).join(", ")}` };
  return { flow, runs, verdict: fates.has("migrates") ? "migrate" : "resume", safe: true, why: "" };
}

/** `point approve listen:decision in=k3f0a total*` → `approve listen:decision` */
function subjectOf(atom: Atom): string {
  const [kind, ...rest] = printAtom(atom).split(" ");
  if (atom.kind === "unread") return `\`${atom.line}\``;
  return rest.slice(0, kind === "point" ? 2 : 1).join(" ");
}

function reasonText(reason: Reason): string {
  switch (reason.why) {
    case "gone": return "it is not there";
    case "point": return "there is no such point";
    case "region": return "it stands in other loops or `try`s";
    case "slots": return `needs ${[...reason.missing, ...reason.kinds].map((key) => `\`${key}\``).join(", ")}`;
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
  for (const { unit, point, slots, region, jumps } of files.flatMap(({ compiled }) => compiled.points)) {
    const known = points.get(unit) ?? new Map<string, BuiltPoint>();
    points.set(unit, known.set(point, { region, slots, jumps }));
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
    type: () => ({ version: Infinity, from: 0 }),
    has: (kind, name) => kind !== "flow" || name in flows,
    pin: (id) => (pinned.has(id) ? flows[id]?.text : undefined),
    migrates: (id, from) => migrated.has(`${id} ${from}`),
    isRetired: (id, point) => Object.values(lock.flows).some(({ retired }) => retired.includes(`${id} ${point}`)),
    frozen: (flow) => frozen.get(flow) ?? [],
  };
}
