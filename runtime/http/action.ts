// What a request asks for. `authorize` sees the action, and never what is secret in the request: permit, token, key.

import type { Fields } from "./body.ts";
import { Problem } from "./problem.ts";
import { nameOf, type Route } from "./route.ts";

/** What somebody wants to do. Names and data are as they came: nothing has been looked up, no schema has seen them. */
export type Action =
  | { readonly type: "start"; readonly flow: string; readonly args: readonly unknown[] }
  | { readonly type: "get" | "events"; readonly run: string }
  | { readonly type: "continue" | "send"; readonly run: string; readonly context: string; readonly data: unknown }
  | { readonly type: "cancel"; readonly run: string; readonly reason?: string }
  /** The token is the permission; who may use it is still up to `authorize`. */
  | { readonly type: "settle"; readonly data: unknown };

export interface Asked {
  readonly action: Action;
  readonly permit?: string;
  readonly token?: string;
}

/** Throws a Problem for fields that are missing, of another type, or unknown. */
export function askedOf({ type, run }: Route, body: Fields): Asked {
  switch (type) {
    case "start": {
      const { flow, args = [] } = taken(body, { flow: "string", args: "array?" }) as { flow: string; args?: unknown[] };
      return { action: { type, flow: nameOf(flow), args } };
    }
    case "get":
    case "events": return { action: { type, run } };
    case "continue":
    case "send": {
      const { context, data, permit } = taken(body, { context: "string", data: "any", permit: "string?" }) as { context: string; data: unknown; permit?: string };
      return { action: { type, run, context: nameOf(context), data }, ...(permit === undefined ? {} : { permit }) };
    }
    case "cancel": {
      const { reason } = taken(body, { reason: "string?" }) as { reason?: string };
      return { action: { type, run, ...(reason === undefined ? {} : { reason }) } };
    }
    case "settle": {
      const { token, data } = taken(body, { token: "string", data: "any" }) as { token: string; data: unknown };
      return { action: { type, data }, token };
    }
  }
}

type Kind = "string" | "string?" | "array?" | "any";

function taken(body: Fields, kinds: Readonly<Record<string, Kind>>): Fields {
  const names = Object.keys(kinds);
  const unknown = Object.keys(body).find((name) => !names.includes(name));
  if (unknown !== undefined) throw bad(`It takes ${names.map((name) => `\`${name}\``).join(", ")}, and nothing else.`);
  for (const name of names) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    if (!isOf(kinds[name] as Kind, value)) throw bad(`\`${name}\` must be ${kinds[name] === "array?" ? "an array" : "text"}.`);
  }
  return body;
}

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case "string": return typeof value === "string";
    case "string?": return value === undefined || typeof value === "string";
    case "array?": return value === undefined || Array.isArray(value);
    case "any": return true;
  }
}

function bad(detail: string): Problem {
  return new Problem("BAD_REQUEST", { detail });
}
