// The handler: a Request in, a Response out. This file is the table of contents.
//
//   Request ─► route.ts ─► body.ts ─► action.ts ─► authorize.ts ─► perform.ts ─► engine
//   Response ◄── problem.ts, from whatever was thrown ◄──┴── view.ts, events.ts ◄──┘

import type { Engine } from "../engine/engine.ts";
import { askedOf, type Action } from "./action.ts";
import { grantOf } from "./authorize.ts";
import { fieldsOf } from "./body.ts";
import { type HandlerOptions, siteOf, type Site } from "./options.ts";
import { perform } from "./perform.ts";
import { problemOf, problemResponse, problems } from "./problem.ts";
import { routeOf } from "./route.ts";

/**
 * Gives what answers requests for runs, in any framework that speaks `fetch`. It never throws.
 * @throws InvalidArgument for options that it cannot take.
 */
export function handler<Args extends Record<string, unknown[]>>(engine: Engine, options: HandlerOptions<Args>): (request: Request) => Promise<Response> {
  const site = siteOf(engine, options as unknown as HandlerOptions);
  return (request) => answer(site, request);
}

async function answer(site: Site, request: Request): Promise<Response> {
  let action: Action | undefined;
  try {
    const route = routeOf(site.base, request.method, new URL(request.url).pathname);
    const asked = askedOf(route, request.method === "POST" ? await fieldsOf(request, site.maxBody) : {});
    ({ action } = asked);
    return await perform(site, request, asked, await grantOf(site.authorize, request, action));
  } catch (error) {
    const problem = problemOf(error);
    if (problems[problem.code][0] >= 500) site.onError(error, action);
    return problemResponse(problem);
  }
}
