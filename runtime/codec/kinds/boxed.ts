// Primitives in objects: new Number(1) {"$o":1}, Object("s"), Object(1n), Object(Symbol.for("k")).

import { noExtras } from "../fields.ts";
import { corrupt, refuse, via, type Json, type Kind } from "../kind.ts";

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
    const primitive = unbox?.call(value);
    if (typeof primitive === "string") checkText(value, primitive);
    else noExtras(value, "a boxed primitive");
    return write(primitive, via(""));
  },
  create(payload, read) {
    const primitive = read(payload, via(""));
    const value = Object(primitive) as object;
    // Of an object and a function `Object` gives the same, of null and undefined a plain object.
    return value !== primitive && valueOf.has(Object.getPrototypeOf(value) as object) ? value : corrupt("`$o` must hold a primitive");
  },
};

// The characters of a boxed string are properties of it.
function checkText(value: object, text: string): void {
  const keys = Reflect.ownKeys(value);
  if (keys.length > text.length + 1) refuse(`a boxed string with the extra property \`${String(keys.at(-1))}\``);
}
