// The functions of Promise as values, with a receiver of the program's: `all.call(Promise, list)`, `Promise.resolve.bind(Promise)`.
// Native ones give promises that no frame can hold, so compiled code calls their durable twins. So have the functions that show
// the prototype of a promise.

import { apply, OwnMap } from "../realm/intrinsics.ts";
import { intact } from "../realm/intact.ts";
import { all, allSettled, any, race, reject, resolve, tried } from "./combinators.ts";
import { withResolvers } from "./deferred.ts";
import { prototypes, shownBy } from "./likeness.ts";

type Callee = (this: unknown, ...args: never[]) => unknown;

const durable: Readonly<Record<string, Callee>> = { all, allSettled, any, race, reject, resolve, try: tried, withResolvers };
const realm = Promise;
const twins = new OwnMap<unknown, Callee>();

for (const [name, own] of Object.entries(durable)) {
  const native = (realm as unknown as Record<string, Callee | undefined>)[name];
  if (native !== undefined) twins.set(native, twinOf(native, own));
}
for (const native of prototypes) twins.set(native, shownBy(native));

/** With the name and length of the native one, which a bound function shows. */
function twinOf(native: Callee, own: Callee): Callee {
  const { [native.name]: made } = {
    [native.name](this: unknown, ...args: never[]): unknown {
      return apply(this === realm && intact() ? own : native, this, args);
    },
  } as Record<string, Callee>;
  return Object.defineProperty(made as Callee, "length", { value: native.length, configurable: true });
}

/** The twin of a function that has one; everything else as it is. */
export function twin<T>(callee: T): T {
  return typeof callee === "function" ? ((twins.get(callee) as T | undefined) ?? callee) : callee;
}
