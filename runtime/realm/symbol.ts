// `Symbol("x")` in compiled code. A unique symbol is equal only to itself, so only one that belongs to a run can be stored:
// all that holds it is in that run's record, and gets the same new symbol.

import { shared } from "./shared.ts";

/** As the global `Symbol`. */
export function symbol(description?: unknown): symbol {
  const made = Symbol(description as string | undefined);
  shared.symbols.add(made);
  return made;
}
