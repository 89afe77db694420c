// Whose run the environment of a function is. What ordinary code calls later, such as a callback of an ordinary promise, runs outside
// of every run; the async functions that it makes there belong to the run that made the function.

import { Given } from "../realm/given.ts";
import type { Env } from "./registry.ts";
import { oneClass, shared } from "../realm/shared.ts";
import type { LiveRun } from "../run/step.ts";

class OwnOwner extends Given {
  readonly #run: LiveRun;

  constructor(env: Env, run: LiveRun) {
    super(env);
    this.#run = run;
  }

  static of(env: Env): LiveRun | undefined {
    return #run in env ? (env as unknown as OwnOwner).#run : undefined;
  }
}

const Owner = oneClass("Owner", OwnOwner);

/** The run that executes, or that of the function in which another one is made. */
export function ownerOf(around: Env | undefined): LiveRun | undefined {
  return shared.current?.run ?? (around === undefined ? undefined : Owner.of(around));
}

export function own(env: Env, run: LiveRun | undefined): void {
  // oxlint-disable-next-line no-new -- constructing it is what marks the environment
  if (run !== undefined) new Owner(env, run);
}
