// Promise.all, allSettled, race and any in flows: durable as soon as one member is, else native. Promise.resolve and reject: durable,
// so that what chains to them may wait for operations; a promise that is ordinary already stays so.
//
// Members are kept by outcome, or by promise while they are pending. An ordinary member holds the turn until it settles;
// from then on its outcome is data. Each member takes one tick to be counted, as native ones do.

import { append } from "../realm/append.ts";
import { awaited, durable, durableOf, type DurablePromise, FULFILLED, hasOwnThen, isStop, newDurable, PENDING, react, REJECTED, resolve as resolveDurable, settle, type State } from "./durable.ts";
import { isArrayMethod } from "../values/cursors/pristine.ts";
import { apply, whenSettled } from "../realm/intrinsics.ts";
import { queue, type Reaction } from "./reactions.ts";
import { intact, promisesIntact } from "../realm/intact.ts";
import { oneClass, shared } from "../realm/shared.ts";
import type { LiveRun } from "../run/step.ts";

type Kind = "all" | "allSettled" | "race" | "any";

export function all(iterable: Iterable<unknown>): Promise<unknown> {
  return combine("all", iterable, () => Promise.all(iterable));
}

export function allSettled(iterable: Iterable<unknown>): Promise<unknown> {
  return combine("allSettled", iterable, () => Promise.allSettled(iterable));
}

export function race(iterable: Iterable<unknown>): Promise<unknown> {
  return combine("race", iterable, () => Promise.race(iterable));
}

export function any(iterable: Iterable<unknown>): Promise<unknown> {
  return combine("any", iterable, () => Promise.any(iterable));
}

export function resolve(value?: unknown): Promise<unknown> {
  const run = shared.current?.run;
  if (durable(value) && promisesIntact()) return value as Promise<unknown>;
  return run === undefined || value instanceof Promise || !intact() ? Promise.resolve(value) : newResolved(run, value).native;
}

export function reject(reason?: unknown): Promise<unknown> {
  const run = shared.current?.run;
  if (run === undefined || !intact()) return Promise.reject(reason);
  const promise = newDurable(run, undefined);
  settle(promise, REJECTED, reason);
  return promise.native;
}

/** Promise.try(callback, ...args), where the host has it. */
export function tried(callback: unknown, ...args: unknown[]): Promise<unknown> {
  const run = shared.current?.run;
  if (run === undefined || nativeTry === undefined || now.try !== nativeTry || !intact()) return (now.try as typeof tried)(callback, ...args);
  const target = newDurable(run, undefined);
  try {
    resolveDurable(target, apply(callback as (...args: unknown[]) => unknown, undefined, args));
  } catch (error) {
    settle(target, REJECTED, error);
  }
  return target.native;
}

const now = Promise as unknown as { readonly try: typeof tried | undefined };
const nativeTry = now.try;

function newResolved(run: LiveRun, value: unknown): DurablePromise {
  const promise = newDurable(run, undefined);
  resolveDurable(promise, value);
  return promise;
}

function combine(kind: Kind, iterable: Iterable<unknown>, nativeOne: () => Promise<unknown>): Promise<unknown> {
  if (!promisesIntact() || typeof (iterable as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== "function") return nativeOne();
  let values: readonly unknown[];
  try {
    values = isPlainArray(iterable) ? iterable : [...iterable];
  } catch (error) {
    return Promise.reject(error);
  }
  const run = runOf(values);
  if (run === undefined) return values === iterable ? nativeOne() : combineNative(kind, values);
  const combinator = new Combinator(kind, values.length);
  const target = newDurable(run, combinator);
  combinator.target = target;
  for (let index = 0; index < values.length; index++) combinator.add(values[index]);
  return target.native;
}

function isPlainArray(iterable: Iterable<unknown>): iterable is unknown[] {
  return Array.isArray(iterable) && isArrayMethod(iterable[Symbol.iterator], "values");
}

/** The run of the first member that may stop; undefined where none does. */
function runOf(values: readonly unknown[]): LiveRun | undefined {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    const own = durableOf(value);
    if (own !== undefined) return own.run;
    if (isStop(value)) return shared.current?.run;
  }
  return undefined;
}

/** A list of ours for a built-in to iterate over, by an iterator that the program cannot replace. */
function walked<T>(list: readonly T[]): Iterable<T> {
  let index = 0;
  const next = (): IteratorResult<T> => (index < list.length ? { value: list[index++] as T, done: false } : { value: undefined, done: true });
  return { [Symbol.iterator]: () => ({ next }) };
}

function combineNative(kind: Kind, list: readonly unknown[]): Promise<unknown> {
  const values = walked(list);
  switch (kind) {
    case "all":
      return Promise.all(values);
    case "allSettled":
      return Promise.allSettled(values);
    case "race":
      return Promise.race(values);
    case "any":
      return Promise.any(values);
  }
}

export class Member implements Reaction {
  readonly combinator: Combinator;
  readonly index: number;
  source: DurablePromise | undefined;
  state: State = PENDING;
  value: unknown = undefined;

  constructor(combinator: Combinator, index: number) {
    this.combinator = combinator;
    this.index = index;
  }

  settled({ run, state, value }: DurablePromise): void {
    queue(run, () => this.combinator.take(this, state, value));
  }
}

class OwnCombinator {
  readonly kind: Kind;
  readonly members: Member[] = [];
  declare target: DurablePromise;
  /** How many members are not counted yet. */
  left: number;
  /** How many ordinary members hold the turn. */
  #ordinary = 0;

  constructor(kind: Kind, size: number) {
    this.kind = kind;
    this.left = size;
  }

  add(value: unknown): void {
    const member = new Member(this, this.members.length);
    append(this.members, member);
    if (isStop(value)) this.watch(member, hasOwnThen(value) ? newResolved(this.target.run, value) : awaited(this.target.run, value));
    else if ((typeof value !== "object" || value === null) && typeof value !== "function") {
      queue(this.target.run, () => this.take(member, FULFILLED, value));
    } else this.#hold(member, value);
  }

  watch(member: Member, source: DurablePromise): void {
    member.source = source;
    react(source, member);
  }

  /** Adds a member read from a frame; a pending one is watched once all promises are there. */
  restore(state: State, value: unknown, source?: DurablePromise): void {
    const member = new Member(this, this.members.length);
    append(this.members, member);
    member.state = state;
    member.value = value;
    member.source = source;
    if (state === PENDING) this.left++;
  }

  #hold(member: Member, value: unknown): void {
    const { run } = this.target;
    this.#ordinary++;
    run.active++;
    const counted = (state: State, outcome: unknown): void => {
      if (this.target.state !== PENDING) return;
      this.#ordinary--;
      this.take(member, state, outcome);
      run.rest();
    };
    void whenSettled(value, (outcome) => counted(FULFILLED, outcome), (reason) => counted(REJECTED, reason));
  }

  /** Counts a member's outcome. */
  take(member: Member, state: State, value: unknown): void {
    if (this.target.state !== PENDING || member.state !== PENDING) return;
    member.state = state;
    member.value = value;
    member.source = undefined;
    this.left--;
    const end = this.#end(member);
    if (end === undefined) return;
    const { run } = this.target;
    settle(this.target, end.state, end.value);
    // The ordinary members that lost no longer matter to the run.
    for (; this.#ordinary > 0; this.#ordinary--) run.rest();
  }

  #end({ state, value }: Member): { state: State; value: unknown } | undefined {
    switch (this.kind) {
      case "race":
        return { state, value };
      case "all":
        if (state === REJECTED) return { state, value };
        return this.left > 0 ? undefined : { state: FULFILLED, value: outcomes(this.members, valueOf) };
      case "any":
        if (state === FULFILLED) return { state, value };
        return this.left > 0 ? undefined : { state: REJECTED, value: this.#noneFulfilled() };
      case "allSettled":
        return this.left > 0 ? undefined : { state: FULFILLED, value: outcomes(this.members, report) };
    }
  }

  #noneFulfilled(): AggregateError {
    return new AggregateError(walked(outcomes(this.members, valueOf)), "All promises were rejected");
  }
}

export type Combinator = OwnCombinator;
export const Combinator = oneClass("Combinator", OwnCombinator);

function outcomes<T>(members: readonly Member[], outcome: (member: Member) => T): T[] {
  const list: T[] = [];
  for (let index = 0; index < members.length; index++) append(list, outcome(members[index] as Member));
  return list;
}

function valueOf({ value }: Member): unknown {
  return value;
}

function report({ state, value }: Member): PromiseSettledResult<unknown> {
  return state === FULFILLED ? { status: "fulfilled", value } : { status: "rejected", reason: value };
}
