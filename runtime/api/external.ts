// Objects of module state that runs may hold without owning them: a client, a cache, a registry.

import { InvalidArgumentError } from "../errors/run.ts";
import { OwnMap, OwnWeakMap } from "../realm/intrinsics.ts";
import { shared } from "../realm/shared.ts";

/**
 * Lets runs hold an object or function of module state as what it is: a frame stores its name, and whoever reads the frame gets the
 * object that its own process has under that name. Without it, a stop makes a copy, or is refused. Gives the object back.
 * An object given later under the same name takes its place.
 * @throws InvalidArgumentError for an empty name, and for what is no object or function.
 */
export function external<T extends object>(name: string, object: T): T {
  if (typeof name !== "string" || name === "") throw new InvalidArgumentError("The name of an external object", `${String(name) || "empty"}`, "a text");
  if ((typeof object !== "object" || object === null) && typeof object !== "function") throw new InvalidArgumentError(`The external \`${name}\``, String(object), "an object or a function");
  const externals = (shared.externals ??= { named: new OwnMap(), names: new OwnWeakMap() });
  externals.named.set(name, object);
  externals.names.set(object, name);
  return object;
}
