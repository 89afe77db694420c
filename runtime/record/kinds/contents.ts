// What instances of classes derived from the language's own keep outside their properties: elements, entries, a time.
//
// An instance is stored as a plain object of the built-in class, with the same contents and nothing else, beside its
// properties; read back, that object becomes the instance.

import { refuse, Unplaced } from "../../codec/kind.ts";
import { isExotic, tellsExotic } from "../../codec/exotic.ts";

interface Contents {
  readonly name: string;
  readonly prototype: object;
  /** A plain object of the built-in class; throws for what only has its prototype. */
  readonly copy: (value: never) => object;
  /** Properties that are contents. */
  readonly holds?: (value: never, key: string) => boolean;
}

const timeOf = Date.prototype.getTime;
const sourceOf = Object.getOwnPropertyDescriptor(RegExp.prototype, "source")?.get as () => string;
const flagsOf = Object.getOwnPropertyDescriptor(RegExp.prototype, "flags")?.get as () => string;
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const viewName = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)?.get as () => string;
const errors = [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, Error];

const known: readonly Contents[] = [
  { name: "Array", prototype: Array.prototype, copy: elements, holds: (_, key) => key === "length" || isIndex(key) },
  { name: "Map", prototype: Map.prototype, copy: (value: Map<unknown, unknown>) => new Map(Map.prototype.entries.call(value)) },
  { name: "Set", prototype: Set.prototype, copy: (value: Set<unknown>) => new Set(Set.prototype.values.call(value)) },
  { name: "Date", prototype: Date.prototype, copy: (value: Date) => new Date(timeOf.call(value)) },
  { name: "RegExp", prototype: RegExp.prototype, copy: pattern, holds: (_, key) => key === "lastIndex" },
  { name: "a typed array", prototype: typedArray, copy: view, holds: (_, key) => isIndex(key) },
  ...[Number, Boolean, BigInt, Symbol].map((made) => ({ name: made.name, prototype: made.prototype as object, copy: (value: never) => Object((made.prototype.valueOf as () => unknown).call(value)) as object })),
  { name: "String", prototype: String.prototype, copy: (value: string) => Object(String.prototype.valueOf.call(value)) as object, holds: (_, key) => key === "length" || isIndex(key) },
  ...errors.map((made) => ({ name: made.name, prototype: made.prototype as object, copy: () => bareError(made) })),
];

interface Held {
  /** Undefined where all there is are properties. */
  readonly contents: object | undefined;
  readonly holds: (key: PropertyKey) => boolean;
}

/** Of an object with the prototypes of `chain`, nearest first. */
export function contentsOf(value: object, chain: readonly object[]): Held {
  for (const prototype of chain) {
    const found = known.find((each) => each.prototype === prototype);
    if (found !== undefined) {
      // Made by Object.create, or by a function that inherits from another.
      if (tellsExotic && !isExotic(value)) return none;
      const contents = attempt(() => found.copy(value as never)) ?? refuse(`an object with the prototype of ${found.name}, but none`);
      return { contents, holds: (key) => typeof key === "string" && found.holds?.(value as never, key) === true };
    }
    // Of a typed array the next one is known.
    const name = prototype === Object.prototype || Object.getPrototypeOf(prototype) === typedArray ? undefined : nativeName(prototype);
    if (name !== undefined) refuse(`an instance of a class that extends ${name}`, `What ${name} keeps cannot be read from outside: keep it in a field, or keep plain data.`);
  }
  if (isExotic(value)) refuse("a built-in object with the prototype of another class");
  return none;
}

const none: Held = { contents: undefined, holds: () => false };

function attempt(copy: () => object): object | undefined {
  try {
    return copy();
  } catch (error) {
    if (error instanceof Unplaced) throw error;
    return undefined;
  }
}

function nativeName(prototype: object): string | undefined {
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof made !== "function" || !/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(made))) return undefined;
  return made.name;
}

function elements(value: readonly unknown[]): unknown[] {
  if (!Array.isArray(value)) throw new TypeError("not an array");
  const copy: unknown[] = [];
  copy.length = value.length;
  if (Object.getOwnPropertyDescriptor(value, "length")?.writable !== true && !Object.isFrozen(value)) refuse("an array whose length is read-only");
  for (const key of Object.getOwnPropertyNames(value)) {
    if (!isIndex(key)) continue;
    const { writable, enumerable, configurable, ...property } = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    if (!enumerable || ((!writable || !configurable) && !Object.isFrozen(value) && !(writable && Object.isSealed(value)))) refuse(`an array whose element ${key} is hidden, read-only, fixed or an accessor`);
    Object.defineProperty(copy, key, { ...property, writable: true, enumerable: true, configurable: true });
  }
  return copy;
}

function pattern(value: RegExp): RegExp {
  const copy = new RegExp(sourceOf.call(value), flagsOf.call(value));
  copy.lastIndex = value.lastIndex;
  return copy;
}

function view(value: Uint8Array): object {
  const made = (globalThis as unknown as Record<string, typeof Uint8Array>)[viewName.call(value)] as typeof Uint8Array;
  return new made(value.buffer, value.byteOffset, value.length);
}

function bareError(made: ErrorConstructor): Error {
  const copy = new made();
  for (const key of Reflect.ownKeys(copy)) Reflect.deleteProperty(copy, key);
  return copy;
}

function isIndex(key: string): boolean {
  return /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 4_294_967_295;
}
