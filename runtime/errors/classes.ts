// All error classes, for storing errors and reading them back; and the error of a code that needs no class of its own.

import * as codec from "./codec.ts";
import { DeflowError, type DeflowErrorOptions } from "./error.ts";
import * as flow from "./flow.ts";
import * as load from "./load.ts";
import * as run from "./run.ts";
import * as versions from "./versions.ts";
import type { Code, Details } from "./table.ts";

/** An error that only its code tells apart; its `name` follows from it: STORE_CLOSED is a StoreClosedError. */
class CodedError<C extends Code> extends DeflowError<C> {}

export function deflowError<C extends Code>(code: C, details: Details<C>, options?: DeflowErrorOptions): DeflowError<C> {
  return new CodedError(code, details, options);
}

const prototypes = new Map<string, object>();
for (const module of [codec, flow, load, run, versions]) {
  for (const [name, exported] of Object.entries(module)) prototypes.set(name, (exported as { prototype: object }).prototype);
}

/** Of all errors that deflow throws. */
export const errorPrototypes: readonly object[] = [...prototypes.values(), CodedError.prototype];

/** The prototype of the error class that is called `name`, e.g. "TimeoutError". */
export function errorPrototype(name: string): object {
  return prototypes.get(name) ?? CodedError.prototype;
}
