// The entries of a record's `ops`: one durable promise each, by what will settle it or how it was settled.
//
//   {"value": v} {"error": e}            settled
//   {"strand": 2}                        the result of strands[2]
//   {"listen": "decision", "seq": 1, …}  {"timer": at} {"step": name, "fn": …} {"callback": token} {"effect": name, "data": …}
//   {"then": 3, "fulfilled": f}          {"finally": 3, "callback": f} {"pass": 3, "value": v} {"follow": 3}
//   {"orClose": 3, "cursor": c}
//   {"deferred": true}                   its resolving functions settle it; `own`: no ordinary code has them
//   {"all": [{"on": 3}, {"value": v}]}   allSettled, race, any alike
//
// Numbers under `then`, `on` and so on are places in `ops`. Besides: `handled` where a rejection would not be lost although
// nothing waits, `waiters` where more than one waits and the order is not the usual one, `properties` that the program gave the promise.

import { activityCalled } from "../run/activities.ts";
import { Combinator, type Member } from "../promises/combinators.ts";
import { type DurablePromise, FULFILLED, PENDING, react, REJECTED, showToken } from "../promises/durable.ts";
import type { Cursor } from "../values/cursors/cursor.ts";
import { Deferred } from "../promises/deferred.ts";
import { CorruptFrameError } from "../errors/codec.ts";
import type { Operation } from "../run/operations.ts";
import { type By, Finally, Follow, OrClose, Pass, type Reaction, Then } from "../promises/reactions.ts";
import { propertiesOf, restoreProperties } from "./properties.ts";
import { checkEach, checkFields, entryFields, retryFields } from "./record.ts";
import type { Places } from "./session.ts";
import { defined } from "./snapshot.ts";
import type { LiveRun } from "../run/step.ts";
import { Frame } from "../strands/strand.ts";

export type Entry = Record<string, unknown>;

/** The promises that a pending one depends on. */
export function sourcesOf(by: By | undefined): readonly DurablePromise[] {
  if (by instanceof Combinator) return by.members.flatMap(({ source }) => source ?? []);
  return by !== undefined && "source" in by ? [by.source] : [];
}

export function entryOf(promise: DurablePromise, places: Places, strands: ReadonlyMap<Frame, number>): Entry {
  const properties = propertiesOf(promise.native);
  const entry = stateOf(promise, places, strands);
  return properties === undefined ? entry : { ...entry, properties };
}

function stateOf(promise: DurablePromise, places: Places, strands: ReadonlyMap<Frame, number>): Entry {
  if (promise.state === FULFILLED) return { value: promise.value };
  if (promise.state === REJECTED) return { error: promise.value };
  const waiting = waitersOf(promise, places, strands);
  const entry = originOf(promise.by as By, places, strands);
  if (promise.handled && waiting.length === 0) entry["handled"] = true;
  if (!isAscending(waiting)) entry["waiters"] = waiting;
  return entry;
}

/** Made anew each time. */
function originOf(by: By, places: Places, strands: ReadonlyMap<Frame, number>): Entry {
  if (by instanceof Combinator) return { [by.kind]: by.members.map((member) => memberEntry(member, places)) };
  switch (by.kind) {
    case "strand":
      return { strand: strands.get(by) };
    case "then":
      return { then: places.of(by.source), ...defined({ fulfilled: by.fulfilled, rejected: by.rejected }) };
    case "finally":
      return { finally: places.of(by.source), callback: by.callback };
    case "pass":
      return { pass: places.of(by.source), [by.state === FULFILLED ? "value" : "error"]: by.value };
    case "follow":
      return { follow: places.of(by.source) };
    case "orClose":
      return { orClose: places.of(by.source), cursor: by.cursor };
    case "deferred":
      return by.own ? { deferred: true, own: true } : { deferred: true };
    case "ordinary":
      throw new TypeError("an ordinary promise is under way in a quiet run");
    default:
      return operationEntry(by);
  }
}

function memberEntry({ source, state, value }: Member, places: Places): Entry {
  if (source !== undefined) return { on: places.of(source) };
  return state === FULFILLED ? { value } : { error: value };
}

function operationEntry(operation: Operation): Entry {
  const { kind } = operation;
  const name = named[kind];
  const entry: Entry = { [kind]: (operation as unknown as Entry)[name] };
  for (const field of Object.keys(operation)) {
    const value = (operation as unknown as Entry)[field];
    if (value !== undefined && field !== "kind" && field !== name) entry[field] = value;
  }
  return entry;
}

/** The field that an operation's entry shows first. */
const named = { listen: "context", timer: "at", step: "name", callback: "token", effect: "name" } as const;

/** Who waits, in order: strands by number, then promises by place, counted on from the strands. */
function waitersOf(promise: DurablePromise, places: Places, strands: ReadonlyMap<Frame, number>): number[] {
  const numbers: number[] = [];
  for (const reaction of promise.reactions ?? []) {
    if (reaction instanceof Frame) {
      if (reaction.on === promise) numbers.push(strands.get(reaction) as number);
      continue;
    }
    const target = targetOf(reaction);
    if (target !== undefined && places.has(target)) numbers.push(places.afterStrands + places.of(target));
  }
  return numbers;
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || (numbers[index - 1] as number) <= number);
}

/** What the second phase of reading has at hand. */
export interface Reading {
  readonly run: LiveRun;
  /** By number. */
  readonly strands: ReadonlyMap<number, Frame>;
  promise(place: unknown): DurablePromise;
}

/** Throws CorruptFrameError unless the entry is one that `entryOf` gives. */
export function checkEntry(entry: Entry, place: number): void {
  const path = `ops[${place}]`;
  checkFields(entry, [], path);
  const kind = Object.keys(entry)[0] ?? "";
  if (!Object.hasOwn(entryFields, kind)) throw new CorruptFrameError(path, `\`${kind}\` settles no promise`);
  checkFields(entry, entryFields[kind] ?? [], path);
  if (entry["retry"] !== undefined && kind === "step") checkFields(entry["retry"], retryFields, `${path}.retry`);
  if (kind === "step") checkStep(entry, path);
  if (isCombinator(kind)) checkMembers(kind, entry[kind] as unknown[], `${path}.${kind}`);
}

function isCombinator(kind: string): kind is Combinator["kind"] {
  return kind === "all" || kind === "allSettled" || kind === "race" || kind === "any";
}

/** One that has nothing to wait for is settled, save a race of nobody. */
function checkMembers(kind: Combinator["kind"], members: readonly unknown[], path: string): void {
  checkEach(members, [], path);
  const keys = members.map((member) => Object.keys(member as Entry).join());
  if (!keys.every((key) => key === "on" || key === "value" || key === "error")) throw new CorruptFrameError(path, "a member is `on`, `value` or `error`");
  const ending = { all: "error", any: "value", allSettled: undefined, race: undefined }[kind];
  const waits = kind === "race" ? keys.every((key) => key === "on") : keys.includes("on") && !keys.some((key) => key === ending);
  if (!waits) throw new CorruptFrameError(path, "it would be settled");
}

function checkStep({ step, fn, args }: Entry, path: string): void {
  if ((fn === undefined) === (args === undefined)) throw new CorruptFrameError(path, "a step has either `fn` or `args`");
  if (args !== undefined) activityCalled(String(step));
}

/** Gives a promise its state. Reactions are added by `connect`, when all promises have theirs. */
export function restoreEntry(promise: DurablePromise, entry: Entry, reading: Reading): void {
  const { properties } = entry;
  if (properties !== undefined) restoreProperties(promise.native, properties as object);
  if (Object.hasOwn(entry, "handled")) promise.handled = true;
  const kind = Object.keys(entry)[0] ?? "";
  switch (kind) {
    case "value":
      promise.state = FULFILLED;
      promise.value = entry["value"];
      return;
    case "error":
      promise.state = REJECTED;
      promise.value = entry["error"];
      promise.handled = true;
      return;
    default:
      promise.by = restoreOrigin(kind, promise, entry, reading);
  }
}

function restoreOrigin(kind: string, target: DurablePromise, entry: Entry, { run, strands, promise }: Reading): By {
  switch (kind) {
    case "strand": {
      const frame = strands.get(entry["strand"] as number);
      if (frame === undefined) throw new CorruptFrameError("ops", "`strand` is not a place in `strands`");
      frame.promise = target;
      return frame;
    }
    case "then":
      run.reactions.add(target);
      return derived(new Then(entry["fulfilled"] as Then["fulfilled"], entry["rejected"] as Then["rejected"]), target, promise(entry["then"]));
    case "finally":
      run.reactions.add(target);
      return derived(new Finally(entry["callback"] as Finally["callback"]), target, promise(entry["finally"]));
    case "pass":
      return derived("error" in entry ? new Pass(REJECTED, entry["error"]) : new Pass(FULFILLED, entry["value"]), target, promise(entry["pass"]));
    case "follow":
      return derived(new Follow(), target, promise(entry["follow"]));
    case "orClose":
      return derived(new OrClose(entry["cursor"] as Cursor), target, promise(entry["orClose"]));
    case "deferred":
      run.deferred.add(target);
      return new Deferred(entry["own"] === true, true);
    case "all":
    case "allSettled":
    case "race":
    case "any": {
      const combinator = new Combinator(kind, 0);
      combinator.target = target;
      for (const member of entry[kind] as Entry[]) {
        if ("on" in member) combinator.restore(PENDING, undefined, promise(member["on"]));
        else if ("error" in member) combinator.restore(REJECTED, member["error"]);
        else combinator.restore(FULFILLED, member["value"]);
      }
      return combinator;
    }
    case "listen":
    case "timer":
    case "step":
    case "callback":
    case "effect": {
      if (kind === "callback") showToken(target.native);
      const { [kind]: what, handled: _handled, waiters: _waiters, ...fields } = entry;
      return { kind, ...fields, [named[kind]]: what } as unknown as Operation;
    }
    default:
      throw new CorruptFrameError("ops", `\`${kind}\` settles no promise`);
  }
}

function derived<D extends Then | Finally | Pass | Follow | OrClose>(by: D, target: DurablePromise, source: DurablePromise): D {
  by.target = target;
  by.source = source;
  return by;
}

/** Adds the reactions that a promise is the result of. */
export function connect({ by }: DurablePromise): void {
  if (by instanceof Combinator) {
    for (const member of by.members) if (member.source !== undefined) react(member.source, member);
  } else if (by !== undefined && "source" in by) react(by.source, by);
}

/** Puts the reactions of a promise into the order in which they came. Throws CorruptFrameError for others than they are. */
export function reorder(
  promise: DurablePromise,
  waiters: readonly number[],
  strands: ReadonlyMap<Frame, number>,
  targets: ReadonlyMap<DurablePromise, number>,
): void {
  const places = new Map(waiters.map((number, place) => [number, place]));
  const placeOf = (reaction: Reaction): number | undefined =>
    places.get((reaction instanceof Frame ? strands.get(reaction) : targets.get(targetOf(reaction) as DurablePromise)) ?? -1);
  const { reactions = [] } = promise;
  if (reactions.length !== waiters.length || reactions.some((reaction) => placeOf(reaction) === undefined)) throw new CorruptFrameError("ops", "`waiters` are not who waits");
  reactions.sort((a, b) => (placeOf(a) as number) - (placeOf(b) as number));
}

/** The promise that a reaction will settle; undefined for a strand and for ordinary code. */
export function targetOf(reaction: Reaction): DurablePromise | undefined {
  return "combinator" in reaction ? (reaction as Member).combinator.target : (reaction as Partial<Then>).target;
}
