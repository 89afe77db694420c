// {"$member": [class]}: the prototype of a class made in a flow.    {"$member": [class, "static", key, "get"]}: a function its
// text makes; on the class itself or ("prototype") for its instances; "value", "get" or "set" of the key.
// {"$member": [instance, "field", key, class]}: a function written as the value of a field in the text of that class.

import { corrupt, fail, type Json, type Kind, via } from "../../codec/kind.ts";
import { listPayload } from "../../codec/fields.ts";
import { UnknownCodeError } from "../../errors/codec.ts";
import type { ClassPart, Making } from "../../values/class.ts";
import type { ClassFunction } from "../../strands/registry.ts";
import { shared } from "../../realm/shared.ts";

export const partKind: Kind = {
  tag: "$member",
  instances: { has: (value) => shared.classParts !== undefined && shared.classParts.has(value) },
  named: true,
  encode(value, write) {
    const part = shared.classParts?.get(value) as ClassPart;
    const of = write(part.of, via(""));
    switch (part.kind) {
      case "prototype": return [of];
      case "member": return [of, part.on, write(part.key, via("")), part.role];
      case "field": return [of, "field", write(part.key, via("")), write(part.by, via(""))];
    }
  },
  create(payload, read) {
    const [of, where, key, last] = listPayload(payload);
    const owner = read(of ?? null, via(""));
    if (where === "field") return fieldOf(owner, read(key ?? null, via("")), makingOf(read(last ?? null, via(""))));
    const making = makingOf(owner);
    return where === undefined ? (owner as ClassFunction).prototype : memberOf(making, where, read(key ?? null, via("")), last);
  },
};

function makingOf(value: unknown): Making {
  const tag = typeof value === "function" ? shared.tags.get(value) : undefined;
  return tag?.kind === "class" ? tag.making : corrupt("expected a class made in a flow");
}

function memberOf(making: Making, where: Json, key: unknown, role: Json | undefined): object {
  if ((typeof key !== "string" && typeof key !== "symbol") || (role !== "value" && role !== "get" && role !== "set")) return corrupt("expected a member of a class");
  const properties = where === "static" ? making.statics : where === "prototype" ? making.members : corrupt("expected a member of a class");
  const member: unknown = properties.get(key)?.[role];
  // Others than its own are stored themselves.
  if (typeof member !== "function" || shared.classParts?.has(member) !== true) return fail((path) => new UnknownCodeError(path, String(key)));
  return member;
}

function fieldOf(owner: unknown, key: unknown, making: Making): object {
  if (typeof key !== "string" && typeof key !== "symbol") return corrupt("expected the key of a field");
  const made = making.owners.get(owner as object)?.get(key);
  if (made === undefined) return fail((path) => new UnknownCodeError(path, String(key)));
  return made;
}
