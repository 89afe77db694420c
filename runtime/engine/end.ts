// The change that ends a run where it stands, whoever works on it: that one's next commit is refused.

import { recordedError } from "../recorded.ts";
import type { Change, StoredRun } from "../store.ts";
import { announcements, tooLate } from "./change.ts";
import type { Core } from "./core.ts";
import { errorText } from "./history.ts";
import { read, toChildren } from "./messages.ts";
import { written } from "./parts.ts";
import { readState, type RunState, withRefused, writeState } from "./record.ts";

export function endingOf(core: Core, row: StoredRun, status: "killed" | "cancelled", error: Error, reason?: string): Change {
  const { nextAt: _, fresh: __, ...last } = readState(core, row);
  const asked = row.inbox.map((message) => ({ message, letter: read(core, message) }));
  const late = asked.flatMap(({ letter, message }) => tooLate(letter, message, status));
  const state: RunState = { ...last, waits: [], error: recordedError(error, core.env), ...withRefused(last.refused, late) };
  const children = last.children ? [toChildren(core, row.id, reason === undefined ? {} : { reason })] : [];
  const lines = core.journals.noted(row.parts, row.version + 1, { what: "ended", status, error: errorText(error) });
  return {
    id: row.id, version: row.version, now: core.clock.now(), status, ...written(row.parts, writeState(core, state), undefined, lines).change, waits: [], looked: row.delivered,
    consumed: row.inbox.map(({ seq }) => seq), wake: null, force: true, outbox: [...announcements(core, row.id, asked, state), ...children],
  };
}
