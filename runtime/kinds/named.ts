// What is stored by name, since the code has it: {"$tpl": id} the strings of a tagged template, {"$ctx": name} a context.

import type { Kind } from "../codec/kind.ts";
import { textPayload } from "../codec/fields.ts";
import { Context } from "../api/context.ts";
import { UnknownCodeError } from "../errors/codec.ts";
import { shared } from "../shared.ts";

export const templateKind: Kind = {
  tag: "$tpl",
  instances: shared.templateIds,
  named: true,
  encode: (strings) => shared.templateIds.get(strings) as string,
  create: (payload) => known(shared.templates, textPayload(payload)),
};

export const contextKind: Kind<Context<unknown>> = {
  tag: "$ctx",
  prototypes: [Context.prototype],
  named: true,
  encode: ({ name }) => name,
  create: (payload) => known(shared.contexts, textPayload(payload)),
};

function known<T>(map: ReadonlyMap<string, T>, id: string): T {
  const value = map.get(id);
  if (value === undefined) throw new UnknownCodeError("", id);
  return value;
}
