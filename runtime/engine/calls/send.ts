// send: for whenever the run listens. Stored before it is answered, consumed once, in the order of delivery.

import { checkInput, type Context } from "../../api/context.ts";
import { RunEndedError } from "../../errors/run.ts";
import { permitHash } from "../../run/token.ts";
import { advance, type Claim, isLeased, isStranded } from "../turns/advance.ts";
import { type Joining, joining } from "./client.ts";
import type { Core } from "../core.ts";
import { checkEvent } from "./limits.ts";
import { write } from "../turns/messages.ts";
import { checkName, contextName } from "../names.ts";
import { hasEnded, missing } from "../run.ts";

/** Of `engine.send`. */
export interface SendOptions extends Joining {
  /** The permit that the listen asks for, as text; stored with the event as a hash, and checked when the listen takes it. Default: none. */
  readonly permit?: string;
  /**
   * Made by the sender, up to 512 characters: a repetition with the same id does nothing, and gives `{ duplicate: true }`. Default: every call is a
   * new event.
   */
  readonly eventId?: string;
}

/** What `engine.send` gives. */
export interface Sent {
  /** The event id had been used before: nothing was done. */
  readonly duplicate: boolean;
}

/**
 * Resolves when the event is stored, and, if the run was free and listening, when its turn is over. How that turn ended is the
 * run's affair: see `get`. With `client` the turn is left to a worker.
 */
export async function send(engine: Core, id: string, target: Context<unknown> | string, data: unknown, { permit, eventId, client }: SendOptions = {}): Promise<Sent> {
  engine.open();
  const core = joining(engine, { client });
  const context = contextName(target);
  if (eventId !== undefined) checkName("`eventId`", eventId);
  checkEvent(core, context, data);
  await checkInput(target, data);
  // A turn under way here that holds no lease would lose its commit to the lease asked for below.
  await core.turns.get(id)?.yielded;
  const row = await core.store.load(id, eventId, []);
  if (!row) missing(id);
  if (row.seen) return { duplicate: true };
  if (hasEnded(row.status)) throw new RunEndedError(row.status, { runId: id });
  const listening = row.waits.includes(context) && !core.isJoined && !await isStranded(core, row);
  const lease = { owner: core.owner(), duration: core.settings.lease };
  const [delivered] = await core.store.deliver([{
    to: id, now: core.clock.now(),
    ...write(core, { kind: "event", context, data, ...(permit === undefined ? {} : { permit: permitHash(permit) }) }),
    ...(eventId === undefined ? {} : { eventId }), ...(listening ? { lease } : {}),
  }]);
  if (delivered?.result === "missing") missing(id);
  if (delivered?.result !== "delivered") return { duplicate: true };
  if (core.isJoined) {
    core.due(core.clock.now(), { run: id });
    return { duplicate: false };
  }
  core.turns.get(id)?.ring();
  // It is stored: what fails from here on must not make the sender send it again.
  await take(core, id, context, delivered.leased ? { owner: lease.owner } : undefined)
    .catch((error: unknown) => core.logger.error(`A letter to \`${id}\` is stored, but its turn could not be: ${String(error)}`, { runId: id, error }));
  return { duplicate: false };
}

/** Gives the run its turn, if that is up to the sender: who came to listen meanwhile did not see the letter. */
async function take(core: Core, id: string, context: string, claim: Claim | undefined): Promise<void> {
  if (claim !== undefined) return await advance(core, id, claim);
  const row = await core.store.load(id, undefined, []);
  if (!row) return;
  if (isLeased(core, row)) {
    if (!core.turns.get(id)?.leased) core.rings(id);
  } else if (row.waits.includes(context)) {
    await advance(core, id);
  }
}
