// Isolation: once a frame is written, nothing of the run that it was written from is used any more. What the locals, captured
// cells and answers of that run reach is emptied; a run that goes on from the frame and still saw it would trace something else.

import { isMap, isProxy, isSet } from "node:util/types";
import type { LiveRun } from "../../../runtime/run/step.ts";
import type { Oracle } from "./oracle.ts";

export const isolation: Oracle = {
  name: "isolation",
  run: (drive) => drive({ stored: (_, run) => emptyRun(run) }),
};

function emptyRun(run: LiveRun): void {
  const met = new Set<object>();
  for (const { locals, env, args, self } of run.strands) for (const root of [...Object.values(locals), ...Object.values(env), ...args, self]) reach(root, met);
  for (const { by } of run.operations.values()) if (by !== undefined && "data" in by) reach(by.data, met);
  for (const object of met) empty(object);
}

/** Functions are not entered: their code is the module's, and the cells they share with the strand are met there. */
function reach(value: unknown, met: Set<object>): void {
  if (typeof value !== "object" || value === null || met.has(value) || isProxy(value) || !isData(value)) return;
  met.add(value);
  if (isMap(value)) for (const [key, part] of Map.prototype.entries.call(value)) {
    reach(key, met);
    reach(part, met);
  }
  if (isSet(value)) for (const part of Set.prototype.values.call(value)) reach(part, met);
  for (const property of Object.values(Object.getOwnPropertyDescriptors(value))) reach(property.value, met);
}

const tags = /^\[object (Object|Array|Map|Set)\]$/;

/** Plain objects, arrays, collections and cells: neither what belongs to the realm nor what belongs to the runtime. */
function isData(value: object): boolean {
  if (Object.hasOwn(value, "constructor") || Object.hasOwn(value, Symbol.toStringTag)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) return true;
  const { constructor } = prototype as { constructor?: { name?: unknown } };
  return constructor?.name === "OwnCell" || (["Object", "Array", "Map", "Set"].includes(String(constructor?.name)) && tags.test(Object.prototype.toString.call(value)));
}

function empty(object: object): void {
  const { name } = (Object.getPrototypeOf(object) as { constructor?: { name?: string } } | null)?.constructor ?? {};
  if (isMap(object)) Map.prototype.clear.call(object);
  if (isSet(object)) Set.prototype.clear.call(object);
  if (name === "OwnCell") return void ((object as { v: unknown }).v = "emptied");
  if (Array.isArray(object) && Object.getOwnPropertyDescriptor(object, "length")?.writable === true && !Object.isSealed(object)) object.length = 0;
  for (const key of Reflect.ownKeys(object)) if (Object.getOwnPropertyDescriptor(object, key)?.configurable === true) Reflect.deleteProperty(object, key);
}
