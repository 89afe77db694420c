// Whether a build can go on with what was stored: one atom at a time, from the atom and the build alone. Names, kinds and regions are
// compared, never types and never the code after a point.
//
//   point there, same region, its slots among the stored ones with the same kinds   resumes: the rest is dropped
//   else a migration from this very point and fingerprint                           migrates, unless it is a pending jump that the point lacks
//   else the point was retired                                                      retired: an error is thrown there
//   else                                                                            misfit, and why
//
// A wrong resume is the worst that can happen: whatever is not known to fit does not.

import { type Atom, type CodeAtom, type MemberAtom, type PointAtom, type Slot, thisSlot } from "./atoms.ts";
import { fingerprint } from "./fingerprint.ts";
import { hasMember, type Member } from "./members.ts";

/** What a build has, by id. */
export interface Build {
  /** A flow, an async function or a generator in one. */
  unit(id: string): BuiltUnit | undefined;
  /** What a function made in a flow captures; undefined: there is no such function. */
  code(id: string): readonly Slot[] | undefined;
  class(id: string): readonly Slot[] | undefined;
  /** The functions that the text of a class makes, in its order. */
  members(id: string): readonly Member[] | undefined;
  /** The version of a registered class, and the oldest that it reads. */
  type(name: string): { readonly version: number; readonly from: number } | undefined;
  has(kind: "flow" | "external" | "activity" | "context" | "template", name: string): boolean;
  /** The hash of a flow's text. */
  pin(id: string): string | undefined;
  /** Whether there is a migration of `listen:decision@k3f0a`. */
  migrates(id: string, from: string): boolean;
  isRetired(id: string, point: string): boolean;
  /** The frozen variants of a flow, the latest first: `approve@2`, `approve@1`. Absent: there are none. */
  frozen?(flow: string): readonly string[];
}

export interface BuiltUnit {
  readonly points: readonly string[];
  point(id: string): BuiltPoint | undefined;
}

export interface BuiltPoint {
  /** The hash of the region chain; "": none. */
  readonly region: string;
  readonly slots: readonly Slot[];
  /** Its function uses its own `this`. */
  readonly self?: boolean;
  /** The jumps that may be pending in a slot, by its key. */
  readonly jumps: Readonly<Record<string, readonly string[]>>;
}

type Verdict =
  | { readonly is: "resumes" | "migrates" | "retired" }
  | { readonly is: "misfit"; readonly reason: Reason };

export type Reason =
  /** There is none of that id or name. */
  | { readonly why: "gone" }
  /** The function is there, and has no such point. */
  | { readonly why: "point" }
  /** It stands in other loops, `try`s or blocks with resources, or in another kind of function. */
  | { readonly why: "region" }
  /** Slots that the code needs and are not stored; and those that are stored as a cell and needed as a value, or the other way round. */
  | { readonly why: "slots"; readonly missing: readonly string[]; readonly kinds: readonly string[] }
  /** A `finally` would go on with a jump that it does not know. */
  | { readonly why: "jump"; readonly jump: string }
  /** A registered class of a version that it does not read. */
  | { readonly why: "version"; readonly version: number }
  | { readonly why: "pinned" }
  /** Only a newer deflow knows what it is. */
  | { readonly why: "newer" };

const resumes: Verdict = { is: "resumes" };
const gone: Verdict = { is: "misfit", reason: { why: "gone" } };

export function judge(atom: Atom, build: Build): Verdict {
  switch (atom.kind) {
    case "point": return judgePoint(atom, build);
    case "code": return judgeCode(atom, build.code(atom.id));
    case "class": return judgeCode(atom, build.class(atom.id));
    case "member": return judgeMember(atom, build);
    case "type": {
      const known = build.type(atom.name);
      if (known === undefined) return gone;
      return atom.version >= known.from && atom.version <= known.version ? resumes : { is: "misfit", reason: { why: "version", version: known.version } };
    }
    case "pin": return build.pin(atom.id) === atom.text ? resumes : { is: "misfit", reason: { why: "pinned" } };
    case "unread": return { is: "misfit", reason: { why: "newer" } };
    case "flow":
    case "external":
    case "activity":
    case "context":
    case "template": return build.has(atom.kind, atom.name) ? resumes : gone;
  }
}

function judgePoint(atom: PointAtom, build: Build): Verdict {
  const unit = build.unit(atom.id);
  const point = unit?.point(atom.point);
  const reason: Reason | undefined = unit === undefined ? { why: "gone" } : point === undefined ? { why: "point" } : reasonAt(atom, point);
  if (reason === undefined) return resumes;
  // No migration gives a jump: it is none of the locals.
  if (reason.why !== "jump" && build.migrates(atom.id, `${atom.point}@${fingerprint(atom.region, atom.slots)}`)) return { is: "migrates" };
  if (build.isRetired(atom.id, atom.point)) return { is: "retired" };
  return { is: "misfit", reason };
}

function judgeCode({ slots }: CodeAtom, needed: readonly Slot[] | undefined): Verdict {
  if (needed === undefined) return gone;
  const reason = slotReason(slots, needed);
  return reason === undefined ? resumes : { is: "misfit", reason };
}

function judgeMember(atom: MemberAtom, build: Build): Verdict {
  const members = build.members(atom.id);
  return members !== undefined && hasMember(atom, members) ? resumes : gone;
}

/** Why what is stored does not fit the point of the same id; undefined: it does. */
export function reasonAt({ region, slots }: Pick<PointAtom, "region" | "slots">, point: BuiltPoint): Reason | undefined {
  if (region !== point.region) return { why: "region" };
  const needed = new Set(point.slots.map(({ key }) => key));
  const foreign = slots.find(({ key, jump }) => jump !== undefined && needed.has(key) && !(Object.hasOwn(point.jumps, key) && point.jumps[key]?.includes(jump)));
  if (foreign !== undefined) return { why: "jump", jump: String(foreign.jump) };
  return slotReason(slots, point.self === true ? [...point.slots, thisSlot] : point.slots);
}

function slotReason(stored: readonly Slot[], needed: readonly Slot[]): Reason | undefined {
  const cells = new Map(stored.map(({ key, cell }) => [key, cell]));
  const missing = needed.filter(({ key }) => !cells.has(key)).map(({ key }) => key);
  const kinds = needed.filter(({ key, cell }) => cells.has(key) && cells.get(key) !== cell).map(({ key }) => key);
  return missing.length + kinds.length === 0 ? undefined : { why: "slots", missing, kinds };
}
