// Runs that are cancelled with the one that started them. The cancelled run's commit leaves one message in the outbox; whoever
// delivers it finds those that go on by their index, so a run keeps no list of what it has started.
//
//   parent's commit ─► outbox ─► find ─► a `cancel` in the inbox of each
//   a child that is stored only then is in no answer: it looks at its parent itself before it begins

import { CancelledError } from "../../errors/flow.ts";
import { type Change, type RunStatus, type StoredRun } from "../../store.ts";
import type { Core } from "../core.ts";
import { isActivityFlow } from "../../run/activities.ts";
import { isAwaited } from "./activities.ts";
import { endingOf } from "../turns/end.ts";
import { type Children, write } from "../turns/messages.ts";
import { stateParts } from "../turns/parts.ts";
import { childrenOf, parentOf, readState } from "../turns/record.ts";

const going: readonly RunStatus[] = ["queued", "running", "waiting", "compensating"];
const atOnce = 100;

/** Gives the ids of those that were told. A second time is harmless. `outbox` is the message that asks for it. */
export async function cancelChildren(core: Core, parent: string, { upTo = Infinity, reason }: Children, outbox: number): Promise<readonly string[]> {
  const told: string[] = [];
  const now = core.clock.now();
  const letter = write(core, { kind: "cancel", ...(reason === undefined ? {} : { reason }) });
  for (let after = 0, more = true; more;) {
    const rows = await core.store.find({ index: childrenOf(parent), status: going, limit: atOnce, after });
    const children = rows.filter(({ index }) => (parentOf(index)?.operation ?? Infinity) <= upTo).map(({ id }) => id);
    await core.store.deliver(children.map((to) => ({ to, eventId: `cancel:${parent}`, now, ...letter })));
    told.push(...children);
    more = rows.length === atOnce;
    after = rows.at(-1)?.place ?? after;
  }
  // To nobody: it only takes the message out of the outbox.
  await core.store.deliver([{ to: "", now, ...letter, outbox }]);
  return told;
}

/** The change that ends a run that has not begun, if its parent was cancelled before, or its caller waits for it no longer; undefined: it may begin. */
export async function orphaned(core: Core, row: StoredRun): Promise<Change | undefined> {
  const parent = parentOf(row.index);
  if (parent === undefined || row.status !== "queued") return undefined;
  const above = await core.store.load(parent.run, undefined, [stateParts]);
  if (isActivityFlow(row.flow)) {
    if (above !== undefined && isAwaited(row, above, parent, () => readState(core, above))) return undefined;
    return endingOf(core, row, "cancelled", new CancelledError(`the run \`${parent.run}\` does not wait for it`, { runId: row.id }));
  }
  if (above === undefined) return undefined;
  const isCancelled = above.status === "killed" || parent.operation <= (readState(core, above).cancelled ?? 0);
  return isCancelled ? endingOf(core, row, "cancelled", new CancelledError(`the run \`${parent.run}\`, which started it, was cancelled`, { runId: row.id })) : undefined;
}
