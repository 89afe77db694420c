// Seeded chance, and random object graphs of every kind of value.

import { Money } from "./values.ts";

interface Random {
  /** A whole number from 0 to `below`, exclusive. */
  integer(below: number): number;
  pick<T>(list: readonly T[]): T;
}

/** The same numbers for the same seed (mulberry32). */
export function random(seed: number): Random {
  let state = seed;
  const integer = (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
  return { integer, pick: (list) => list[integer(list.length)] as never };
}

const keys = ["a", "b", "$", "$ref", "$$x", "", "0", "10", "__proto__", "toJSON", "x y", "\ud800", "v", "heap"];

/** A graph with sharing and cycles; `plain` keeps to JSON's own values and a tree. */
export function graph({ integer, pick }: Random, size: number, plain: boolean): unknown {
  const objects: object[] = [];
  let left = size;

  const scalar = (): unknown => {
    const common = [0, 1, -1.5, 1e21, "", "text", "$ref", "\u0000\n\"", "€😀\udc00", true, false, null];
    return pick(plain ? common : [...common, undefined, NaN, -0, -Infinity, 10n, -(2n ** 70n), Symbol.for("s"), Symbol.iterator]);
  };

  const value = (): unknown => {
    if (left-- <= 0 || integer(4) === 0) return scalar();
    if (!plain && objects.length > 0 && integer(4) === 0) return pick(objects);
    return pick(plain ? [list, fields] : [list, list, fields, fields, map, set, sparse, leaf, error, money, bare, frozen, view])();
  };

  const met = <T extends object>(object: T): T => {
    objects.push(object);
    return object;
  };
  const put = (object: object, key: string, part: unknown): void => {
    Object.defineProperty(object, key, { value: part, writable: true, enumerable: true, configurable: true });
  };
  const times = (work: () => void): void => {
    for (let count = integer(5); count > 0; count--) work();
  };

  const list = (): unknown => {
    const made = met([] as unknown[]);
    times(() => made.push(value()));
    return made;
  };
  const fields = (): unknown => {
    const made = met({});
    times(() => put(made, pick(keys), value()));
    return made;
  };
  const bare = (): unknown => {
    const made = met(Object.create(null) as object);
    times(() => put(made, pick(keys), value()));
    return made;
  };
  const map = (): unknown => {
    const made = met(new Map());
    times(() => made.set(value(), value()));
    return made;
  };
  const set = (): unknown => {
    const made = met(new Set());
    times(() => made.add(value()));
    return made;
  };
  const sparse = (): unknown => {
    const made = met(new Array(1 + integer(20)) as unknown[]);
    times(() => (made[integer(made.length)] = value()));
    return made;
  };
  const error = (): unknown => {
    const made = met(pick([Error, TypeError, RangeError]).prototype === Error.prototype ? new Error("m") : new TypeError("t", { cause: value() }));
    times(() => put(made, `f${integer(3)}`, value()));
    return made;
  };
  const money = (): unknown => {
    const made = met(new Money(integer(9)));
    times(() => put(made, pick(keys), value()));
    return made;
  };
  const frozen = (): unknown => Object.freeze(pick([list, fields, map])());
  const buffers = [new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer, new ArrayBuffer(0)];
  const view = (): unknown => {
    const buffer = pick(buffers);
    return pick([() => buffer, () => met(new Uint8Array(buffer, integer(buffer.byteLength + 1))), () => met(new Uint16Array(buffer, 0)), () => met(new DataView(buffer))])();
  };
  const leaf = (): unknown => met(pick([() => new Date(integer(1e9)), () => /a/gi, () => new URL("http://x/"), () => Object(integer(3)) as object, () => Buffer.alloc(2, 1)])());

  return value();
}
