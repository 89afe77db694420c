// What a statement works on, as rows: the parameters of one, or arrays of many. The rest of the statement is the same text for both.
//
//   one    select $1::bigint as ord, $2::text as id           Postgres knows that it is one row, so its plan holds however the tables grow
//   many   select * from unnest($1::bigint[], $2::text[]) as x (ord, id)

import type { Query, Value } from "./connection.ts";
import { hash } from "./hash.ts";

export type Type = "bigint" | "integer" | "text" | "boolean" | "uuid";
type Scalar = string | number | boolean | null;

export type Columns<T> = Readonly<Record<string, readonly [Type, (item: T) => Scalar | undefined]>>;

export class Parameters {
  readonly values: Value[] = [];

  /** `isStable`: its plan holds however the tables grow, so it is made once for each connection. */
  query(text: string, isStable: boolean): Query {
    return { text, values: this.values, ...(isStable ? { name: nameOf(text) } : {}) };
  }

  /** As `$n`, with its type. */
  add(value: Value, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }

  /** Of one item or more. Beside the columns each has its place in the list, `ord`. */
  source<T>(items: readonly T[], columns: Columns<T>): string {
    const all = Object.entries(columns);
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      return `select 0::bigint as ord, ${all.map(([name, [type, of]]) => `${this.add(of(only) ?? null, type)} as ${name}`).join(", ")}`;
    }
    const arrays = all.map(([, [type, of]]) => this.add(items.map((item) => of(item) ?? null), `${type}[]`));
    return `select * from unnest(${[this.add(items.map((_, at) => at), "bigint[]"), ...arrays].join(", ")}) as x (ord, ${all.map(([name]) => name).join(", ")})`;
  }

  /** Of any number, of any sizes: as JSON, which both sides read and write faster than arrays of long texts. */
  records(items: readonly object[], columns: string): string {
    return `json_to_recordset(${this.add(JSON.stringify(items), "json")}) as x (${columns})`;
  }
}

/** Texts are few: they differ by what a call has, never by its values. */
const names = new Map<string, string>();

export function nameOf(text: string): string {
  const name = names.get(text) ?? `deflow_${hash(text).slice(0, 24)}`;
  names.set(text, name);
  return name;
}

/** All take locks in this order, so that none waits for another that waits for it. */
export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
