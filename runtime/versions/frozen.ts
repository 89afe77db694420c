// Frozen flows: `approve@1` is the source that `approve` had once, kept for the runs that only it fits. Such a run goes on there as a whole: all ids
// of `approve` in its frame are read as those of `approve@1`.
//
//   point approve listen:decision · code approve#bump      ──►      point approve@1 listen:decision · code approve@1#bump

import { shared } from "../realm/shared.ts";
import { type Atom, parseAtom } from "./atoms.ts";
import { type Build, judge, type Reason } from "./judge.ts";

export interface Misfit {
  readonly atom: Atom;
  readonly reason: Reason;
}

/** By the flow, the frozen one that its runs are read as. */
export type Renamed = ReadonlyMap<string, string>;

const asTheyAre: Renamed = new Map();

/** All that a run needs. */
export function judgeRun(atoms: string, build: Build): { readonly misfits: readonly Misfit[]; readonly renamed: Renamed } {
  const all = atomsOf(atoms);
  const misfits = misfitsAmong(all, build);
  if (misfits.length === 0) return { misfits, renamed: asTheyAre };
  const renamed = new Map<string, string>();
  for (const flow of new Set(misfits.flatMap(({ atom }) => flowOf(atom) ?? []))) {
    const own = all.filter((atom) => flowOf(atom) === flow);
    const fits = build.frozen?.(flow).find((variant) => misfitsAmong(own.map((atom) => moved(atom, flow, variant)), build).length === 0);
    if (fits !== undefined) renamed.set(flow, fits);
  }
  return { misfits: misfits.filter(({ atom }) => !renamed.has(flowOf(atom) ?? "")), renamed };
}

/** A run without strands, as one that waits for its children to end, needs nothing. */
export function atomsOf(shape: string): readonly Atom[] {
  return shape === "" ? [] : shape.split("\n").map(parseAtom);
}

function misfitsAmong(atoms: readonly Atom[], build: Build): readonly Misfit[] {
  return atoms.flatMap((atom): readonly Misfit[] => {
    const verdict = judge(atom, build);
    return verdict.is === "misfit" ? [{ atom, reason: verdict.reason }] : [];
  });
}

/** Of what is made in a flow. */
export function flowOf(atom: Atom): string | undefined {
  return "id" in atom ? atom.id.replace(/#.*$/s, "") : undefined;
}

function moved(atom: Atom, flow: string, variant: string): Atom {
  return "id" in atom ? { ...atom, id: variant + atom.id.slice(flow.length) } : atom;
}

/** What a run needs of the code that it goes on with. */
export function renamedAtom(atom: Atom, renamed: Renamed): Atom {
  const flow = flowOf(atom);
  const variant = flow === undefined ? undefined : renamed.get(flow);
  return flow === undefined || variant === undefined ? atom : moved(atom, flow, variant);
}

/** An id as it is read. */
export function renamedId(id: string, renamed: Renamed): string {
  if (renamed.size === 0) return id;
  const flow = id.replace(/#.*$/s, "");
  const variant = renamed.get(flow);
  return variant === undefined ? id : variant + id.slice(flow.length);
}

const known = { revision: -1, variants: new Map<string, readonly string[]>() };

/** Of the code that is loaded, the latest first. */
export function frozenOf(flow: string): readonly string[] {
  return variants().get(flow) ?? [];
}

export function hasFrozen(): boolean {
  return variants().size > 0;
}

function variants(): ReadonlyMap<string, readonly string[]> {
  const { revision = 0 } = shared;
  if (known.revision === revision) return known.variants;
  const found = frozenAmong(shared.flows.keys());
  Object.assign(known, { revision, variants: found });
  return found;
}

/** By their flow, the latest first. */
export function frozenAmong(ids: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const id of ids) {
    const [, flow] = /^(.+)@\d+$/s.exec(id) ?? [];
    if (flow !== undefined) found.set(flow, [...found.get(flow) ?? [], id]);
  }
  const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf("@") + 1));
  for (const each of found.values()) each.sort((a, b) => numberOf(b) - numberOf(a));
  return found;
}
