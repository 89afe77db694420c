// What a machine loads when it is entered at a stored point. A local may hold anything, but where the code goes round a loop or
// leaves a block with resources, the frame must have a position or resources: the machine would find out in the midst of the
// flow, whose own `catch` would take it for an error of its own.
//
//   frame.locals ──► fitting(locals) ──► the machine's destructuring, which throws CorruptFrame for what does not fit

import { isCursor } from "../values/cursor.ts";
import { AsyncCursor } from "../values/cursors/async.ts";
import { CorruptFrameError } from "../errors/codec.ts";
import { PointRetiredError } from "../errors/versions.ts";
import type { LiveRun } from "../run/step.ts";
import { Resources } from "../values/resources.ts";
import { isReference } from "../versions/atoms.ts";
import { placeOf } from "./registry.ts";

interface Loading {
  locals: Record<string, unknown>;
}

const OwnProxy = Proxy;
const { hasOwn } = Object;

/** Enters a machine that loads its locals at once. */
export function loading<T>(frame: Loading, enter: () => T): T {
  const { locals } = frame;
  frame.locals = new OwnProxy(locals, { get: fitting });
  try {
    return enter();
  } finally {
    frame.locals = locals;
  }
}

/** The names with `~` are the compiler's: `~it1` an iteration, `~u1` the resources of a block. */
function fitting(locals: Record<string, unknown>, name: string | symbol): unknown {
  if (typeof name === "symbol") return Reflect.get(locals, name);
  if (!hasOwn(locals, name) && isReference(name)) return undefined;
  if (!hasOwn(locals, name)) throw new CorruptFrameError(`locals.${name}`, "the code goes on with it, and it is not there");
  const value = locals[name];
  if (name[0] !== "~") return value;
  const isIteration = name[1] === "i";
  const fits = isIteration ? isCursor(value) || value instanceof AsyncCursor : name[1] !== "u" || value instanceof Resources;
  if (!fits) throw new CorruptFrameError(`locals.${name}`, isIteration ? "the code goes on with an iteration here" : "the code goes on with the resources of a block here");
  return value;
}

/** The error of a point that was given up. Its machine is not entered: one that has no point left would begin anew. */
export function retirement(frame: Parameters<typeof placeOf>[0] & { readonly run?: LiveRun }): PointRetiredError | undefined {
  const { meta, point = "", run } = frame;
  return meta.retired?.includes(point) === true ? new PointRetiredError(placeOf(frame), { runId: run?.id }) : undefined;
}

/** What entering a machine threw, as the reader of the frame is told. */
export function misfit(cause: unknown): CorruptFrameError {
  return cause instanceof CorruptFrameError ? cause : new CorruptFrameError("locals", "they do not fit the code", { cause });
}
