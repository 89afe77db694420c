// The released points and functions of a flow beside what is compiled: which stored runs go on, and which would not.

import { compareSlots, judge, type Verdict } from "./verdict.ts";
import { type ReleasedFlow, type ReleasedUnit, type Version } from "./lock.ts";

/**
 * resumes: goes on as stored. migrates: there is a migration for it. frozen: goes on in the frozen source. retired: it was given up, and an error is thrown there. wider: what
 * is compiled needs more than is stored. moved: it stands in another region chain, or is a class and no function, or the other way round. partly: only runs
 * would not go on in whose `finally` one of `jumps` is pending, or that hold this member of a class by itself. gone: not there.
 */
export type Fate = "resumes" | "migrates" | "frozen" | "retired" | "wider" | "moved" | "partly" | "gone";

export interface Row {
  /** `approve listen:decision` of a point, `approve#each` of a function, `approve#Line` of a member of that class. */
  readonly key: string;
  readonly is: "point" | "function" | "member";
  /** Of a class, as the lock has it: `method.total`. */
  readonly member?: string;
  /** Of a point: the fingerprint of the version that is judged. */
  readonly fingerprint?: string;
  readonly fate: Fate;
  readonly missing: readonly string[];
  readonly dropped: readonly string[];
  /** Jumps that may be pending in frames, and lead nowhere. */
  readonly jumps: readonly string[];
  /** Region chains of a point, kinds of a function. */
  readonly from: string;
  readonly to: string;
}

/** One row for each released version of each point, for each function, and for each member that a class has lost. `migrated`: `approve listen:decision@k3f0a`. */
export function compareFlows(released: ReleasedFlow, compiled: ReleasedFlow, migrated: ReadonlySet<string>): Row[] {
  const retired = new Set(released.retired);
  const rows: Row[] = [];
  for (const [key, point] of Object.entries(released.points)) {
    const now = compiled.points[key];
    rows.push(...together([point, ...(point.was ?? [])].map((version) => pointRow(key, version, now, retired.has(key), migrated))));
  }
  for (const [id, unit] of Object.entries(released.units)) rows.push(unitRow(id, unit, compiled.units[id], retired.has(id)), ...memberRows(id, unit, compiled.units[id], retired.has(id)));
  return rows;
}

/** Versions that differ in their jumps alone have one fingerprint: what is to be said of both is said once. */
function together(rows: readonly Row[]): Row[] {
  const groups = new Map<string, Row>();
  for (const row of rows) {
    const { fingerprint, fate, missing, dropped, jumps } = row;
    const key = JSON.stringify([fingerprint, fate, missing, dropped]);
    groups.set(key, { ...row, jumps: [...new Set([...groups.get(key)?.jumps ?? [], ...jumps])].sort() });
  }
  return [...groups.values()];
}

/** True where no stored run would be left behind. */
export function isSafe({ fate }: Row): boolean {
  return fate === "resumes" || fate === "migrates" || fate === "frozen" || fate === "retired";
}

function pointRow(key: string, version: Version, now: Version | undefined, retired: boolean, migrated: ReadonlySet<string>): Row {
  const { fingerprint, regions: from } = version;
  const verdict = now && judge(version, now);
  const row = { key, is: "point", fingerprint, missing: verdict?.missing ?? [], dropped: verdict?.dropped ?? [], jumps: verdict?.jumps ?? [], from, to: now?.regions ?? "" } as const;
  if (verdict?.fits) return { ...row, fate: "resumes" };
  const migrates = migrated.has(`${key}@${fingerprint}`);
  // A pending jump is none of the locals that a migration gives.
  if (migrates && row.jumps.length === 0) return { ...row, fate: "migrates" };
  if (version.frozen !== undefined) return { ...row, fate: "frozen" };
  if (retired) return { ...row, fate: "retired" };
  return { ...row, fate: migrates ? "partly" : misfit(verdict) };
}

function misfit(verdict: Verdict | undefined): Fate {
  if (!verdict) return "gone";
  if (verdict.moved) return "moved";
  return verdict.missing.length > 0 ? "wider" : "partly";
}

/** Whether a function is async or a generator is no matter to who holds it: strands and generators of it stand at its points, which are judged by themselves. */
function unitRow(key: string, unit: ReleasedUnit, now: ReleasedUnit | undefined, retired: boolean): Row {
  const { missing, dropped } = compareSlots(unit.env, now?.env ?? {});
  const row = { key, is: "function", missing, dropped, jumps: [], from: unit.kind, to: now?.kind ?? "" } as const;
  const isSameKind = now !== undefined && (unit.kind === "class") === (now.kind === "class");
  if (isSameKind && missing.length === 0) return { ...row, fate: "resumes" };
  if (unit.frozen !== undefined) return { ...row, fate: "frozen" };
  if (retired) return { ...row, fate: "retired" };
  if (!now) return { ...row, fate: "gone" };
  return { ...row, fate: isSameKind ? "wider" : "moved" };
}

/**
 * A function in a field is held by all instances that are stored: it is as a closure that is gone. A method or half an accessor only by who took it from
 * there. Where the class itself is gone, that is told.
 */
function memberRows(key: string, { members = [], frozen }: ReleasedUnit, now: ReleasedUnit | undefined, retired: boolean): Row[] {
  if (now?.kind !== "class") return [];
  const fateOf = (member: string): Fate => (/^(?:static\.)?field/.test(member) ? "gone" : "partly");
  const excused = frozen === undefined ? (retired ? "retired" : undefined) : "frozen";
  return members.filter((member) => !now.members?.includes(member))
    .map((member): Row => ({ key, is: "member", member, fate: excused ?? fateOf(member), missing: [], dropped: [], jumps: [], from: "", to: "" }));
}
