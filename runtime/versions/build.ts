// What the code that is loaded has, as the judge asks for it.

import { shared } from "../realm/shared.ts";
import type { Meta } from "../strands/registry.ts";
import { type Slot, slotsOf } from "./atoms.ts";
import { frozenOf } from "./frozen.ts";
import type { Build, BuiltPoint, BuiltUnit } from "./judge.ts";
import { type Member, membersOf } from "./members.ts";

/** Read out of meta data once. */
const points = new WeakMap<Meta, Map<string, BuiltPoint>>();
const slotLists = new Map<string, readonly Slot[]>();
const memberLists = new Map<string, readonly Member[]>();

export function metaOf(id: string): Meta | undefined {
  return (shared.flows.get(id) ?? shared.strands.get(id) ?? shared.generators.get(id))?.meta;
}

export function pointOf(meta: Meta, id: string): BuiltPoint | undefined {
  let known = points.get(meta);
  if (known === undefined) points.set(meta, (known = new Map()));
  const found = known.get(id);
  if (found !== undefined || !Object.hasOwn(meta.points, id)) return found;
  const [, , slots = "", region = "", jumps = {}] = meta.points[id] as Meta["points"][string];
  const point = { region, slots: listed(slots), self: meta.self === true, jumps };
  known.set(id, point);
  return point;
}

/** What a function or a class made in a flow captures. */
export function listed(words: string): readonly Slot[] {
  let list = slotLists.get(words);
  if (list === undefined) slotLists.set(words, (list = slotsOf(words)));
  return list;
}

function listedMembers(words: string): readonly Member[] {
  let list = memberLists.get(words);
  if (list === undefined) memberLists.set(words, (list = membersOf(words)));
  return list;
}

function unitOf(id: string): BuiltUnit | undefined {
  const meta = metaOf(id);
  return meta && { points: Object.keys(meta.points), point: (point) => pointOf(meta, point) };
}

export const loaded: Build = {
  unit: unitOf,
  code(id) {
    const words = shared.codes.get(id)?.env ?? (shared.strands.get(id) ?? shared.generators.get(id))?.meta.env;
    if (words !== undefined) return listed(words);
    return shared.strands.has(id) || shared.generators.has(id) ? [] : undefined;
  },
  class(id) {
    const code = shared.classCodes.get(id);
    return code && listed(code.env);
  },
  members(id) {
    const code = shared.classCodes.get(id);
    return code && listedMembers(code.meta.members ?? "");
  },
  type(name) {
    const entry = shared.classes.get(name);
    return entry && { version: entry.version, from: entry.upgrade === undefined ? entry.version : 1 };
  },
  has(kind, name) {
    switch (kind) {
      case "flow": return shared.flows.has(name);
      case "external": return shared.externals?.named.has(name) === true;
      case "activity": return shared.activities.has(name);
      case "context": return shared.contexts.has(name);
      case "template": return shared.templates.has(name);
    }
  },
  pin: (id) => metaOf(id)?.pin,
  migrates: (id, from) => shared.migrations?.get(id)?.has(from) === true,
  isRetired: (id, point) => metaOf(id)?.retired?.includes(point) === true,
  frozen: frozenOf,
};
