// What an expression had read of a module before an await: by name while the module still says the same (reference.ts).

import type { Json, Kind, Read, Write } from "../../codec/kind.ts";
import { textPayload } from "../../codec/fields.ts";
import { Reference } from "../../values/reference.ts";

export const referenceKind: Kind<Reference> = {
  tag: "$mod",
  prototypes: [Reference.prototype],
  encode(stored: Reference, write: Write): Json {
    if (!stored.held || isUnchanged(stored)) return stored.text;
    return [stored.text, write(stored.value, "value")];
  },
  create(payload: Json): Reference {
    const held = Array.isArray(payload);
    return new Reference(textPayload(held ? payload[0] : payload), undefined, undefined, held);
  },
  fill(stored: Reference, payload: Json, read: Read): void {
    if (Array.isArray(payload)) stored.value = read(payload[1] as Json, "value");
  },
};

/** Numbers and strings are stored: the module that holds them starts anew in the next process. */
function isUnchanged({ value, read }: Reference): boolean {
  if ((typeof value !== "object" || value === null) && typeof value !== "function" && typeof value !== "symbol") return false;
  return read !== undefined && read() === value;
}
