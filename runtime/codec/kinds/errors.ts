// Errors: {"$e":{"class":"TypeError","message":…,"stack":…,"cause":…,"errors":…,"own":{fields},
// "hidden":{fields}}}, the last for further fields that are not enumerable.
//
// What is there is kept as own property, hidden as the language makes it; what is not there (an error without message,
// a cause of undefined against no cause) stays so. DOMException, the class of aborts, is {"$x":[message, name, stack]}.

import { define, listPayload, objectPayload, readFields, textPayload, writeFields } from "../fields.ts";
import { corrupt, type Json, type Kind, type Read, type Write } from "../kind.ts";

// Of hosts that have `using`.
const { SuppressedError } = globalThis as { SuppressedError?: unknown } as { SuppressedError?: ErrorConstructor };

const classes = new Map<string, ErrorConstructor | AggregateErrorConstructor>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError, ...(SuppressedError ? [SuppressedError] : [])].map((made) => [made.name, made]),
);

export function errorKinds(): readonly Kind[] {
  return typeof DOMException === "function" ? [error, domException()] : [error];
}

const hidden = ["message", "stack", "cause", "errors"] as const;

const error: Kind<Error> = {
  tag: "$e",
  prototypes: [...classes.values()].map((made) => made.prototype as object),
  encode: encodeError,
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
  for (const key of hidden) {
    if (!isHidden(value, key)) continue;
    // Some versions of V8 show the stack as an accessor, and its getter formats it once.
    payload[key] = write(value[key as "cause"], key);
  }
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
    define(value, key, read(parts[key] ?? null, key));
    Object.defineProperty(value, key, { enumerable: false });
  }
  if (Object.hasOwn(parts, "own")) readFields(parts["own"] ?? null, value, read);
  if (!Object.hasOwn(parts, "hidden")) return;
  const concealed = {};
  readFields(parts["hidden"] ?? null, concealed, read);
  for (const [key, part] of Object.entries(concealed)) {
    define(value, key, part);
    Object.defineProperty(value, key, { enumerable: false });
  }
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

/**
 * What else the error carries, either shown or hidden. Node hides symbols and a `toString` on
 * its own errors, which are left out.
 */
function furtherFields(value: Error, enumerable: boolean): object | undefined {
  let fields: object | undefined;
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    if (property.enumerable !== enumerable || (!enumerable && (hidden as readonly PropertyKey[]).includes(key))) continue;
    if (!enumerable && (typeof property.value === "function" || typeof key === "symbol")) continue;
    fields ??= {};
    const shown = { ...property, enumerable: true, configurable: true };
    Object.defineProperty(fields, key, "value" in property ? { ...shown, writable: true } : shown);
  }
  return fields;
}

function domException(): Kind<DOMException> {
  return {
    tag: "$x",
    prototypes: [DOMException.prototype],
    encode: (value) => [value.message, value.name, value.stack ?? ""],
    create(payload) {
      const [message, name, stack] = listPayload(payload);
      const value = new DOMException(textPayload(message), textPayload(name));
      define(value, "stack", textPayload(stack));
      Object.defineProperty(value, "stack", { enumerable: false });
      return value;
    },
  };
}
