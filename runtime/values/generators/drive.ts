// What an async generator does between two waits. Its machine hands out what it awaits and what it yields; the driver awaits
// natively, so that everything takes the ticks of a native async generator.
//
//   drive:  await ──► goOn, by what was awaited ──► run the machine ──► what to await next, or IDLE
//
// Each phase is one `Await` of ECMA-262's algorithms: of the body, of the operand of a yield, of the value given to `return`, of a
// delegate's result. The phase is stored with the generator, so a wait for an operation may outlive its process in any of them.

import { durable } from "../../promises/durable.ts";
import { into, out, stop } from "../../strands/strand.ts";
import { shared } from "../../realm/shared.ts";
import { answer, type AsyncActivation, type Request } from "./async.ts";
import { closed, handedOut, pass, valueRejected, wrapped } from "./delegate-async.ts";
import { activate } from "./generator.ts";
import type { Mode } from "./machine.ts";

/**
 * body: an `await`. operand: what is yielded. leaving: what `return` was given. inner: a delegate's result; value: the value of a
 * delegate that is not async; closing: its `return`, for want of a `throw`. draining: what `return` was given after the end.
 */
export type Phase = "body" | "operand" | "leaving" | "inner" | "value" | "closing" | "draining";

/** Nothing to wait for: suspended, or over. */
const IDLE: unique symbol = Symbol("idle");

export async function drive(generator: AsyncActivation, waiting: unknown): Promise<void> {
  let wait = waiting;
  while (wait !== IDLE) {
    let mode: Mode = "next";
    let value: unknown;
    try {
      value = await wait;
    } catch (error) {
      mode = "throw";
      value = error;
    }
    into(generator);
    wait = goOn(generator, mode, value);
  }
}

/** With the first request of a generator that does not run. */
export function begin(generator: AsyncActivation): unknown {
  const { state } = generator;
  const request = first(generator);
  if (request === undefined) return idle(generator);
  if (state === "yielded") return resume(generator);
  if (request.mode === "return") return drain(generator);
  generator.state = "running";
  generator.promise = request.promise;
  return run(generator, "next", undefined);
}

/** What it waited for is settled. */
function goOn(generator: AsyncActivation, mode: Mode, value: unknown): unknown {
  switch (generator.phase) {
    case "body":
      return run(generator, mode, value);
    case "operand":
      return mode === "throw" ? run(generator, mode, value) : deliver(generator, value);
    case "leaving":
      return left(generator, mode === "throw" ? mode : "return", value);
    case "value":
      return mode === "throw" ? valueRejected(generator, value) : waitFor(generator, "inner", wrapped(generator, value));
    case "inner":
      return mode === "throw" ? run(generator, mode, value) : handedOut(generator, value);
    case "closing":
      return run(generator, "throw", mode === "throw" ? value : closed(value));
    case "draining":
      answer(generator, mode, value, true);
      return drain(generator);
  }
}

/** A delegate is asked to return what was awaited, not what was given. */
function left(generator: AsyncActivation, mode: Mode, value: unknown): unknown {
  return generator.delegate === undefined ? run(generator, mode, value) : pass(generator, mode, value);
}

/** Awaits a value for the phase. */
export function waitFor(generator: AsyncActivation, phase: Phase, value: unknown): unknown {
  generator.phase = phase;
  const point = generator.point ?? "";
  if (!durable(value)) return out(generator, point, value);
  try {
    return stop(generator, point, value, generator.locals);
  } catch (error) {
    // A promise of another run.
    return goOn(generator, "throw", error);
  }
}

/** Resumes the machine, up to what it awaits or yields. */
export function run(generator: AsyncActivation, mode: Mode, value: unknown): unknown {
  let result: IteratorResult<unknown, unknown>;
  generator.leaving = mode === "return";
  generator.yielding = false;
  generator.delegate = undefined;
  try {
    const native = (generator.native ??= activate(generator));
    result = mode === "throw" ? native.throw(value) : native.next(value);
  } catch (error) {
    return finish(generator, "throw", error);
  }
  if (result.done === true) return finish(generator, "next", result.value);
  if (generator.delegate !== undefined) return pass(generator, "next", undefined);
  if (generator.yielding) return waitFor(generator, "operand", result.value);
  generator.phase = "body";
  return result.value;
}

/** A value for the request under way; the next one resumes the generator at once. */
export function deliver(generator: AsyncActivation, value: unknown): unknown {
  answer(generator, "next", value, false);
  if (generator.queue.length > 0) return resume(generator);
  generator.state = "yielded";
  return idle(generator);
}

/** At a yield, with the first request of the queue. */
function resume(generator: AsyncActivation): unknown {
  const request = first(generator);
  if (request === undefined) return idle(generator);
  const { mode, value, promise } = request;
  generator.state = "running";
  generator.promise = promise;
  if (mode === "return") return waitFor(generator, "leaving", value);
  return generator.delegate === undefined ? run(generator, mode, value) : pass(generator, mode, value);
}

function finish(generator: AsyncActivation, mode: Mode, value: unknown): unknown {
  generator.state = "over";
  answer(generator, mode, value, true);
  return drain(generator);
}

/** What is still asked of one that is over. It keeps nothing else alive. */
function drain(generator: AsyncActivation): unknown {
  generator.state = "draining";
  generator.native = undefined;
  generator.delegate = undefined;
  generator.locals = {};
  generator.args = [];
  for (let request = first(generator); request !== undefined; request = first(generator)) {
    generator.promise = request.promise;
    if (request.mode === "return") return waitFor(generator, "draining", request.value);
    answer(generator, request.mode, request.mode === "throw" ? request.value : undefined, true);
  }
  generator.state = "over";
  generator.point = undefined;
  return idle(generator);
}

/** By the length: a list without elements may find one of Array.prototype. */
function first({ queue }: AsyncActivation): Request | undefined {
  return queue.length > 0 ? queue[0] : undefined;
}

/** It is no strand any more. */
function idle(generator: AsyncActivation): typeof IDLE {
  shared.current = undefined;
  generator.run.strands.delete(generator);
  generator.run.rest();
  return IDLE;
}
