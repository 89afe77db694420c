// tick: what a worker does, once, for programs that are called now and then: serverless functions, cron.

import { type Duration, milliseconds } from "../../realm/duration.ts";
import { advance } from "../turns/advance.ts";
import type { Core } from "../core.ts";
import { claim } from "./claim.ts";
import { deliverOutbox } from "./outbox.ts";

/** Of `engine.tick`. */
export interface TickOptions {
  /** At most so many runs; default 100. */
  readonly limit?: number;
  /** Begins none after this time; default 25 seconds. */
  readonly within?: Duration;
  /** Only runs of these; default: all. */
  readonly queues?: readonly string[];
}

/** What `engine.tick` gives. */
export interface Ticked {
  /** How many runs were given turns. */
  readonly done: number;
  /** When to tick next; undefined: nothing is due at any time. */
  readonly nextAt: Date | undefined;
}

/** How many runs go on at the same time. */
const atOnce = 10;

/** Gives every run that is due its turns, and removes runs whose time is over; what it has no time for is for the next call. */
export async function tick(core: Core, { limit = 100, within = "25 seconds", queues }: TickOptions = {}): Promise<Ticked> {
  core.open();
  const until = core.clock.now() + milliseconds(within, "`within`");
  let rung = Infinity;
  const leave = core.doorbell.attend(({ at = Infinity }) => void (rung = Math.min(rung, at)));
  try {
    let done = 0;
    for (;;) {
      const swept = !await core.retention.sweep(core);
      rung = Infinity;
      await deliverOutbox(core);
      const owner = core.owner();
      const room = core.clock.now() < until ? Math.min(atOnce, limit - done) : 0;
      const { runs, nextAt, withheld } = await claim(core, {
        owner, now: core.clock.now(), duration: core.settings.lease, limit: room, flows: core.claimable(), ...(queues ? { queues } : {}),
      });
      if (runs.length === 0 && (room === 0 || (swept && rung > core.clock.now()))) {
        // A run that its queue keeps back is free when another's lease has ended, at the latest when it has run out.
        const next = Math.min(nextAt ?? Infinity, rung, swept ? Infinity : core.clock.now(), withheld ? core.clock.now() + core.settings.lease : Infinity);
        return { done, nextAt: next === Infinity ? undefined : new Date(next) };
      }
      await Promise.all(runs.map(({ id }) => advance(core, id, { owner })));
      await core.background.idle();
      done += runs.length;
    }
  } finally {
    leave();
  }
}
