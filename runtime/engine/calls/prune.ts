// prune: removes ended runs, with all that belongs to them.

import { type Duration, milliseconds } from "../../realm/duration.ts";
import type { RunStatus } from "../../store.ts";
import type { Core } from "../core.ts";

/** Of `engine.prune`. */
export interface PruneOptions {
  /** Those that ended before this time; a duration (a number is milliseconds) counts back from now. */
  readonly before: Date | Duration;
  /** Default: every status that ends a run. */
  readonly status?: RunStatus | readonly RunStatus[];
  /** Removes nothing, and gives the ids of what it would remove. Default: false. */
  readonly dryRun?: boolean;
}

/** In transactions of so many, so that other writers get their turn. */
const atOnce = 500;
const all = 1_000_000;

export async function prune(core: Core, { before, status, dryRun = false }: PruneOptions): Promise<readonly string[]> {
  core.open();
  const request = {
    before: before instanceof Date ? before.getTime() : core.clock.now() - milliseconds(before, "`before`"),
    ...(status === undefined ? {} : { status: typeof status === "string" ? [status] : status }),
  };
  if (dryRun) return await core.store.remove({ ...request, limit: all, dryRun });
  const ids: string[] = [];
  for (;;) {
    const removed = await core.store.remove({ ...request, limit: atOnce });
    ids.push(...removed);
    if (removed.length < atOnce) return ids;
  }
}
