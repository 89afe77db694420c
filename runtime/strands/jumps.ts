// The jumps that a `finally` interrupted: a `return`, `break` or `continue` that goes on when it is through. A frame that is stored in
// the `finally` names it, and the code must still know the way.
//
//   frame: "~c1": { to: "break for-of 1" }      code: points["step:undo"][4] is { "~c1": ["return", "break for-of 1"] }

import { UnknownPointError } from "../errors/load.ts";
import type { Meta } from "./registry.ts";
import { placeOf } from "./registry.ts";

/** @throws UnknownPointError where the locals of a point are on a way that the code does not have. */
export function checkJumps(meta: Meta, point: string, locals: Readonly<Record<string, unknown>>, runId?: string): void {
  const lost = lostJump(meta, point, locals);
  if (lost !== undefined) throw new UnknownPointError({ ...placeOf({ meta, point }), point: `${point}, on the way to "${lost}"` }, { runId });
}

/** What a completion of the point goes on with, and the code has no way for. */
export function lostJump(meta: Meta, point: string, locals: Readonly<Record<string, unknown>>): string | undefined {
  const known = meta.points[point]?.[4];
  for (const key of Object.keys(locals)) {
    if (!/^~c\d/.test(key)) continue;
    const { to } = (locals[key] ?? {}) as { to?: unknown };
    if (typeof to === "string" && to !== "throw" && !known?.[key]?.includes(to)) return to;
  }
  return undefined;
}
