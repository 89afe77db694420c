// Paths in errors: `locals.order.items[3].socket`, `locals.cache.get("a")["b c"]`.

import type { At } from "./kind.ts";

const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

export function pathOf(base: string, steps: readonly At[]): string {
  let path = base;
  for (const at of steps) path = step(path, at);
  return path;
}

export function step(path: string, at: At): string {
  if (typeof at === "number") return `${path}[${at}]`;
  if (at.startsWith("\u0000")) return path + at.slice(1);
  if (!name.test(at)) return `${path}[${JSON.stringify(at)}]`;
  return path === "" ? at : `${path}.${at}`;
}
