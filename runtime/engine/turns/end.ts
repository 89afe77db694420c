// The change that ends a run where it stands, whoever works on it: that one's next commit is refused.

import { recordedError } from "../../turn/recorded.ts";
import type { Change, StoredRun } from "../../store.ts";
import { announcements, tooLate } from "./change.ts";
import type { Core } from "../core.ts";
import { calls, cancellations, toCaller } from "../family/activities.ts";
import { errorText } from "../telling/history.ts";
import { read, toChildren } from "./messages.ts";
import { written } from "./parts.ts";
import { readState, type RunState, withRefused, writeAgain } from "./record.ts";

export function endingOf(core: Core, row: StoredRun, status: "killed" | "cancelled", error: Error, reason?: string): Change {
  const last = lastOf(core, row);
  const asked = row.inbox.map((message) => ({ message, letter: read(core, message) }));
  const late = asked.flatMap(({ letter, message }) => tooLate(letter, message, status));
  const ended = { waits: [], error: recordedError(error, core.env) };
  const children = last.children ? [toChildren(core, row.id, reason === undefined ? {} : { reason })] : [];
  const lines = core.journals.noted(row.parts, row.version + 1, { what: "ended", status, error: errorText(error) });
  return {
    id: row.id, version: row.version, now: core.clock.now(), status, ...written(row.parts, writeAgain(core, { ...last, ...ended, ...withRefused(last.refused, late) }, { ...unknown, ...ended }), undefined, lines).change, waits: [], looked: row.delivered,
    consumed: row.inbox.map(({ seq }) => seq), wake: null, force: true, ...(row.shape === null ? {} : { shape: null }), outbox: [...announcements(core, row.id, asked, ended), ...toCaller(core, row, ended), ...cancellations(core, row.id, calls(last.waits), reason), ...children],
  };
}

/** What a run ends with of which nothing else can be said. It may have children. */
const unknown = { turn: 1, responses: [], waits: [], children: true } as const satisfies RunState;

/** Ending a run must not need what it was. */
function lastOf(core: Core, row: StoredRun): RunState {
  try {
    const { nextAt: _, fresh: __, ...last } = readState(core, row);
    return last;
  } catch (error) {
    core.logger.warn(`The state of \`${row.id}\` cannot be read, and ends with it: ${String(error)}`, { runId: row.id, error });
    return unknown;
  }
}
