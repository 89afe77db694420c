// What is given to a log, as a text and as data.
//
//   log("sent", 3, { to: "ann" })  ──►  "sent 3", { to: "ann" }

import { inspect, types } from "node:util";
import { textOf } from "../error-info.ts";

export interface Told {
  readonly message: string;
  /** The plain objects that came last; the stack of an error as `error`. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** Code units. */
const longest = 1_000;

export function toldOf(values: readonly unknown[]): Told {
  const from = values.findLastIndex((value) => !isPlain(value)) + 1;
  // An object alone is what is said.
  const said = from === 0 ? values : values.slice(0, from);
  const errors = values.filter((value) => types.isNativeError(value)).map((error) => ({ error: textOf(() => error.stack) }));
  const fields = Object.assign(Object.create(null), ...errors, ...values.slice(from)) as Record<string, unknown>;
  return { message: said.map(wordOf).join(" "), fields: Object.keys(fields).length === 0 ? undefined : { ...fields } };
}

/** What of it is kept, as JSON can say it: bounded, whatever it was. */
export function keptOf({ message, fields }: Told): { readonly message: string; readonly fields?: unknown } {
  return { message: cut(message), ...(fields === undefined ? {} : { fields: keptFields(fields) }) };
}

export function cut(text: string, length = longest): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function keptFields(fields: Readonly<Record<string, unknown>>): unknown {
  const text = textOf(() => JSON.stringify(fields, (_name, value: unknown) => plainOf(value)) ?? "{}");
  if (text.length <= 2 * longest) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return { text };
    }
  }
  return { text: cut(text, 2 * longest) };
}

/** What JSON has no form for, or would show as `{}`. */
function plainOf(value: unknown): unknown {
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function") return String(value);
  if (types.isNativeError(value)) return textOf(() => value);
  if (types.isMap(value) || types.isSet(value)) return [...value as Iterable<unknown>];
  return value;
}

function wordOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (types.isNativeError(value) || typeof value !== "object" || value === null) return textOf(() => value);
  return textOf(() => inspect(value, { depth: 3, breakLength: Infinity, maxArrayLength: 20, maxStringLength: longest }));
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
