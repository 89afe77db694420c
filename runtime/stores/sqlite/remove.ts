// remove: ended runs, those that ended first before others. They are found in an index that has ended runs alone, so commits of others do
// not touch it; each status by itself, in order, at most `limit`; then merged.

import { endedStatuses, type RemoveRequest } from "../../store.ts";
import type { Database } from "./driver.ts";

/** The first condition is that of the index, word for word: without it SQLite does not see that it may be used. */
export const removableSql = `select place, id, updated_at from deflow_run indexed by deflow_run_ended
  where status in ('completed', 'failed', 'cancelled', 'killed') and status = ? and updated_at < ? and delivered <= looked order by updated_at, place limit ?`;

interface Removable {
  readonly place: number;
  readonly id: string;
  readonly updated_at: number;
}

export function prepareRemove(database: Database): (request: RemoveRequest) => readonly string[] {
  const removable = database.prepare(removableSql);
  const keepPlace = database.prepare("update deflow_removed set place = max(place, ?)");
  const remove = database.prepare("delete from deflow_run where place = ?");
  return ({ before, status = endedStatuses, limit, dryRun = false }) => {
    const ended = [...new Set(status)].filter((one) => endedStatuses.includes(one));
    const rows = ended.flatMap((one) => removable.all(one, before, limit) as unknown as Removable[]);
    rows.sort((a, b) => a.updated_at - b.updated_at || a.place - b.place).splice(limit);
    if (!dryRun && rows.length > 0) {
      // Its place is nobody's after it: whoever pages through runs must not go past a new one.
      keepPlace.run(rows.reduce((highest, { place }) => Math.max(highest, place), 0));
      for (const { place } of rows) remove.run(place);
    }
    return rows.map(({ id }) => id);
  };
}
