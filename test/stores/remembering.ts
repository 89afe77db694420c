// What one process remembers of the runs that it saw, over a store that remembers nothing: so that engines begin turns from rows that others have left behind long ago.
//
// A mark is judged by a look just before the commit. Nothing comes between them in a simulation, where one call is made at a time.

import { endedStatuses, type Change, type Committed, type Store, type StoredRun } from "../../runtime/store.ts";
import { isCall } from "./calls.ts";

export function remembering(store: Store): Store {
  const seen = new Map<string, StoredRun>();
  const see = async (id: string): Promise<StoredRun | undefined> => {
    const row = await store.load(id);
    if (row !== undefined) seen.set(id, row);
    return row;
  };
  const judged = async (change: Change): Promise<Committed> => {
    const { mark, ...rest } = change;
    const isAsMarked = mark === undefined || isSame(mark as StoredRun, await store.load(change.id));
    const [result] = isAsMarked ? await store.commit([rest]) : [{ applied: false, reason: "stale" } as const];
    if (result?.applied) await see(change.id);
    return result as Committed;
  };
  const own: Partial<Store> = {
    load: async (id: string, eventId?: string, only?: readonly string[]) => (await see(id), await store.load(id, eventId, only)),
    commit: async (changes: readonly Change[]) => {
      const results = [...await store.commit([])];
      for (const change of changes) results.push(await judged(change));
      return results;
    },
    recall: (id, only) => {
      const row = seen.get(id);
      if (row === undefined || row.delivered > row.looked || row.wake?.owner || row.wake?.attempt || endedStatuses.includes(row.status)) return undefined;
      const parts = [...row.parts].filter(([key]) => only?.includes(key.split("/", 1)[0] as string) !== false);
      return { ...row, parts: new Map(parts), mark: row };
    },
  };
  return new Proxy(store, { get: (target, name: keyof Store) => own[name] ?? (isCall(name) ? target[name].bind(target) : target[name]) });
}

function isSame(mark: StoredRun, row: StoredRun | undefined): boolean {
  return row !== undefined && row.place === mark.place && row.version === mark.version && row.delivered === mark.delivered && !row.wake?.owner && !row.wake?.attempt;
}
