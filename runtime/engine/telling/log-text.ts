// What is given to a log, as a text and as data.
//
//   log("sent", 3, { to: "ann" })  ──►  "sent 3", { to: "ann" }

import { inspect, types } from "node:util";
import { textOf } from "../../record/error-info.ts";
import { entriesOf, shortened } from "./log-value.ts";

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
  const errors = values.flatMap((value) => (types.isNativeError(value) ? [["error", textOf(() => value.stack)] as [string, unknown]] : []));
  const fields = [...errors, ...values.slice(from).flatMap((value) => entriesOf(value as object))];
  return { message: said.map(wordOf).join(" "), fields: fields.length === 0 ? undefined : Object.fromEntries(fields) };
}

/** What of it is kept, as JSON can say it: bounded, whatever it was. */
export function keptOf({ message, fields }: Told): { readonly message: string; readonly fields?: unknown } {
  return { message: cut(message), ...(fields === undefined ? {} : { fields: shortened(fields, 2 * longest).value }) };
}

export function cut(text: string, length = longest): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function wordOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (types.isNativeError(value) || typeof value !== "object" || value === null) return textOf(() => value);
  const { value: short, isWhole } = shortened(value, longest);
  if (isWhole) return textOf(() => inspect(value, { depth: 3, breakLength: Infinity, maxArrayLength: 20 }));
  return typeof short === "string" ? short : inspect(short, { depth: 3, breakLength: Infinity, maxArrayLength: null });
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null;
  } catch {
    // A proxy.
    return false;
  }
}
