// What a realm of a worker evaluates: the package with its engine, and which run executes.

import { currentRun } from "../../../runtime/strands/current.ts";
import type { LiveRun } from "../../../runtime/run/step.ts";

export { deflow } from "../../../runtime/api/deflow.ts";
export { listen } from "../../../runtime/api/listen.ts";
export { createEngine } from "../../../runtime/engine/engine.ts";
export * as internal from "../../../runtime/internal.ts";
export { tellRefusals } from "../refusals.ts";

export function current(): LiveRun {
  return currentRun("a program");
}

/** The realm's own: the codec knows no classes of other realms. */
export const noArguments: [] = [];
