// Whether somebody may do what they ask for. It is asked before anything is looked up, so what it refuses is refused in the same time whether it
// is there or not.

import { InvalidArgumentError } from "../errors/run.ts";
import type { StartOptions } from "../engine/calls/start.ts";
import type { Action } from "./action.ts";
import { Problem } from "./problem.ts";

/** Yes, and what the server adds. */
export interface Grant {
  /** Who asks, in any text of yours. An `Idempotency-Key` is this caller's: the same key of two callers is two. */
  readonly caller: string;
  /** For a run that is started: its id, what it is found by, its queue. Clients cannot say these. */
  readonly start?: Pick<StartOptions, "id" | "index" | "queue" | "priority">;
}

/** The request's body has been read; what it said is in `action`. What this throws with the code NOT_FOUND is a no; anything else is a failure of the server. */
export type Authorize = (request: Request, action: Action) => boolean | Grant | Promise<boolean | Grant>;

/** Throws a Problem if it says no. */
export async function grantOf(authorize: Authorize, request: Request, action: Action): Promise<Partial<Grant>> {
  const said: unknown = await authorize(request, action);
  if (said === true) return {};
  if (said === false || said === undefined || said === null) throw new Problem("NOT_FOUND");
  // A session that was found is no permission to do everything.
  if (typeof said !== "object" || typeof (said as Partial<Grant>).caller !== "string") {
    throw new InvalidArgumentError("What `authorize` gives", typeof said === "object" ? "an object without `caller`" : JSON.stringify(said) ?? typeof said, "true, false, or { caller }");
  }
  return said as Grant;
}
