// Queues that are paused, or may have so many runs under way. All others have no row here.

import type { QueueSettings, QueueState } from "../../store.ts";
import type { Database } from "./driver.ts";

/** How many more runs a queue gives, of those that do not give any number; 0 or less: none. */
type Rooms = Map<string, number>;

const leased = "select count(*) from deflow_wake where owner is not null and at > ? and queue = ";

export function prepareRooms(database: Database): (now: number) => Rooms {
  const rooms = database.prepare(`select name, case when paused then 0 else concurrency - (${leased} deflow_queue.name) end as room
    from deflow_queue where paused or concurrency is not null`);
  return (now) => new Map(rooms.all(now).map((row) => [String(row["name"]), Number(row["room"])]));
}

export function prepareQueue(database: Database): (name: string, now: number, settings?: QueueSettings) => QueueState {
  const current = database.prepare("select paused, concurrency from deflow_queue where name = ?");
  const set = database.prepare(`insert into deflow_queue (name, paused, concurrency) values (?, ?, ?)
    on conflict (name) do update set paused = excluded.paused, concurrency = excluded.concurrency`);
  const drop = database.prepare("delete from deflow_queue where name = ?");
  const underWay = database.prepare(`${leased} ?`);
  const due = database.prepare("select count(*) as runs from deflow_wake where at <= ? and queue = ?");

  return (name, now, settings = {}) => {
    const row = current.get(name) as { paused: number; concurrency: number | null } | undefined;
    const { paused, concurrency } = { paused: row?.paused === 1, concurrency: row?.concurrency ?? null, ...settings };
    if (paused || concurrency !== null) set.run(name, Number(paused), concurrency);
    else if (row !== undefined) drop.run(name);
    return { paused, concurrency, leased: Number(underWay.get(now, name)?.["count(*)"]), due: Number(due.get(now, name)?.["runs"]) };
  };
}
