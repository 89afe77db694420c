// Method and path to what is asked for. Names of flows and contexts, permits and tokens are in bodies, since addresses end up in logs.
//
//   POST {base}                    start          POST {base}/{run}/continue     continue
//   POST {base}/settle             settle         POST {base}/{run}/send         send
//   GET  {base}/{run}              get            POST {base}/{run}/cancel       cancel
//   GET  {base}/{run}/events       events

import { checkName } from "../engine/names.ts";
import type { Action } from "./action.ts";
import { Problem } from "./problem.ts";

export interface Route {
  readonly type: Action["type"];
  /** "" where there is none. */
  readonly run: string;
}

type Methods = Readonly<Partial<Record<string, Route>>>;

/** Throws a Problem: where no run can be, there is none. */
export function routeOf(base: string, method: string, path: string): Route {
  if (path !== base && !path.startsWith(`${base}/`)) throw new Problem("NOT_FOUND");
  const methods = methodsOf(path.slice(base.length + 1));
  const route = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (route === undefined) throw new Problem("METHOD_NOT_ALLOWED", { headers: { allow: Object.keys(methods).join(", ") } });
  return route;
}

function methodsOf(rest: string): Methods {
  const [first = "", second, ...more] = rest.split("/", 3);
  if (more.length > 0) throw new Problem("NOT_FOUND");
  if (second === undefined && first === "") return { POST: { type: "start", run: "" } };
  const run = idOf(first);
  if (second === undefined) return { GET: { type: "get", run }, ...(run === "settle" ? { POST: { type: "settle", run: "" } } : {}) };
  switch (second) {
    case "events": return { GET: { type: second, run } };
    case "continue":
    case "send":
    case "cancel": return { POST: { type: second, run } };
    default: throw new Problem("NOT_FOUND");
  }
}

function idOf(segment: string): string {
  try {
    return nameOf(decodeURIComponent(segment));
  } catch {
    throw new Problem("NOT_FOUND");
  }
}

/** Throws a Problem for what cannot be the name of anything. */
export function nameOf(name: string): string {
  try {
    checkName("The name", name);
    return name;
  } catch {
    throw new Problem("NOT_FOUND");
  }
}
