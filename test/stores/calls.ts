// For stores that tests put around others by a proxy: which of a store's properties are calls that ask it something.

import type { Store } from "../../runtime/store.ts";

/** All else is to be given as it is. */
export function isCall(name: keyof Store): name is Exclude<keyof Store, "transactions" | "recall"> {
  return name !== "transactions" && name !== "recall";
}
