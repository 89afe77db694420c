// {"$err": [class, {message, stack, cause, fields…}]}: errors of deflow, so that `instanceof` and `code` hold after a stop.

import { define, listPayload, objectPayload, textPayload } from "../../codec/fields.ts";
import { type Json, type Kind, refuse } from "../../codec/kind.ts";
import { isStackAccessor } from "../../codec/kinds/kept.ts";
import { errorPrototype, errorPrototypes } from "../../errors/classes.ts";
import { type DeflowError, isDeflowError } from "../../errors/error.ts";

const hidden: ReadonlySet<string> = new Set(["message", "stack", "cause"]);

/** Of the sort that `fill` makes. */
function isUsual(error: DeflowError, key: string | symbol): boolean {
  if (typeof key === "symbol") return false;
  const { writable, enumerable, configurable, get } = Object.getOwnPropertyDescriptor(error, key) as PropertyDescriptor;
  if (enumerable === hidden.has(key)) return false;
  return get !== undefined ? isStackAccessor(error, key) : (writable === true && configurable === true) || Object.isFrozen(error) || (writable === true && Object.isSealed(error));
}

function isKnown(name: string): boolean {
  return /^[A-Z][A-Za-z]*Error$/.test(name);
}

export const errorKind: Kind<DeflowError> = {
  tag: "$err",
  prototypes: errorPrototypes,
  // Of another copy of the package.
  test: (value) => isDeflowError(value),
  encode(error, write) {
    const usual = Reflect.ownKeys(error).every((key) => isUsual(error, key));
    const fields: { [key: string]: Json } = {};
    if (usual) for (const name of Object.getOwnPropertyNames(error)) define(fields, name, write(error[name as "message"], name));
    if (Object.getOwnPropertyDescriptor(error, "name")?.value !== undefined && !isKnown(error.name)) refuse("an error of deflow that was given another name", "Wrap it: new Error(text, { cause: error }).");
    return [error.name, fields];
  },
  extras: (error) => (Reflect.ownKeys(error).every((key) => isUsual(error, key)) ? [] : Reflect.ownKeys(error)),
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
