// Claims and heartbeats: both write deflow_wake alone, never a run's row.

import type { Claimed, ClaimRequest, Extended, LeaseOf, LeaseTime, Shape } from "../../store.ts";
import type { Database } from "./driver.ts";
import { prepareRooms } from "./queues.ts";

/** Runs that are alike for a claim. Of those of a queue that gives nothing, or of a shape that is not asked for, only the first is looked at. */
interface Group {
  readonly queue: string;
  readonly flow: string;
  /** "": none. */
  readonly shape: string;
  readonly priority: number;
  /** When its first run can be claimed. */
  at: number;
}

interface Candidate extends Pick<Group, "queue" | "priority" | "at"> {
  readonly run: number;
  readonly attempt: number;
}

/**
 * A few looks at the index per group, whatever is in it. Not by comparing rows of values: of `(queue, flow, shape, priority) > (…)` SQLite seeks
 * by `queue` alone, and walks past all runs of the group before (measured: 10 ms at 100,000).
 */
export const groupsOf = `with recursive first (run) as (
    select (select run from deflow_wake order by queue, flow, shape, priority, at limit 1)
    union all
    select coalesce(
      (select n.run from deflow_wake n where n.queue = w.queue and n.flow = w.flow and n.shape = w.shape and n.priority > w.priority order by n.priority, n.at limit 1),
      (select n.run from deflow_wake n where n.queue = w.queue and n.flow = w.flow and n.shape > w.shape order by n.shape, n.priority, n.at limit 1),
      (select n.run from deflow_wake n where n.queue = w.queue and n.flow > w.flow order by n.flow, n.shape, n.priority, n.at limit 1),
      (select n.run from deflow_wake n where n.queue > w.queue order by n.queue, n.flow, n.shape, n.priority, n.at limit 1))
    from first join deflow_wake w on w.run = first.run)
  select w.queue, w.flow, w.shape, w.priority, w.at from first join deflow_wake w on w.run = first.run`;
export const dueOf = `select run, queue, priority, at, attempt + (owner is not null) as attempt from deflow_wake
  where queue = ? and flow = ? and shape = ? and priority = ? and at <= ? order by at limit ?`;
/** Rows of processes that began before these columns were there, and still go on. */
const complete = `update deflow_wake set (queue, flow, shape) = (select r.queue, r.flow, ifnull(r.shape, '') from deflow_run r where r.place = deflow_wake.run)
  where queue = '' and flow = ''`;
export const nextOf = "select at from deflow_wake where queue = ? and flow = ? and shape = ? and priority = ? order by at limit 1";

export function prepareClaim(database: Database): (request: ClaimRequest) => Claimed {
  const groups = database.prepare(groupsOf);
  const fill = database.prepare(complete);
  const due = database.prepare(dueOf);
  const first = database.prepare(nextOf);
  const take = database.prepare("update deflow_wake set at = ?, attempt = ?, owner = ? where run = ? returning (select id from deflow_run where place = run) as id");
  const roomsOf = prepareRooms(database);
  const shapeOf = database.prepare("select key, flow, atoms from deflow_shape where key = ?");

  function all(): readonly Group[] {
    const found = groups.all() as unknown as Group[];
    if (found[0]?.flow !== "") return found;
    fill.run();
    return groups.all() as unknown as Group[];
  }

  return ({ owner, now, duration, limit, flows, queues, shapes, unfit }) => {
    const fitting = all().filter(({ flow, queue, shape }) => (!flows || flows.includes(flow)) && (!queues || queues.includes(queue)) && !unfit?.includes(shape));
    const isKnown = ({ shape }: Group): boolean => !shapes || shape === "" || shapes.includes(shape);
    const rooms = roomsOf(now);
    const roomOf = (queue: string): number => rooms.get(queue) ?? Infinity;
    const waiting = fitting.filter(({ queue, at }) => at <= now && roomOf(queue) > 0);
    const unknown = new Set(waiting.filter((group) => !isKnown(group)).map(({ shape }) => shape));
    const open = waiting.filter(isKnown);
    const candidates = open.flatMap(({ queue, flow, shape, priority }) => due.all(queue, flow, shape, priority, now, Math.min(limit, roomOf(queue))) as unknown as Candidate[])
      .toSorted((a, b) => b.priority - a.priority || a.at - b.at || a.run - b.run);
    const runs: { id: string; attempt: number }[] = [];
    for (const { run, queue, attempt } of candidates) {
      if (runs.length === limit) break;
      if (roomOf(queue) <= 0) continue;
      rooms.set(queue, roomOf(queue) - 1);
      runs.push({ id: String(take.get(now + duration, attempt, owner, run)?.["id"]), attempt });
    }
    if (runs.length > 0) for (const group of open) group.at = Number(first.get(group.queue, group.flow, group.shape, group.priority)?.["at"]);
    const next = fitting.reduce((least, { queue, at }) => (roomOf(queue) > 0 ? Math.min(least, at) : least), Infinity);
    const withheld = fitting.some(({ queue, at }) => roomOf(queue) <= 0 && at <= now);
    return { runs, nextAt: next === Infinity ? null : Math.max(now, next), withheld, unknown: [...unknown].map((key) => shapeOf.get(key) as unknown as Shape) };
  };
}

type Extend = (lease: LeaseOf, time: LeaseTime) => Extended;

export function prepareExtend(database: Database): Extend {
  const current = database.prepare(`select r.place, r.version, r.delivered, w.owner from deflow_run r
    left join deflow_wake w on w.run = r.place where r.id = ?`);
  const extend = database.prepare("update deflow_wake set at = ?, owner = ? where run = ?");

  return ({ id, owner, version }, { now, duration }) => {
    const run = current.get(id) as { place: number; version: number; delivered: number; owner: string | null } | undefined;
    if (run?.owner !== owner) return { held: false, delivered: run?.delivered ?? 0 };
    if (version === undefined || version === run.version) extend.run(now + duration, duration > 0 ? owner : null, run.place);
    return { held: true, delivered: run.delivered };
  };
}
