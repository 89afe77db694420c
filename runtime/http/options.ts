// What a handler is made with, checked when it is made.

import type { StandardSchema } from "../api/context.ts";
import type { Flow } from "../api/deflow.ts";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../engine/run.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import { type Clock, systemClock } from "../realm/clock.ts";
import { type Duration, milliseconds } from "../realm/duration.ts";
import { shared } from "../realm/shared.ts";
import type { Action } from "./action.ts";
import type { Authorize } from "./authorize.ts";
import { Watchers } from "./watchers.ts";
import { type RunView, viewOf } from "./view.ts";

/** A flow whose runs can be reached, and which is started without arguments; or, with the schema of its arguments, an array, one that is started with them. */
export type Listed<Args extends unknown[] = never[]> = Flow<Args> | { readonly flow: Flow<Args>; readonly args: StandardSchema<NoInfer<Args>> };

/** Of `handler()`. Times are durations: milliseconds as a number, or a text like "15 seconds". */
export interface HandlerOptions<Args extends Record<string, unknown[]> = Record<string, never[]>> {
  /** By the names that clients use. No run of another flow is reached, and none is started. */
  readonly flows: { readonly [Name in keyof Args]: Listed<Args[Name]> };
  /** Whether the sender of a request may do this. It is asked at each request, before anything is looked up. */
  readonly authorize: Authorize;
  /** The path under which the handler is mounted; default "/runs". */
  readonly base?: string;
  /** Bytes of a body; default 256 KB. */
  readonly maxBody?: number;
  /** What clients see of a run, from what they see by default: without a field, or with one more. Default: the view as it is. */
  readonly show?: (view: RunView, run: Run) => RunView;
  /** Is told what is answered with 500 or 503. Default: the console. */
  readonly onError?: (error: unknown, action: Action | undefined) => void;
  /** Of events: how often something is sent at least, so that proxies keep the connection; default 15 seconds. */
  readonly heartbeat?: Duration;
  /** Of events: after so long the stream ends, and a client that connects again is authorized again; default 10 minutes. */
  readonly lifetime?: Duration;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** What all requests share. */
export interface Site {
  readonly engine: Engine;
  readonly authorize: Authorize;
  readonly base: string;
  readonly maxBody: number;
  readonly onError: (error: unknown, action: Action | undefined) => void;
  /** Milliseconds. */
  readonly heartbeat: number;
  readonly lifetime: number;
  readonly clock: Clock;
  readonly watchers: Watchers;
  /** By the names that clients use. */
  readonly flows: ReadonlyMap<string, { readonly flow: Flow; readonly args?: StandardSchema }>;
  /** Undefined: the run is of a flow that is not listed. */
  view(run: Run): RunView | undefined;
}

export function siteOf(engine: Engine, options: HandlerOptions): Site {
  const { authorize, base = "/runs", maxBody = 256 * 1024, show, onError, heartbeat = "15 seconds", lifetime = "10 minutes", clock = systemClock } = options;
  if (typeof authorize !== "function") throw new InvalidArgumentError("The option `authorize`", typeof authorize, "a function; without it anybody could do anything");
  if (!/^(?:\/[^/?#]+)*$/.test(base)) throw new InvalidArgumentError("The option `base`", JSON.stringify(base), "a path like \"/api/runs\", or \"\" for the root");
  if (!(Number.isSafeInteger(maxBody) && maxBody > 0)) throw new InvalidArgumentError("The option `maxBody`", String(maxBody), "a whole number of bytes");
  // oxlint-disable-next-line typescript/no-unnecessary-condition -- callers without types
  if (typeof options.flows !== "object" || options.flows === null) throw new InvalidArgumentError("The option `flows`", options.flows === null ? "null" : typeof options.flows, "an object of flows, by the names that clients use");
  const flows = new Map(Object.entries(options.flows).map(([name, listed]) => [name, entryOf(name, listed)]));
  const names = new Map([...flows].map(([name, { flow }]) => [flow.deflow.id, name]));
  if (names.size < flows.size) throw new InvalidArgumentError("The option `flows`", "one with a flow that is there twice", "one with each flow under one name");
  return {
    engine, authorize, base, maxBody, clock, flows, watchers: new Watchers(engine),
    onError: onError ?? ((error, action) => console.error(`deflow/http: ${action?.type ?? "a request"} failed`, error)),
    heartbeat: milliseconds(heartbeat, "The option `heartbeat`"), lifetime: milliseconds(lifetime, "The option `lifetime`"),
    view(run) {
      const name = names.get(run.flow);
      if (name === undefined) return undefined;
      const view = viewOf(run, name);
      return show === undefined ? view : show(view, run);
    },
  };
}

function entryOf(name: string, listed: Listed): { readonly flow: Flow; readonly args?: StandardSchema } {
  const entry = typeof listed === "function" ? { flow: listed } : listed;
  const flow = entry?.flow as Flow | undefined;
  if (typeof flow !== "function" || shared.tags.get(flow)?.kind !== "flow") throw new InvalidArgumentError(`\`flows.${name}\``, typeof listed, "a flow, or { flow, args }");
  if ("args" in entry && typeof entry.args?.["~standard"]?.validate !== "function") throw new InvalidArgumentError(`\`flows.${name}.args\``, typeof entry.args, "a schema of the array of arguments");
  return entry as { readonly flow: Flow; readonly args?: StandardSchema };
}
