// The kinds that every frame knows. Plain objects and arrays have no tag; scalars.ts has the values without identity.

import { classKind } from "./classes.ts";
import type { Kind } from "./kind.ts";
import { binaryKinds } from "./kinds/binary.ts";
import { boxed } from "./kinds/boxed.ts";
import { map, set } from "./kinds/collections.ts";
import { errorKinds } from "./kinds/errors.ts";
import { kept } from "./kinds/kept.ts";
import { date, regexp, url, urlSearchParams } from "./kinds/text.ts";
import { bare, marked, sparse } from "./structures.ts";

export function builtins(): readonly Kind[] {
  return [date, regexp, url, urlSearchParams, map, set, boxed, ...binaryKinds(), ...errorKinds(), bare, sparse, marked, kept, classKind];
}
