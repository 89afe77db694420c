// What the steps of the simulation's flows do: they say so to whoever plays the world.

import type { StepContext } from "../../../runtime/api/step.ts";

type Perform = (info: StepContext, name: string, args: readonly unknown[]) => unknown;

export const world: { perform: Perform; broken: boolean } = { perform: () => undefined, broken: false };

export function act(info: StepContext, name: string, ...args: unknown[]): unknown {
  return world.perform(info, name, args);
}

/** A flow that may throw asks here. */
export function check(): void {
  if (world.broken) throw new Error("broken flow");
}
