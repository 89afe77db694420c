// The `arguments` object of a compiled function: a real one, which frames keep as the list of its values.

import type { Json, Kind, Read, Write } from "./codec/kind.ts";
import { shared } from "./shared.ts";

export function makeArguments(values: readonly unknown[]): IArguments {
  const object = strict(...values);
  shared.argumentObjects.add(object);
  return object;
}

/** Modules are strict, so the object is not linked to the parameters. */
function strict(..._values: unknown[]): IArguments {
  // oxlint-disable-next-line prefer-rest-params -- the object itself is what is wanted
  return arguments;
}

export const argumentsKind: Kind<IArguments> = {
  tag: "$args",
  instances: shared.argumentObjects,
  encode: (object: IArguments, write: Write): Json => Array.from(object, (value, index) => write(value, index)),
  create: (payload: Json): IArguments => makeArguments((payload as Json[]).map(() => undefined)),
  fill(object: IArguments, payload: Json, read: Read): void {
    for (const [index, part] of (payload as Json[]).entries()) object[index] = read(part, index);
  },
};
