// `new Promise(executor)` and Promise.withResolvers() in a flow: durable promises, whose resolving functions can be stored too. So one
// strand can settle, after a stop, what another waits for:
//
//   let done;
//   const paid = new Promise((resolve) => { done = resolve });
//   const watch = (async () => { await listen(payment); done("paid") })();
//   await paid;
//
// Ordinary code may have the resolving functions as well, a timer for instance: `hands.ts` finds out whom to wait for.

import { DurablePromise, FULFILLED, newDurable, REJECTED, resolve as resolveDurable, settle, type State } from "./durable.ts";
import { deflowError } from "./errors/classes.ts";
import { intact } from "./intact.ts";
import type { CompiledFunction, Resolver } from "./registry.ts";
import { oneClass, shared } from "./shared.ts";
import type { LiveRun } from "./step.ts";

/** Its resolving functions settle it. */
class OwnDeferred {
  readonly kind = "deferred";
  /** No ordinary code has a resolving function. */
  readonly own: boolean;
  /** The last commit holds it: what settles it between turns would be lost. */
  stored: boolean;

  constructor(own: boolean, stored: boolean) {
    this.own = own;
    this.stored = stored;
  }
}

export type Deferred = OwnDeferred;
export const Deferred = oneClass("Deferred", OwnDeferred);

interface WithResolvers {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

type Executor = (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => void;

/** Called with `new`, as Promise is. */
export function promise(executor: Executor): Promise<unknown> {
  return execute(executor, false);
}

/** `promise`, where the compiler has seen that its resolving functions stay in the flow. */
export function ownPromise(executor: Executor): Promise<unknown> {
  return execute(executor, true);
}

function execute(executor: Executor, own: boolean): Promise<unknown> {
  const run = shared.current?.run;
  if (run === undefined || typeof executor !== "function" || !intact()) return new Promise(executor);
  const target = newDeferred(run, own);
  const reject = resolver(target, REJECTED);
  try {
    executor(resolver(target, FULFILLED), reject);
  } catch (error) {
    reject(error);
  }
  return target;
}

/** Promise.withResolvers(), where the host has it. */
export function withResolvers(): WithResolvers {
  return resolvers(false);
}

export function withOwnResolvers(): WithResolvers {
  return resolvers(true);
}

function resolvers(own: boolean): WithResolvers {
  const run = shared.current?.run;
  const native = Promise as unknown as { withResolvers(): WithResolvers };
  if (run === undefined || typeof native.withResolvers !== "function" || !intact()) return native.withResolvers();
  const target = newDeferred(run, own);
  return { promise: target, resolve: resolver(target, FULFILLED), reject: resolver(target, REJECTED) };
}

function newDeferred(run: LiveRun, own: boolean): DurablePromise {
  const target = newDurable(run, undefined);
  defer(target, own);
  return target;
}

/** From now on its resolving functions settle it. */
export function defer(target: DurablePromise, own: boolean): void {
  target.by = new Deferred(own, false);
  target.run.deferred.add(target);
}

/** The function that fulfils, or rejects, `target`: as native ones it has no name, and does nothing the second time. */
export function resolver(target: DurablePromise, state: Resolver["state"]): CompiledFunction & ((value: unknown) => void) {
  const made = [(value: unknown): void => conclude(target, state, value)][0] as CompiledFunction & ((value: unknown) => void);
  shared.tags.set(made, { kind: "resolver", target, state });
  return made;
}

function conclude(target: DurablePromise, state: State, value: unknown): void {
  const { by, run } = target;
  if (!(by instanceof Deferred) || run.ended) return;
  if (run.closed || run.atRest) {
    // Of what no commit holds nobody will hear.
    if (by.stored) throw deflowError("SETTLED_BETWEEN_TURNS", { flow: run.flow }, { runId: run.id });
    return;
  }
  run.deferred.delete(target);
  run.active++;
  if (state === FULFILLED) resolveDurable(target, value);
  else settle(target, REJECTED, value);
  run.rest();
}
