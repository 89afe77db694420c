// {"$member": [class]}: the prototype of a class made in a flow.    {"$member": [class, "static", key, "get"]}: a function its
// text makes; on the class itself or ("prototype") for its instances; "value", "get" or "set" of the key.
// {"$member": [instance, "field", key, class]}: a function written as the value of a field in the text of that class.
//
// A build need not have each of them: the shape of the run names those that it holds.

import { corrupt, fail, type Json, type Kind, via } from "../../codec/kind.ts";
import { listPayload } from "../../codec/fields.ts";
import { note } from "../../codec/noted.ts";
import { UnknownCodeError } from "../../errors/codec.ts";
import type { ClassPart } from "../../values/class.ts";
import type { ClassFunction } from "../../strands/registry.ts";
import { shared } from "../../realm/shared.ts";
import { type MemberAtom, type MemberRole, printAtom } from "../../versions/atoms.ts";
import { memberName, roleOf } from "../../versions/members.ts";
import { classTag } from "./class.ts";

export const partKind: Kind = {
  tag: "$member",
  instances: { has: (value) => shared.classParts !== undefined && shared.classParts.has(value) },
  fromBirth: true,
  named: true,
  encode(value, write) {
    const part = shared.classParts?.get(value) as ClassPart;
    const of = write(part.of, via(""));
    if (part.kind === "prototype") return [of];
    const key = write(part.key, via(""));
    const payload = part.kind === "member" ? [of, part.on, key, part.role] : [of, "field", key, write(part.by, via(""))];
    note(printAtom(atomOf(part)));
    return payload;
  },
  create(payload, read) {
    const [of, where, key, last] = listPayload(payload);
    const owner = read(of ?? null, via(""));
    if (where === "field") return fieldOf(owner, read(key ?? null, via("")), classOf(read(last ?? null, via(""))));
    const made = classOf(owner);
    return where === undefined ? made.prototype : memberOf(made, where, read(key ?? null, via("")), last);
  },
};

function atomOf(part: Exclude<ClassPart, { readonly kind: "prototype" }>): MemberAtom {
  const { key } = part;
  const isField = part.kind === "field";
  const { id, making } = classTag(isField ? part.by : part.of);
  const at = making.keys.flatMap((one, place) => (one === key ? [place] : []));
  const place = isField ? { static: part.of === part.by, role: "field" as const } : { static: part.on === "static", role: roleOf(part.role) };
  return { kind: "member", id, ...place, key: typeof key === "symbol" ? undefined : String(key), at };
}

function classOf(value: unknown): ClassFunction {
  const tag = typeof value === "function" ? shared.tags.get(value) : undefined;
  return tag?.kind === "class" ? (value as ClassFunction) : corrupt("expected a class made in a flow");
}

function memberOf(made: ClassFunction, where: Json, key: unknown, role: Json | undefined): object {
  if ((typeof key !== "string" && typeof key !== "symbol") || (role !== "value" && role !== "get" && role !== "set")) return corrupt("expected a member of a class");
  const { making } = classTag(made);
  const properties = where === "static" ? making.statics : where === "prototype" ? making.members : corrupt("expected a member of a class");
  const member: unknown = properties.get(key)?.[role];
  // Others than its own are stored themselves.
  return typeof member === "function" && shared.classParts?.has(member) === true ? member : notThere(made, where === "static", roleOf(role), key);
}

function fieldOf(owner: unknown, key: unknown, made: ClassFunction): object {
  if (typeof key !== "string" && typeof key !== "symbol") return corrupt("expected the key of a field");
  return classTag(made).making.owners.get(owner as object)?.get(key) ?? notThere(made, owner === made, "field", key);
}

function notThere(made: ClassFunction, isOn: boolean, role: MemberRole, key: string | symbol): never {
  const name = memberName({ id: classTag(made).id, static: isOn, role, key: typeof key === "symbol" ? undefined : key });
  return fail((path) => new UnknownCodeError(path, name));
}
