// `new Promise(executor)` and Promise.withResolvers() in a flow: durable promises, whose resolving functions can be stored too. So one
// strand can settle, after a stop, what another waits for:
//
//   let done;
//   const paid = new Promise((resolve) => { done = resolve });
//   const watch = (async () => { await listen(payment); done("paid") })();
//   await paid;
//
// Ordinary code may have the resolving functions as well, a timer for instance: `hands.ts` finds out whom to wait for.

import { DurablePromise, FULFILLED, newDurable, REJECTED, resolve as resolveDurable, settle } from "./durable.ts";
import { deflowError } from "../errors/classes.ts";
import { intact } from "../realm/intact.ts";
import type { CompiledFunction, Resolver } from "../strands/registry.ts";
import { oneClass, shared } from "../realm/shared.ts";

/** Its resolving functions settle it: those of this object, since a promise that was resolved with a thenable gets others. */
class OwnDeferred {
  readonly kind = "deferred";
  /** No ordinary code has a resolving function. */
  readonly own: boolean;
  /** It was read from a frame, as its functions were. */
  readonly restored: boolean;
  /** The last commit holds it: what settles it between turns would be lost. */
  stored: boolean;

  constructor(own: boolean, restored: boolean) {
    this.own = own;
    this.restored = restored;
    this.stored = restored;
  }
}

export type Deferred = OwnDeferred;
export const Deferred = oneClass("Deferred", OwnDeferred);

interface Resolvers {
  readonly resolve: ResolvingFunction;
  readonly reject: ResolvingFunction;
}

type ResolvingFunction = CompiledFunction & ((value: unknown) => void);

interface WithResolvers extends Resolvers {
  readonly promise: Promise<unknown>;
}

type Executor = (resolve: ResolvingFunction, reject: ResolvingFunction) => void;

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
  const target = newDurable(run, undefined);
  const { resolve, reject } = defer(target, own);
  try {
    executor(resolve, reject);
  } catch (error) {
    reject(error);
  }
  return target.native;
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
  const promise = newDurable(run, undefined);
  return { promise: promise.native, ...defer(promise, own) };
}

/** Gives the functions that settle `target` from now on. */
export function defer(target: DurablePromise, own: boolean): Resolvers {
  const by = new Deferred(own, false);
  target.by = by;
  target.run.deferred.add(target);
  return { resolve: resolver({ kind: "resolver", target, by, state: FULFILLED }), reject: resolver({ kind: "resolver", target, by, state: REJECTED }) };
}

/** As native ones it has no name. `target` undefined: it has nothing to settle any more. */
export function restoredResolver(target: DurablePromise | undefined, state: Resolver["state"]): ResolvingFunction {
  return resolver({ kind: "resolver", target, by: undefined, state });
}

function resolver(tag: Resolver): ResolvingFunction {
  const made = [(value: unknown): void => conclude(tag, value)][0] as ResolvingFunction;
  shared.tags.set(made, tag);
  return made;
}

/** What the function settles; undefined once that is settled, or was resolved. */
export function settledBy({ target, by }: Resolver): (DurablePromise & { by: Deferred }) | undefined {
  const now = target?.by;
  const isOpen = now instanceof Deferred && (by === undefined ? now.restored : now === by);
  return isOpen ? (target as DurablePromise & { by: Deferred }) : undefined;
}

function conclude(tag: Resolver, value: unknown): void {
  const target = settledBy(tag);
  if (target === undefined || target.run.ended) return;
  const { by, run } = target;
  if (run.closed || run.atRest) {
    // Of what no commit holds nobody will hear.
    if (by.stored) throw deflowError("SETTLED_BETWEEN_TURNS", { flow: run.flow }, { runId: run.id });
    return;
  }
  run.deferred.delete(target);
  run.active++;
  if (tag.state === FULFILLED) resolveDurable(target, value);
  else settle(target, REJECTED, value);
  run.rest();
}
