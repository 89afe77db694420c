// deflow check --store: the runs that a store holds beside the program as it is: how many would go on, which not, and why.
//
//   approve  3 runs  resume
//   approve  1 run   would be stranded   listen:decision: needs `currency`
//
// A run is judged by what it refers to, as an engine judges it. What only a program that runs can tell, its registered classes, contexts,
// activities and externals, is left to engines.

import { existsSync } from "node:fs";
import { hash } from "../compiler/hash.ts";
import { compile, type Compiled, type ReleasedFlow } from "../compiler/index.ts";
import { parseAtom, type Slot } from "../runtime/versions/atoms.ts";
import { type Build, type BuiltPoint, judge, type Reason } from "../runtime/versions/judge.ts";
import type { ShapeCount, Store } from "../runtime/store.ts";
import { UsageError } from "./io.ts";
import type { Project } from "./project.ts";

export interface StoredLine {
  readonly flow: string;
  readonly runs: number;
  readonly verdict: "resume" | "migrate" | "end as retired" | "would be stranded";
  readonly safe: boolean;
  readonly why: string;
}

export async function storedLines(project: Project, url: string): Promise<StoredLine[]> {
  const store = await openStore(url);
  try {
    const build = buildOf(project);
    const lines: StoredLine[] = [];
    for (let after: string | undefined, page: readonly ShapeCount[] = []; ; after = page.at(-1)?.key) {
      page = await store.shapes({ limit: PAGE, ...(after === undefined ? {} : { after }) });
      lines.push(...page.map((shape) => lineOf(shape, build)));
      if (page.length < PAGE) return lines;
    }
  } finally {
    await store.close();
  }
}

const PAGE = 500;

/** `postgres://…`, or the path of a SQLite file. Nothing is created. */
async function openStore(url: string): Promise<Store> {
  if (/^postgres(?:ql)?:\/\//.test(url)) return (await import("../runtime/stores/postgres.ts")).postgresStore({ connectionString: url, migrate: "check" });
  const path = url.replace(/^sqlite:(?:\/\/)?/, "");
  if (!existsSync(path)) throw new UsageError(`there is no store at \`${url}\`. A store is postgres://… or the path of a SQLite file`);
  return (await import("../runtime/stores/sqlite.ts")).sqlite(path);
}

function lineOf({ flow, atoms, runs }: ShapeCount, build: Build): StoredLine {
  const judged = atoms.split("\n").map((line) => {
    const atom = parseAtom(line);
    // Written by a newer version: nobody here can say that it fits.
    return { line, verdict: atom ? judge(atom, build) : ({ is: "misfit", reason: { why: "gone" } } as const) };
  });
  const misfits = judged.flatMap(({ line, verdict }) => (verdict.is === "misfit" ? [`${subjectOf(line)}: ${reasonText(verdict.reason)}`] : []));
  if (misfits.length > 0) return { flow, runs, verdict: "would be stranded", safe: false, why: misfits.join("; ") };
  if (judged.some(({ verdict }) => verdict.is === "retired")) return { flow, runs, verdict: "end as retired", safe: true, why: "" };
  return { flow, runs, verdict: judged.some(({ verdict }) => verdict.is === "migrates") ? "migrate" : "resume", safe: true, why: "" };
}

/** `point approve listen:decision in=k3f0a total*` → `approve listen:decision` */
function subjectOf(line: string): string {
  const [kind, ...rest] = line.split(" ");
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
    case "pinned": return "it goes on with the text it was begun with alone";
  }
}

/** The program as the judge asks for it, from its source alone. */
function buildOf({ files, lock, released, migrations }: Project): Build {
  const compiled = files.map(({ name, text }) => compile(text, { fileName: name, released, dev: true })).filter((each): each is Compiled => each !== null);
  const flows: Record<string, ReleasedFlow> = Object.assign({}, ...compiled.map((each) => each.shapes()));
  const points = new Map<string, Map<string, BuiltPoint>>();
  for (const name of Object.keys(flows)) points.set(name, new Map());
  for (const { unit, point, slots, regions, jumps } of compiled.flatMap((each) => each.points)) {
    const known = points.get(unit) ?? new Map<string, BuiltPoint>();
    points.set(unit, known.set(point, { region: regions.length > 0 ? hash(regions.join("/")) : "", slots, jumps }));
  }
  const units = new Map(Object.values(flows).flatMap((flow) => Object.entries(flow.units)));
  const captured = (id: string): readonly Slot[] | undefined => {
    const unit = units.get(id);
    return unit && Object.keys(unit.env).map((key) => ({ key: key.replace(/\*$/, ""), cell: key.endsWith("*") }));
  };
  const migrated = new Set(migrations);
  const pinned = new Set(compiled.flatMap((each) => each.pinned));
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
  };
}
