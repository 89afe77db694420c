// {"$err": [class, {message, stack, cause, fields…}]}: errors of deflow, so that `instanceof` and `code` hold after a stop.

import { define, listPayload, objectPayload, textPayload } from "../codec/fields.ts";
import type { Json, Kind } from "../codec/kind.ts";
import { errorPrototype, errorPrototypes } from "../errors/classes.ts";
import { type DeflowError, isDeflowError } from "../errors/error.ts";

const hidden: ReadonlySet<string> = new Set(["message", "stack", "cause"]);

export const errorKind: Kind<DeflowError> = {
  tag: "$err",
  prototypes: errorPrototypes,
  // Of another copy of the package.
  test: (value) => isDeflowError(value),
  encode(error, write) {
    const fields: { [key: string]: Json } = {};
    for (const name of Object.getOwnPropertyNames(error)) define(fields, name, write(error[name as "message"], name));
    return [error.name, fields];
  },
  create(payload) {
    const error = new Error() as DeflowError;
    for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
    return Object.setPrototypeOf(error, errorPrototype(textPayload(listPayload(payload)[0]))) as DeflowError;
  },
  fill(error, payload, read) {
    for (const [name, part] of Object.entries(objectPayload(listPayload(payload)[1]))) {
      Object.defineProperty(error, name, { value: read(part, name), enumerable: !hidden.has(name), writable: true, configurable: true });
    }
  },
};
