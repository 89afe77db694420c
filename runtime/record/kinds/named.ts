// What is stored by name, since the code has it: {"$tpl": id} the strings of a tagged template, {"$tpl": [id]} their `raw`,
// {"$ctx": name} a context, {"$ext": name} an object of module state.

import { fail, type Kind } from "../../codec/kind.ts";
import { textPayload } from "../../codec/fields.ts";
import { noteName } from "../../codec/noted.ts";
import { Context } from "../../api/context.ts";
import { UnknownCodeError, UnknownExternalError } from "../../errors/codec.ts";
import { shared } from "../../realm/shared.ts";

export const templateKind: Kind = {
  tag: "$tpl",
  instances: shared.templateIds,
  fromBirth: true,
  named: true,
  encode(strings) {
    const id = named("template", shared.templateIds.get(strings) as string);
    return "raw" in strings ? id : [id];
  },
  create: (payload) => (Array.isArray(payload) ? known(shared.templates, textPayload(payload[0])).raw : known(shared.templates, textPayload(payload))),
};

export const contextKind: Kind<Context<unknown>> = {
  tag: "$ctx",
  prototypes: [Context.prototype],
  named: true,
  encode: ({ name }) => named("context", name),
  create: (payload) => known(shared.contexts, textPayload(payload)),
};

export const externalKind: Kind = {
  tag: "$ext",
  instances: { has: (value) => shared.externals !== undefined && shared.externals.names.has(value) },
  named: true,
  encode: (value) => named("external", shared.externals?.names.get(value) as string),
  create(payload) {
    const name = textPayload(payload);
    const found = shared.externals?.named.get(name);
    if (found === undefined) return fail((path) => new UnknownExternalError(path, name));
    return found;
  },
};

function named(kind: string, name: string): string {
  noteName(kind, name);
  return name;
}

function known<T>(map: ReadonlyMap<string, T>, id: string): T {
  const value = map.get(id);
  if (value === undefined) return fail((path) => new UnknownCodeError(path, id));
  return value;
}
