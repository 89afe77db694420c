// Any value of a run as JSON, for programs that read what a command prints: what JSON lacks is told in its nearest form.

import { types } from "node:util";

export function jsonText(value: unknown, space?: number): string {
  return JSON.stringify(plain(value, []), null, space) ?? "null";
}

/** `above`: the objects that it lies in. */
function plain(value: unknown, above: readonly object[]): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function") return `(function ${value.name})`;
  if (typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (above.includes(value)) return "(what it lies in)";
  const inner = [...above, value];
  if ("toJSON" in value && typeof value.toJSON === "function" && !types.isDate(value)) return plain(value.toJSON(), inner);
  const list = (values: Iterable<unknown>): unknown[] => Array.from(values, (one) => plain(one, inner));
  if (Array.isArray(value) || types.isSet(value)) return list(value);
  if (types.isMap(value)) return Array.from(value, list);
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (types.isRegExp(value) || value instanceof URL || value instanceof URLSearchParams) return String(value);
  if (types.isUint8Array(value)) return Buffer.from(value).toString("base64");
  if (types.isTypedArray(value)) return list(value as Iterable<unknown>);
  const fields: object = types.isNativeError(value) ? Object.assign({ name: value.name, message: value.message }, value) : value;
  return Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, plain(one, inner)]));
}
