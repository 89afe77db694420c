// Claims runs of shapes that this build knows. Others that are due are judged, and claimed if they fit.

import type { Claimed, ClaimRequest } from "../../store.ts";
import type { Core } from "../core.ts";
import { reportStranded } from "./report.ts";

export async function claim(core: Core, request: Omit<ClaimRequest, "shapes" | "unfit">): Promise<Claimed> {
  await reportStranded(core);
  for (;;) {
    const claimed = await core.store.claim({ ...request, ...core.shapes.asked });
    let isNew = false;
    for (const shape of claimed.unknown) if (core.shapes.learn(shape)) isNew = true;
    if (!isNew) return claimed;
    // What it has is begun first: the next look is right after.
    if (claimed.runs.length > 0) return { ...claimed, nextAt: request.now };
  }
}
