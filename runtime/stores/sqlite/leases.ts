// Claims and heartbeats: both write deflow_wake alone, never a run's row.

import type { Claimed, ClaimRequest, Extended, LeaseTime } from "../../store.ts";
import type { Database } from "./driver.ts";
import { full, prepareRooms } from "./queues.ts";

/** Parameters: flows twice, queues twice, each a JSON array, or null for any. */
const fits = `(? is null or r.flow in (select value from json_each(?)))
  and (? is null or r.queue in (select value from json_each(?)))`;
const due = `deflow_wake w cross join deflow_run r on r.place = w.run where w.priority = ? and w.at <= ? and ${fits} and r.queue`;
const list = "(select value from json_each(?))";

export function prepareClaim(database: Database): (request: ClaimRequest) => Claimed {
  // One look at the index per priority in use, so that a claim reads what it takes and not all that is due.
  const priorities = database.prepare(`with recursive level (priority) as (
    select max(priority) from deflow_wake
    union all select (select max(priority) from deflow_wake where priority < level.priority) from level where level.priority is not null)
    select priority from level where priority is not null`);
  const open = database.prepare(`select r.place, r.id, r.queue, w.attempt + (w.owner is not null) as attempt from ${due} not in ${list} order by w.at limit ?`);
  const closed = database.prepare(`select 1 from ${due} in ${list} limit 1`);
  const next = database.prepare(`select w.at from deflow_wake w cross join deflow_run r on r.place = w.run
    where w.priority = ? and ${fits} and r.queue not in ${list} order by w.at limit 1`);
  const take = database.prepare("update deflow_wake set at = ?, attempt = ?, owner = ? where run = ?");
  const roomsOf = prepareRooms(database);

  return ({ owner, now, duration, limit, flows, queues }) => {
    const levels = priorities.all().map((row) => Number(row["priority"]));
    const [someFlows, someQueues] = [flows ? JSON.stringify(flows) : null, queues ? JSON.stringify(queues) : null];
    const fit = [someFlows, someFlows, someQueues, someQueues] as const;
    const rooms = roomsOf(now);
    const runs: { id: string; attempt: number }[] = [];

    /** False: the first run whose queue gives no more was met, and others may stand behind it. */
    function takeAll(priority: number): boolean {
      for (const row of open.all(priority, now, ...fit, full(rooms), limit - runs.length)) {
        const { place, id, queue, attempt } = row as { place: number; id: string; queue: string; attempt: number };
        const room = rooms.get(queue) ?? Infinity;
        if (room <= 0) return false;
        if (room < Infinity) rooms.set(queue, room - 1);
        take.run(now + duration, attempt, owner, place);
        runs.push({ id, attempt });
      }
      return true;
    }

    for (const priority of levels) while (runs.length < limit && !takeAll(priority));
    const without = full(rooms);
    const times = levels.map((priority) => next.get(priority, ...fit, without)?.["at"]).filter((at) => typeof at === "number");
    const withheld = without !== "[]" && levels.some((priority) => closed.get(priority, now, ...fit, without) !== undefined);
    return { runs, nextAt: times.length ? Math.max(now, Math.min(...times)) : null, withheld };
  };
}

type Extend = (lease: { readonly id: string; readonly owner: string }, time: LeaseTime) => Extended;

export function prepareExtend(database: Database): Extend {
  const current = database.prepare(`select r.place, r.delivered, w.owner from deflow_run r
    left join deflow_wake w on w.run = r.place where r.id = ?`);
  const extend = database.prepare("update deflow_wake set at = ?, owner = ? where run = ?");

  return ({ id, owner }, { now, duration }) => {
    const run = current.get(id) as { place: number; delivered: number; owner: string | null } | undefined;
    if (run?.owner !== owner) return { held: false, delivered: run?.delivered ?? 0 };
    extend.run(now + duration, duration > 0 ? owner : null, run.place);
    return { held: true, delivered: run.delivered };
  };
}
