// Delivers what commits left in the outbox: the ends of runs to those that wait for them, and who waits to those runs. Each
// delivery also takes its message out of the outbox; the event id makes a second one harmless. Those of a page are asked for at
// once, so a store that writes several together does so.
//
//   commit, worker, tick ─► a scan of the outbox, page after page      one at a time in an engine
//                  meanwhile ─► the next one, which all who ask share

import { NotFoundError } from "../../errors/run.ts";
import type { OutboxRow } from "../../store.ts";
import { advance } from "../turns/advance.ts";
import type { Core } from "../core.ts";
import { perform } from "../family/activities.ts";
import { cancelChildren } from "../family/family.ts";
import { type Letter, read, write } from "../turns/messages.ts";

const atOnce = 100;

/** In the background. What a transaction of the caller's holds is delivered by others, after its commit. */
export function postOutbox(core: Core): void {
  if (core.isJoined) return;
  core.background.run("Delivering between runs", () => deliverOutbox(core));
}

/** All that there are by now; one that cannot be delivered is said, left there, and tried again later. */
export function deliverOutbox(core: Core): Promise<void> {
  return core.scans.next(() => scan(core));
}

async function scan(core: Core): Promise<void> {
  const left = new Set<number>();
  for (let after = 0, more = true; more;) {
    const rows = await core.store.outbox(atOnce, after);
    await Promise.all(rows.map(async (row) => {
      if (!await isDelivered(core, row)) left.add(row.id);
    }));
    more = rows.length === atOnce;
    after = rows.at(-1)?.id ?? after;
  }
  core.undelivered.keepOnly(left);
  if (left.size > 0) core.doorbell.tell({ at: core.undelivered.nextAt });
}

async function isDelivered(core: Core, row: OutboxRow): Promise<boolean> {
  if (!core.undelivered.isDue(row.id, core.clock.now())) return false;
  try {
    await deliver(core, row);
    return true;
  } catch (error) {
    const { to: runId, eventId } = row;
    const { failures, at } = core.undelivered.failed(row.id, core.clock.now());
    const nextAt = new Date(at);
    core.logger.error(`A message to \`${runId}\` could not be delivered; it is tried again at ${nextAt.toISOString()}: ${String(error)}`, { runId, eventId, failures, error });
    core.observers.tell("undelivered", () => ({ runId, eventId, error, failures, nextAt }));
    return false;
  }
}

async function deliver(core: Core, { id, to, kind, eventId, body }: OutboxRow): Promise<void> {
  const now = core.clock.now();
  const letter = read(core, { seq: 0, kind, eventId, body, at: now });
  if (letter.unreadable !== undefined && (letter.kind === "children" || letter.kind === "subscribe" || letter.kind === "perform")) throw letter.unreadable;
  if (letter.kind === "children") {
    for (const child of await cancelChildren(core, to, letter, id)) nudge(core, child);
    return;
  }
  if (letter.kind === "perform") return await perform(core, to, letter, id);
  // One that would go nowhere is answered by the delivery that takes it out of the outbox: between two it would be lost.
  if (letter.kind === "subscribe" && !await core.store.load(to, undefined, [])) return await answerForNobody(core, to, letter, id);
  const [result] = await core.store.deliver([{ to, kind, eventId, body, now, outbox: id }]);
  if (result?.result === "delivered") nudge(core, to);
  if (result?.result === "missing" && letter.kind === "subscribe") await answerForNobody(core, to, letter);
}

/** The run it waits for is not there, or not any more. */
async function answerForNobody(core: Core, gone: string, { run, operation }: Extract<Letter, { kind: "subscribe" }>, outbox?: number): Promise<void> {
  const answer: Letter = { kind: "result", operation, error: new NotFoundError(gone) };
  await core.store.deliver([{
    to: run, eventId: `result:${gone}:${operation}`, now: core.clock.now(), ...write(core, answer), ...(outbox === undefined ? {} : { outbox }),
  }]);
  nudge(core, run);
}

/** A letter has come for the run: its turn here takes it, or a worker, or the engine itself where there is none. */
export function nudge(core: Core, id: string): void {
  const turn = core.turns.get(id);
  if (turn) turn.ring();
  if (turn?.leased) return;
  if (core.doorbell.isAttended || core.isJoined) core.due(core.clock.now(), { run: id });
  else core.background.run(`A turn of \`${id}\``, () => advance(core, id));
}
