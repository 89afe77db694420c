// Errors: {"$e":{"class":"TypeError","message":…,"stack":…,"cause":…,"errors":…,"own":{fields},
// "hidden":{fields}}}, the last for further fields that are not enumerable.
//
// What is there is kept as own property, hidden as the language makes it; what is not there (an error without message,
// a cause of undefined against no cause) stays so. DOMException, the class of aborts, is {"$x":[message, name, stack]}.

import { listPayload, objectPayload, readFields, textPayload, writeFields } from "../fields.ts";
import { corrupt, refuse, type Json, type Kind, type Read, type Write } from "../kind.ts";
import { builtinModule } from "../node.ts";
import { isWellKnown } from "../scalars.ts";
import { isStackAccessor } from "./kept.ts";
import { shared } from "../../realm/shared.ts";
import { SuppressedError } from "../../realm/suppressed-error.ts";

const nameOfException = typeof DOMException === "function" ? (Object.getOwnPropertyDescriptor(DOMException.prototype, "name")?.get as ((this: object) => unknown) | undefined) : undefined;

const classes = new Map<string, ErrorConstructor | AggregateErrorConstructor | typeof SuppressedError>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError, SuppressedError].map((made) => [made.name, made]),
);

export function errorKinds(): readonly Kind[] {
  return typeof DOMException === "function" ? [error, domException()] : [error];
}

// In the order in which the language makes them; frames have the message first.
const hidden = ["stack", "message", "cause", "errors"] as const;
const written = ["message", "stack", "cause", "errors"] as const;
const isNativeError = (builtinModule("node:util")?.["types"] as { isNativeError?: (value: object) => boolean } | undefined)?.isNativeError;

const error: Kind<Error> = {
  tag: "$e",
  prototypes: [...classes.values()].map((made) => made.prototype as object),
  accepts: (value) => isNativeError?.(value) !== false,
  encode: encodeError,
  extras: (value) => (isUsual(value) ? none : storedKeys(value)),
  create(payload) {
    const made = classes.get(textPayload(objectPayload(payload)["class"]));
    if (made === undefined) return corrupt("`$e` names no error class");
    const value = (made === AggregateError ? new AggregateError([]) : new (made as ErrorConstructor)()) as Error;
    for (const key of Reflect.ownKeys(value)) Reflect.deleteProperty(value, key);
    return value;
  },
  fill: fillError,
};

function encodeError(value: Error, write: Write): Json {
  const payload: { [key: string]: Json } = { class: classNameOf(value) };
  if (!isUsual(value)) return payload;
  for (const key of written) if (isHidden(value, key)) payload[key] = write(value[key as "cause"], key);
  const own = furtherFields(value, true);
  const concealed = furtherFields(value, false);
  if (own !== undefined) payload["own"] = writeFields(own, write);
  if (concealed !== undefined) payload["hidden"] = writeFields(concealed, write);
  return payload;
}

function fillError(value: Error, payload: Json, read: Read): void {
  const parts = objectPayload(payload);
  for (const key of hidden) {
    if (!Object.hasOwn(parts, key)) continue;
    defineHidden(value, key, read(parts[key] ?? null, key));
  }
  if (Object.hasOwn(parts, "own")) readFields(parts["own"] ?? null, value, read);
  if (!Object.hasOwn(parts, "hidden")) return;
  const concealed = {};
  readFields(parts["hidden"] ?? null, concealed, read);
  for (const [key, part] of Object.entries(concealed)) {
    defineHidden(value, key, part);
  }
}

function defineHidden(value: object, key: string, part: unknown): void {
  Object.defineProperty(value, key, { value: part, writable: true, enumerable: false, configurable: true });
}

function classNameOf(value: Error): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  for (const [name, made] of classes) if (made.prototype === prototype) return name;
  return "Error";
}

/** `error.cause = x` makes a field like any other, `new Error(message, { cause: x })` a hidden one. */
function isHidden(value: Error, key: string): boolean {
  return Object.hasOwn(value, key) && !Object.prototype.propertyIsEnumerable.call(value, key);
}

const none: readonly PropertyKey[] = [];

/** Node hides symbols and a `toString` on its own errors, which are left out. */
function storedKeys(value: Error): readonly PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) => {
    const { enumerable, value: part } = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    if (enumerable === true) return true;
    if (typeof key === "symbol") return Symbol.keyFor(key) !== undefined || shared.symbols.has(key) || isWellKnown(key);
    return key !== "toString" || typeof part !== "function" || shared.tags.has(part);
  });
}

/** Whether its properties are such, and in such an order, as `fillError` makes them; others are stored one by one. */
function isUsual(value: Error): boolean {
  const keys = storedKeys(value);
  if (!keys.every((key) => isUsualProperty(value, key))) return false;
  const [first, last] = [hidden.filter((key) => isHidden(value, key)), keys.filter((key) => !isHidden(value, String(key)))];
  return [...first, ...last, ...keys.filter((key) => !last.includes(key) && !(first as readonly PropertyKey[]).includes(key))].every((key, index) => key === keys[index]);
}

function isUsualProperty(value: Error, key: PropertyKey): boolean {
  const property = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
  if (typeof key === "symbol") return false;
  if (!("value" in property)) return isStackAccessor(value, key);
  if (property.enumerable !== true && typeof property.value === "function") return false;
  return (property.writable === true && property.configurable === true) || Object.isFrozen(value) || (Object.isSealed(value) && property.writable === true);
}

/** What else the error carries, either shown or hidden. */
function furtherFields(value: Error, enumerable: boolean): object | undefined {
  let fields: object | undefined;
  for (const key of storedKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    if (property.enumerable !== enumerable || (!enumerable && (hidden as readonly PropertyKey[]).includes(key))) continue;
    fields ??= {};
    const shown = { ...property, enumerable: true, configurable: true };
    Object.defineProperty(fields, key, "value" in property ? { ...shown, writable: true } : shown);
  }
  return fields;
}

function isDomException(value: object): boolean {
  try {
    return typeof nameOfException?.call(value) === "string";
  } catch {
    return false;
  }
}

function isStackOnly(value: DOMException): boolean {
  const [key, ...more] = Reflect.ownKeys(value);
  if (key === undefined) return !Object.hasOwn(new DOMException(), "stack");
  if (key !== "stack" || more.length > 0) return false;
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
  return enumerable === false && ((writable !== false && configurable === true) || Object.isFrozen(value) || (writable === true && Object.isSealed(value)));
}

function domException(): Kind<DOMException> {
  return {
    tag: "$x",
    prototypes: [DOMException.prototype],
    accepts: isDomException,
    encode: (value) => [value.message, value.name, value.stack ?? ""],
    extras: (value) => (isStackOnly(value) ? none : refuse("a DOMException with properties of its own", "Wrap it: new Error(text, { cause: exception }).")),
    create(payload) {
      const [message, name, stack] = listPayload(payload);
      const value = new DOMException(textPayload(message), textPayload(name));
      defineHidden(value, "stack", textPayload(stack));
      return value;
    },
  };
}
