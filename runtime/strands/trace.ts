// What the stack of an error says of flows. V8 shows who awaits whom while that is in memory; strands wait in each other in
// frames. So when an error leaves a strand or an operation, its stack gets a line for each strand that waits for it:
//
//   Error: no money
//       at approve (/app/flows/approve.ts:12:9)
//       at [waits in] Promise.all (index 0)
//       at [waits in] onboard (flows/onboard.ts:30:3)
//
// Once for each error, when it first comes to somebody who waits; as many lines as V8 would show; never to what is no native error, nor to a stack
// that is not V8's own (frozen, an accessor of the author's). Nothing but the text changes: no attribute, not the message.
//
// Lines of the runtime between those of flows are left out. On top they are kept, save of coded errors, whose message says more:
// a fault of the runtime itself must show where it is.

import { types } from "node:util";
import { Member } from "../promises/combinators.ts";
import type { DurablePromise } from "../promises/durable.ts";
import { isDeflowError } from "../errors/error.ts";
import { pristine } from "../realm/intrinsics.ts";
import type { Reaction } from "../promises/reactions.ts";
import { placeOf } from "./registry.ts";
import { Frame } from "./strand.ts";

const mark = "    at [waits in] ";

/** `error` rejects `promise`: who waits for that. */
export function traceWaits(error: unknown, promise: DurablePromise): void {
  // Reading a stack makes V8 format it: not for what nobody waits for yet, and may be caught.
  const isLast = promise.run.root === undefined || promise === promise.run.root;
  if (promise.reactions !== undefined || isLast) trace(error, () => linesFrom(promise));
}

/** `error` is thrown into the strand where it waits. */
export function traceInto(error: unknown, frame: Frame, point = frame.point): void {
  trace(error, () => [lineOf(frame, point), ...linesFrom(frame.promise)]);
}

/** At an await of what was rejected before: only of coded errors, which know no place. */
export function traceLate(error: unknown, frame: Frame, point: string): void {
  if (isDeflowError(error)) traceInto(error, frame, point);
}

function trace(error: unknown, waits: () => readonly string[]): void {
  try {
    pristine(() => isTraceable(error) && rewrite(error, waits));
  } catch {
    // Who formats stacks (source maps, Error.prepareStackTrace) may read the error's own getters, and those may throw. The text
    // stays as it is then: how an error looks must not change what becomes of it.
  }
}

function isTraceable(error: unknown): error is Error {
  return types.isNativeError(error) && isOwnText(Object.getOwnPropertyDescriptor(error, "stack"));
}

/** Newer versions of V8 show the stack as an accessor, the same two functions for all errors of a realm. */
const nativeSetter = Object.getOwnPropertyDescriptor(new Error(), "stack")?.set;

function isOwnText(stack: PropertyDescriptor | undefined): boolean {
  if (stack === undefined) return false;
  // Of a frozen error, which that setter would change all the same, only this attribute tells.
  if (stack.set !== undefined) return stack.set === nativeSetter && stack.configurable === true;
  return stack.writable === true && typeof stack.value === "string";
}

function rewrite(error: Error, waits: () => readonly string[]): void {
  const { stack } = error;
  if (typeof stack !== "string" || stack.includes(mark)) return;
  const text = [trimmed(stack, error), ...waits().slice(0, limit())].join("\n");
  if (text !== stack) error.stack = text;
}

/** As the author has set it for all stacks. */
function limit(): number {
  const { stackTraceLimit } = Error;
  return typeof stackTraceLimit === "number" ? Math.max(stackTraceLimit, 0) : 0;
}

/** So far up: an error that nobody waits for looks at each promise of a chain that it passes through. */
const farthest = 1_000;

/** Upwards from who waits first; nobody else is shown where several wait. */
function linesFrom(promise: DurablePromise): string[] {
  const lines: string[] = [];
  const met = new Set<DurablePromise>();
  for (let at: DurablePromise | undefined = promise; at !== undefined && !met.has(at) && met.size < farthest; at = waiterOf(at, lines)) met.add(at);
  return lines;
}

function waiterOf(promise: DurablePromise, lines: string[]): DurablePromise | undefined {
  const reaction = promise.reactions?.find(isPassedOn);
  if (reaction instanceof Frame) {
    lines.push(lineOf(reaction, reaction.point));
    return reaction.promise;
  }
  if (reaction instanceof Member) {
    const { combinator, index } = reaction;
    lines.push(`${mark}Promise.${combinator.kind} (index ${index})`);
    return combinator.target;
  }
  return (reaction as { target?: DurablePromise } | undefined)?.target;
}

/** Not the native half of a promise: who holds that is unknown. */
function isPassedOn(reaction: Reaction): boolean {
  return reaction instanceof Frame || reaction instanceof Member || "target" in reaction;
}

function lineOf(frame: Frame, point: string | undefined): string {
  const { name, id, file } = frame.meta;
  return `${mark}${name || id} (${placeOf(frame, point).at ?? file})`;
}

/** The stack without lines of the runtime. The message may have lines that look like a stack's. */
function trimmed(stack: string, error: Error): string {
  if (home === undefined) return stack;
  const message: unknown = Object.getOwnPropertyDescriptor(error, "message")?.value;
  const from = typeof message === "string" ? stack.indexOf(message) + message.length : 0;
  const [head, ...lines] = stack.slice(from).split("\n    at ");
  let top = !isDeflowError(error);
  const kept = lines.filter((line) => {
    const own = line.includes(home);
    top &&= own;
    return top || !own;
  });
  return [stack.slice(0, from) + head, ...kept].join("\n    at ");
}

/** Where the runtime's own files are; undefined where it was bundled with others' code. */
const home = homeOf(new Error().stack);

function homeOf(stack: unknown): string | undefined {
  const line = typeof stack === "string" ? stack.split("\n")[1] : undefined;
  return /^\s*at (?:[^\\/(]*\()?((?:\S.*)?[\\/](?:node_modules[\\/]deflow[\\/]dist[\\/](?=[^\\/]+$)|runtime[\\/](?=strands[\\/]trace\.ts:)))/.exec(line ?? "")?.[1];
}
