// Carries out what is allowed: each action is one call of the engine, after a look whether its run is one of the listed flows.

import { createHash } from "node:crypto";
import { checkName } from "../engine/names.ts";
import type { Run } from "../engine/run.ts";
import { tokenKey } from "../engine/turns/record.ts";
import { InvalidInputError } from "../errors/run.ts";
import { tokenHash } from "../run/token.ts";
import type { Action, Asked } from "./action.ts";
import { type Grant, grantOf } from "./authorize.ts";
import { eventsOf } from "./events.ts";
import type { Site } from "./options.ts";
import { common, Problem } from "./problem.ts";
import { hasSchema, jsonOf, type RunView } from "./view.ts";

type Of<Type extends Action["type"]> = Extract<Action, { type: Type }>;

export async function perform(site: Site, request: Request, asked: Asked, grant: Partial<Grant>): Promise<Response> {
  const { action } = asked;
  switch (action.type) {
    case "start": return await start(site, request, action, grant);
    case "get": return shown(viewOf(site, await site.engine.get(action.run)));
    case "events": {
      const run = await site.engine.get(action.run);
      return eventsOf(site, run, viewOf(site, run), request);
    }
    case "continue": {
      await reach(site, action);
      return shown(viewOf(site, await site.engine.continue(action.run, action.context, action.data, { ...permitOf(asked), ...eventIdOf(request, action, grant) })));
    }
    case "send": {
      await reach(site, action);
      return json(await site.engine.send(action.run, action.context, action.data, { ...permitOf(asked), ...eventIdOf(request, action, grant) }), 202);
    }
    case "cancel": {
      viewOf(site, await site.engine.get(action.run));
      return shown(viewOf(site, await site.engine.cancel(action.run, action.reason)));
    }
    case "settle": return await settle(site, asked.token ?? "", action.data);
  }
}

async function start(site: Site, request: Request, { flow: name, args }: Of<"start">, grant: Partial<Grant>): Promise<Response> {
  const listed = site.flows.get(name);
  if (listed === undefined) throw new Problem("NOT_FOUND");
  const { flow } = listed;
  const given = await argumentsOf(name, listed, args);
  const key = keyOf(request, "start", grant, name);
  const options = { ...(key === undefined ? {} : { id: key.slice(0, 32) }), ...grant.start };
  const run = await site.engine.start(flow, given as never[], options);
  // Whoever knows the key of a run that is there learns no more of it than by its id.
  if (run.duplicate) await grantOf(site.authorize, request, { type: "get", run: run.id });
  return shown(viewOf(site, run), run.duplicate ? 200 : 201, { location: `${site.base}/${encodeURIComponent(run.id)}` });
}

/** What comes from outside meets a schema before it meets a flow. */
async function argumentsOf(name: string, { flow, args: schema }: NonNullable<ReturnType<Site["flows"]["get"]>>, args: readonly unknown[]): Promise<unknown[]> {
  const what = `the arguments of \`${name}\``;
  if (schema === undefined) {
    if (args.length > 0 || (flow as unknown as { length: number }).length > 0) throw new InvalidInputError(what, ["there is no schema for them: list the flow as { flow, args: schema }"]);
    return [];
  }
  const result = await schema["~standard"].validate(args);
  if (result.issues === undefined) return result.value as unknown[];
  throw new InvalidInputError(what, result.issues.map(({ message, path = [] }) =>
    [...path.map((part) => String(typeof part === "object" ? part.key : part)), message].join(": ")));
}

/** Throws unless the run is there for clients, and so is the context. */
async function reach(site: Site, { run, context }: Of<"continue" | "send">): Promise<void> {
  viewOf(site, await site.engine.get(run));
  if (!hasSchema(context)) throw new Problem("NOT_FOUND");
}

/** Which of a run's callbacks a token is for, only the engine knows; so none may be without a schema. */
async function settle({ engine, view }: Site, token: string, data: unknown): Promise<Response> {
  const { runs: [run] } = await engine.find({ index: { [tokenKey(tokenHash(token))]: true }, limit: 1 });
  if (run === undefined || view(run) === undefined) throw new Problem("NOT_FOUND");
  if (run.waits.some(({ kind, schema }) => kind === "callback" && (schema === undefined || !hasSchema(schema)))) throw new Problem("NOT_FOUND");
  const { accepted } = await engine.settle(token, data);
  // Who holds a token may know nothing of the run.
  return new Response(null, { status: accepted ? 202 : 204, headers: common });
}

function viewOf(site: Site, run: Run): RunView {
  const view = site.view(run);
  if (view === undefined) throw new Problem("NOT_FOUND");
  return view;
}

function permitOf({ permit }: Asked): { permit?: string } {
  return permit === undefined ? {} : { permit };
}

function eventIdOf(request: Request, { type, run }: Of<"continue" | "send">, grant: Partial<Grant>): { eventId?: string } {
  const key = keyOf(request, type, grant, run);
  return key === undefined ? {} : { eventId: `http:${key}` };
}

/** A hash, so that no key can be an id that somebody else uses. */
function keyOf(request: Request, type: Action["type"], { caller }: Partial<Grant>, of: string): string | undefined {
  const key = request.headers.get("idempotency-key");
  if (key === null) return undefined;
  try {
    checkName("`Idempotency-Key`", key);
  } catch (error) {
    throw new Problem("BAD_REQUEST", { detail: (error as Error).message });
  }
  return createHash("sha256").update(JSON.stringify([type, of, caller ?? null, key])).digest("hex");
}

function shown(view: RunView, status = view.accepted ? 202 : 200, headers: Readonly<Record<string, string>> = {}): Response {
  return json(view, status, headers);
}

function json(value: unknown, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(jsonOf(value), { status, headers: { ...common, ...headers, "content-type": "application/json" } });
}
