// Functions that `bind` gave. The engine does not tell what one is bound to, so it is noted where compiled code binds.

import { append } from "../realm/append.ts";
import { apply } from "../realm/intrinsics.ts";
import type { CompiledFunction } from "../strands/registry.ts";
import { shared } from "../realm/shared.ts";
import { twin } from "../promises/twins.ts";

const nativeBind = Function.prototype.bind as (...args: never[]) => unknown;

export function bound(target: unknown, given: unknown[]): CompiledFunction {
  const made = apply(nativeBind, twin(target) as CompiledFunction, given) as CompiledFunction;
  const args: unknown[] = [];
  for (let index = 1; index < given.length; index++) append(args, given[index]);
  shared.tags.set(made, { kind: "bound", target: target as CompiledFunction, self: given[0], args });
  return made;
}
