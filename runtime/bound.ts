// Functions that `bind` gave. The engine does not tell what one is bound to, so it is noted where compiled code binds.

import type { CompiledFunction } from "./registry.ts";
import { shared } from "./shared.ts";

export function bound(target: unknown, [self, ...args]: unknown[]): CompiledFunction {
  const made = Reflect.apply(Function.prototype.bind, target as CompiledFunction, [self, ...args]) as CompiledFunction;
  shared.tags.set(made, { kind: "bound", target: target as CompiledFunction, self, args });
  return made;
}
