// Primitives in objects: new Number(1) {"$o":1}, Object("s"), Object(1n), Object(Symbol.for("k")).

import { extraKeys } from "../fields.ts";
import { corrupt, via, type Json, type Kind } from "../kind.ts";
import { isIndex } from "../structures.ts";

const valueOf = new Map<object, (this: object) => unknown>([
  [Number.prototype, Number.prototype.valueOf as (this: object) => unknown],
  [String.prototype, String.prototype.valueOf as (this: object) => unknown],
  [Boolean.prototype, Boolean.prototype.valueOf as (this: object) => unknown],
  [BigInt.prototype, BigInt.prototype.valueOf as (this: object) => unknown],
  [Symbol.prototype, Symbol.prototype.valueOf as (this: object) => unknown],
]);

export const boxed: Kind = {
  tag: "$o",
  prototypes: [...valueOf.keys()],
  encode(value, write): Json {
    const unbox = valueOf.get(Object.getPrototypeOf(value) as object);
    return write(unbox?.call(value), via(""));
  },
  // The characters of a boxed string are properties of it.
  extras: (value) => (isText(value) ? extraKeys(value, (key) => key === "length" || isIndex(key, (value as { length: number }).length)) : extraKeys(value)),
  create(payload, read) {
    const primitive = read(payload, via(""));
    const value = Object(primitive) as object;
    // Of an object and a function `Object` gives the same, of null and undefined a plain object.
    return value !== primitive && valueOf.has(Object.getPrototypeOf(value) as object) ? value : corrupt("`$o` must hold a primitive");
  },
};

function isText(value: object): boolean {
  return Object.getPrototypeOf(value) === String.prototype;
}
