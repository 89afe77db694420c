// {"$agen": {"of": function, "state": "yielded", "point": id, "locals": {…}}}: an async generator made in a flow. One that has not
// begun has `args` in place of a point. While it runs there are `phase`, what it waits for, and `queue`: of each request that is not
// answered how, with what, and its promise. The wait itself is in the record's `strands`.

import { corrupt, type Json, type Kind, refuse, via, type Read, type Write } from "../../codec/kind.ts";
import { listPayload, objectPayload } from "../../codec/fields.ts";
import { AsyncCursor } from "../../values/cursors/async.ts";
import { durableOf } from "../../promises/durable.ts";
import { AsyncActivation, AsyncGenerator, asyncGeneratorObject, asyncGeneratorPrototype, type Request } from "../../values/generators/async.ts";
import type { Phase } from "../../values/generators/drive.ts";
import { type Mode, START } from "../../values/generators/machine.ts";
import { isWritingRun, noteGenerator, readingRun } from "../session.ts";
import { fitPosition, type Payload, readOwner, readPosition, writeOwner, writePosition } from "./generator-frame.ts";

const states: readonly string[] = ["started", "running", "yielded", "draining", "over"];
const phases: readonly Phase[] = ["body", "operand", "leaving", "inner", "value", "closing", "draining"];
const modes: readonly string[] = ["next", "throw", "return"];

export const asyncGeneratorKind: Kind = {
  tag: "$agen",
  test: (value) => AsyncGenerator.of(value) !== undefined,
  encode(object, write) {
    const activation = AsyncGenerator.of(object) as AsyncActivation;
    const { run, state, queue, delegate } = activation;
    if (!isWritingRun(run)) refuse("an async generator of another run, or of no run", "Only the run that made an async generator can keep it.");
    const payload: Payload = { ...writeOwner(object, activation, write), state };
    if (state !== "over" && state !== "draining") writePosition(activation, payload, write);
    if (delegate !== undefined) payload["delegate"] = write(delegate, via(".delegate"));
    if (state !== "running" && state !== "draining") return payload;
    return { ...payload, phase: activation.phase, received: activation.received, ended: activation.ended, queue: queue.map((request) => writeRequest(request, write)) };
  },
  create: () => asyncGeneratorObject(asyncGeneratorPrototype),
  fill(object, payload, read) {
    const fields = objectPayload(payload);
    const { callee, entry, env } = readOwner(fields, true, read);
    const run = readingRun() ?? corrupt("an async generator belongs to a run");
    const activation = new AsyncActivation(object, run, entry, env, callee, undefined, []);
    activation.state = oneOf(states, fields["state"]) as AsyncActivation["state"];
    if (activation.state !== "over" && activation.state !== "draining") readPosition(activation, fields, read);
    if (fields["delegate"] !== undefined) activation.delegate = cursorOf(read(fields["delegate"], via(".delegate")));
    if (fields["queue"] !== undefined) readWait(activation, fields, read);
    check(activation);
    noteGenerator(activation);
    Object.setPrototypeOf(object, callee.prototype as object);
    AsyncGenerator.give(object, activation);
  },
  finish: (object, payload) => fitPosition(AsyncGenerator.of(object) as AsyncActivation, objectPayload(payload)),
};

function writeRequest({ mode, value, promise }: Request, write: Write): Json {
  return [mode, write(value, via("(request)")), write(promise.native, via("(request)"))];
}

function readWait(activation: AsyncActivation, { phase, received, ended, queue }: Payload, read: Read): void {
  activation.phase = oneOf(phases, phase) as AsyncActivation["phase"];
  activation.received = oneOf(modes, received) as Mode;
  activation.ended = ended === true;
  for (const request of listPayload(queue)) {
    const [mode, value = null, place = null] = listPayload(request);
    const promise = durableOf(read(place, via("(request)")));
    if (promise === undefined) return corrupt("a request must have its promise");
    activation.queue.push({ mode: oneOf(modes, mode) as Mode, value: read(value, via("(request)")), promise });
  }
}

/** Phases that a `yield*` waits in; in the others there is no iteration to go on with. */
const delegating: ReadonlySet<Phase> = new Set<Phase>(["inner", "value", "closing"]);

/** What it says of its state must be what the driver leaves it in: it is believed when it goes on. */
function check({ state, point, phase, delegate, queue }: AsyncActivation): void {
  const begun = point !== undefined && point !== START;
  const waits = state === "running" || state === "draining";
  if ((queue.length > 0) !== waits) corrupt("requests wait at a generator while it runs, and only then");
  if (begun !== (state === "running" || state === "yielded")) corrupt("a generator has a point once it has begun, until it is over");
  if (waits && (phase === "draining") !== (state === "draining")) corrupt(`a generator that is ${state} does not wait so`);
  if (state === "running" && phase !== "leaving" && delegating.has(phase) !== (delegate !== undefined)) corrupt("`delegate` is the iteration of a `yield*`");
  if (!begun && delegate !== undefined) corrupt("only a generator at a `yield*` has a delegate");
}

function oneOf(known: readonly string[], value: Json | undefined): string {
  return typeof value === "string" && known.includes(value) ? value : corrupt(`expected one of ${known.join(", ")}`);
}

function cursorOf(value: unknown): AsyncCursor {
  return value instanceof AsyncCursor ? value : corrupt("expected the position in an async iteration");
}
