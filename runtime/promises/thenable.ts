// Operands of an await that are no promises, but have a `then` that was made in a flow. That may stop, so the strand that awaits it
// stops too:
//
//   await { async then(resolve) { resolve(await listen(go)) } }
//
// Such a `then` is found without running anything of the program's; any other one is called natively, by the native await.

import { isProxy } from "../codec/node.ts";
import { type DurablePromise, newDurable, resolve } from "./durable.ts";
import type { ThenFunction } from "./reactions.ts";
import { isCompiled } from "../strands/registry.ts";
import type { LiveRun } from "../run/step.ts";

const { getPrototypeOf, getOwnPropertyDescriptor } = Reflect;

/** The `then` of an object, if it was made in a flow. */
export function ownThen(value: object): ThenFunction | undefined {
  for (let at: object | null = value; at !== null && !isProxy(at); at = getPrototypeOf(at)) {
    const property = getOwnPropertyDescriptor(at, "then");
    if (property !== undefined) return isCompiled(property.value) ? (property.value as unknown as ThenFunction) : undefined;
  }
  return undefined;
}

/** The promise of an object whose `then` was made in a flow, or inherits from a durable promise. */
export function adopted(run: LiveRun, value: object): DurablePromise {
  const target = newDurable(run, undefined);
  resolve(target, value);
  return target;
}
