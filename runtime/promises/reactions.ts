// What happens when a durable promise settles, besides waking strands. Each kind is a reaction of its `source` and, save
// `native`, what settles a promise of its own, its `target`; so it can be stored as that promise's origin.

import type { Combinator } from "./combinators.ts";
import type { Cursor } from "../values/cursors/cursor.ts";
import { defer, type Deferred } from "./deferred.ts";
import { awaited, type DurablePromise, FULFILLED, isStop, newDurable, react, REJECTED, resolve, settle, type State } from "./durable.ts";
import { fulfil } from "./fulfil.ts";
import { apply, whenSettled } from "../realm/intrinsics.ts";
import type { Operation } from "../run/operations.ts";
import { type CompiledFunction, isCompiled } from "../strands/registry.ts";
import { shared } from "../realm/shared.ts";
import type { Frame } from "../strands/strand.ts";
import type { LiveRun } from "../run/step.ts";

/** Called once, when `source` is settled, in the tick that settled it (or in which it was added, to a settled one). */
export interface Reaction {
  settled(source: DurablePromise): void;
}

/** What settles a durable promise. */
export type By = Operation | Frame | Then | Finally | Pass | Follow | OrClose | Combinator | Deferred | Adopt;

/** Runs `job` in the next tick as part of the run. It must not throw. */
export function queue(run: LiveRun, job: () => void): void {
  run.active++;
  queueMicrotask(() => {
    shared.current = run.jobs;
    job();
    shared.current = undefined;
    run.rest();
  });
}

/** As the functions do that a native promise gives to another's `then`: a value that is passed on is asked for its `then` again. */
function passOn(target: DurablePromise, state: State, value: unknown): void {
  if (state === FULFILLED) resolve(target, value);
  else settle(target, state, value);
}

type Handler = ((value: never) => unknown) | undefined;

abstract class Derived implements Reaction {
  declare target: DurablePromise;
  declare source: DurablePromise;
  abstract settled(source: DurablePromise): void;
}

/** promise.then(fulfilled, rejected) */
export class Then extends Derived {
  readonly kind = "then";
  readonly fulfilled: Handler;
  readonly rejected: Handler;

  constructor(fulfilled: Handler, rejected: Handler) {
    super();
    this.fulfilled = fulfilled;
    this.rejected = rejected;
  }

  settled({ run, state, value }: DurablePromise): void {
    const { target } = this;
    queue(run, () => {
      run.reactions.delete(target);
      const handler = state === FULFILLED ? this.fulfilled : this.rejected;
      if (handler === undefined) passOn(target, state, value);
      else resolveWith(target, handler as (value: unknown) => unknown, value);
    });
  }
}

/** promise.finally(callback): what the callback gives is waited for, then the outcome passes. */
export class Finally extends Derived {
  readonly kind = "finally";
  readonly callback: () => unknown;

  constructor(callback: () => unknown) {
    super();
    this.callback = callback;
  }

  settled({ run, state, value }: DurablePromise): void {
    const { target } = this;
    queue(run, () => {
      run.reactions.delete(target);
      let result: unknown;
      try {
        result = (0, this.callback)();
      } catch (error) {
        return settle(target, REJECTED, error);
      }
      follow(target, after(run, result, state, value));
    });
  }
}

/** Promise.resolve(result).then(() => the outcome) */
function after(run: LiveRun, result: unknown, state: State, value: unknown): DurablePromise {
  const by = new Pass(state, value);
  const target = newDurable(run, by);
  by.target = target;
  if (isStop(result)) {
    by.source = awaited(run, result);
    react(by.source, by);
  } else {
    target.by = ordinary;
    run.active++;
    const end = (state: State, value: unknown): void => {
      passOn(target, state, value);
      run.rest();
    };
    void whenSettled(result, () => end(state, value), (error) => end(REJECTED, error));
  }
  return target;
}

/** Settles with an outcome known before, once `source` is fulfilled. */
export class Pass extends Derived {
  readonly kind = "pass";
  readonly state: State;
  readonly value: unknown;

  constructor(state: State, value: unknown) {
    super();
    this.state = state;
    this.value = value;
  }

  settled({ run, state, value }: DurablePromise): void {
    queue(run, () => (state === FULFILLED ? passOn(this.target, this.state, this.value) : settle(this.target, state, value)));
  }
}

/** Settles as `source` does. */
export class Follow extends Derived {
  readonly kind = "follow";

  // oxlint-disable-next-line no-useless-constructor -- one that V8 makes passes arguments on by the program's iterator
  constructor() {
    super();
  }

  settled({ run, state, value }: DurablePromise): void {
    queue(run, () => passOn(this.target, state, value));
  }
}

/** Settles as `source` does; a rejection closes an iterator that is not async, whose value `source` was. */
export class OrClose extends Derived {
  readonly kind = "orClose";
  readonly cursor: Cursor;

  constructor(cursor: Cursor) {
    super();
    this.cursor = cursor;
  }

  settled({ run, state, value }: DurablePromise): void {
    queue(run, () => {
      if (state === REJECTED) this.cursor.abandon();
      settle(this.target, state, value);
    });
  }
}

export function orClose(source: DurablePromise, cursor: Cursor): DurablePromise {
  const by = new OrClose(cursor);
  const target = newDurable(source.run, by);
  by.target = target;
  by.source = source;
  react(source, by);
  return target;
}

/** A promise that settles as `source` does, a tick later. */
export function following(source: DurablePromise): DurablePromise {
  const by = new Follow();
  const target = newDurable(source.run, by);
  by.target = target;
  by.source = source;
  react(source, by);
  return target;
}

/** `target` was resolved with a durable promise: one tick until it is asked, one after it has answered. */
export function follow(target: DurablePromise, source: DurablePromise): void {
  const by = new Follow();
  by.target = target;
  by.source = source;
  target.by = by;
  queue(target.run, () => react(source, by));
}

/** Something ordinary settles it within the turn; such a promise is never stored. */
interface Adopt {
  readonly kind: "ordinary";
}

const ordinary: Adopt = { kind: "ordinary" };

export type ThenFunction = (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => void;

/** `target` was resolved with a thenable. An ordinary one holds the turn until it settles. */
export function adopt(target: DurablePromise, value: object, then: ThenFunction): void {
  const { run } = target;
  if (isCompiled(then)) return adoptOwn(target, value, then);
  target.by = ordinary;
  let called = false;
  const once = (end: (value: unknown) => void) => (value: unknown): void => {
    if (called) return;
    called = true;
    end(value);
    run.rest();
  };
  const fulfil = once((value) => resolve(target, value));
  const reject = once((reason) => settle(target, REJECTED, reason));
  run.active++;
  queue(run, () => {
    shared.current = undefined;
    try {
      apply(then, value, [fulfil, reject]);
    } catch (error) {
      reject(error);
    }
  });
}

/** A `then` that was made in a flow may stop, so it is given functions that can be stored. */
function adoptOwn(target: DurablePromise, value: object, then: CompiledFunction): void {
  const { resolve, reject } = defer(target, false);
  queue(target.run, () => {
    try {
      apply(then, value, [resolve, reject]);
    } catch (error) {
      reject(error);
    }
  });
}

function resolveWith(target: DurablePromise, handler: (value: unknown) => unknown, value: unknown): void {
  let result: unknown;
  try {
    result = handler(value);
  } catch (error) {
    return settle(target, REJECTED, error);
  }
  resolve(target, result);
}

/** The native half of a promise that ordinary code holds. */
export const native: Reaction = {
  settled(source) {
    if (source.state === FULFILLED) fulfil(source.resolveNative, source.value);
    else source.rejectNative(source.value);
    source.run.held.delete(source);
  },
};
