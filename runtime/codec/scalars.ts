// Values that JSON has no word for and that are no objects. Only unique symbols have an identity: the heap keeps it.
//
//   undefined {"$u":0}   NaN, ±Infinity, -0 {"$n":"NaN"}   bigint {"$b":"10"}
//   Symbol.for("k") {"$y":"k"}   Symbol.iterator {"$w":"iterator"}   Symbol("k") made in a flow {"$yu":"k"}

import { corrupt, refuse, type Json } from "./kind.ts";
import { symbol } from "../realm/symbol.ts";
import { textPayload } from "./fields.ts";
import { exceed, type Limits } from "./limits.ts";

export function encodeNumber(value: number): Json {
  if (value - value === 0 && (value !== 0 || 1 / value > 0)) return value;
  return { $n: Object.is(value, -0) ? "-0" : String(value) };
}

export function encodeBigint(value: bigint, limits: Limits): Json {
  // Compared before it is printed: printing is quadratic in the digits.
  const bound = boundOf(limits.digits);
  if (value >= bound || value <= -bound) exceed("a bigint in decimal digits", limits.digits);
  return { $b: value.toString() };
}

export function encodeSymbol(value: symbol): Json {
  const key = Symbol.keyFor(value);
  if (key !== undefined) return { $y: key };
  const name = wellKnown().names.get(value);
  if (name !== undefined) return { $w: name };
  return refuse(
    `the unique symbol \`${String(value)}\``,
    "Make it inside the flow, or with Symbol.for(key): a stored copy of this one would be equal only to itself.",
  );
}

export const scalarTags: ReadonlyMap<string, (payload: Json, limits: Limits) => unknown> = new Map<
  string,
  (payload: Json, limits: Limits) => unknown
>([
  ["$u", (payload) => (payload === 0 ? undefined : corrupt("`$u` must be 0"))],
  ["$n", decodeNumber],
  ["$b", decodeBigint],
  ["$y", (payload) => (typeof payload === "string" ? Symbol.for(payload) : corrupt("`$y` must be a string"))],
  ["$yu", decodeUnique],
  ["$w", (payload) => wellKnown().symbols.get(payload) ?? corrupt("`$w` names no well-known symbol")],
]);

function decodeUnique(payload: Json): symbol {
  return symbol(payload === null ? undefined : textPayload(payload));
}

const numbers = new Map<unknown, number>([
  ["-0", -0],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

function decodeNumber(payload: Json): number {
  return numbers.get(payload) ?? corrupt("`$n` must be NaN, Infinity, -Infinity or -0");
}

function decodeBigint(payload: Json, limits: Limits): bigint {
  if (typeof payload !== "string" || !/^(0|-?[1-9]\d*)$/.test(payload)) corrupt("`$b` must be a decimal number");
  const digits = payload.startsWith("-") ? payload.length - 1 : payload.length;
  if (digits > limits.digits) exceed(`a bigint of ${digits} digits`, limits.digits);
  return BigInt(payload);
}

let boundDigits = 0;
let bound = 1n;
function boundOf(digits: number): bigint {
  if (digits !== boundDigits) {
    bound = 10n ** BigInt(digits);
    boundDigits = digits;
  }
  return bound;
}

export function isWellKnown(value: symbol): boolean {
  return wellKnown().names.has(value);
}

interface WellKnown {
  readonly names: Map<symbol, string>;
  readonly symbols: Map<unknown, symbol>;
}

let symbols: WellKnown | undefined;
function wellKnown(): WellKnown {
  if (symbols !== undefined) return symbols;
  symbols = { names: new Map(), symbols: new Map() };
  for (const name of Object.getOwnPropertyNames(Symbol)) {
    const value = (Symbol as unknown as Record<string, unknown>)[name];
    // Some environments add a registered or private symbol here; only the language's own have this description.
    if (typeof value !== "symbol" || value.description !== `Symbol.${name}`) continue;
    symbols.names.set(value, name);
    symbols.symbols.set(name, value);
  }
  return symbols;
}
