// How long ended runs stay: workers and ticks remove them when their time is over. Runs that have not ended are never removed.

import { type Duration, milliseconds } from "../../realm/duration.ts";
import { InvalidArgumentError } from "../../errors/run.ts";
import { endedStatuses, type RunStatus } from "../../store.ts";
import type { Core } from "../core.ts";

/** A status that ends a run. */
export type EndedStatus = Extract<RunStatus, "completed" | "failed" | "cancelled" | "killed">;

/** How long after their end, by status; one that is absent: for ever. A duration alone is for all. */
export type Keep = Duration | { readonly [status in EndedStatus]?: Duration };

/** Between two looks, and how many runs one look removes of each status, so that other writers get their turn. */
const look = 60_000;
const atOnce = 500;

export class Retention {
  readonly #times: ReadonlyMap<EndedStatus, number>;
  #next = 0;

  constructor(keep: Keep | undefined) {
    this.#times = new Map(timesOf(keep));
  }

  /** Looks at most once a minute, and at once again while there is more to remove. Gives whether there is. */
  async sweep({ store, clock }: Core): Promise<boolean> {
    const now = clock.now();
    if (this.#times.size === 0 || now < this.#next) return false;
    this.#next = now + look;
    let more = false;
    for (const [status, time] of this.#times) {
      const removed = await store.remove({ before: now - time, status: [status], limit: atOnce });
      more ||= removed.length === atOnce;
    }
    if (more) this.#next = now;
    return more;
  }
}

function timesOf(keep: Keep | undefined): [EndedStatus, number][] {
  if (keep === undefined) return [];
  const given = typeof keep === "object" ? keep : Object.fromEntries(endedStatuses.map((status) => [status, keep]));
  return Object.entries(given).map(([status, time]) => {
    if (!endedStatuses.includes(status as RunStatus)) throw new InvalidArgumentError("`keep`", `the status \`${status}\``, `one that ends a run: ${endedStatuses.join(", ")}`);
    return [status as EndedStatus, milliseconds(time, `\`keep.${status}\``)];
  });
}
