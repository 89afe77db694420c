// Queries: what is looked through, and in which order, is the same as in the SQLite store.
//
//   an index entry       deflow_tag (key, value, run)     the runs that have it, in order; the other filters at each
//   a context            deflow_wait (context, run)       the runs that listen for it
//   a status, a flow     deflow_status (status, run), (flow, status, run): for each status by itself, at most `limit`; then merged
//   shapes               deflow_wake (shape, run): the places of those that are of one of them, sorted
//   nothing              deflow_run, in order

import { endedStatuses, type Query as RunQuery, type RemoveRequest, type RunStatus, type ShapesQuery } from "../../store.ts";
import { runColumns } from "../rows.ts";
import type { LeaseNow } from "./clock.ts";
import { tagValue } from "./commit.ts";
import type { Query } from "./connection.ts";
import type { Names } from "./names.ts";
import { Parameters } from "./source.ts";

const statuses: readonly RunStatus[] = ["queued", "running", "waiting", "compensating", "completed", "failed", "cancelled", "killed"];

/** What rows.ts reads, and the time by which `wake_at` of a lease is to be understood. */
export function columnsOf(leaseNow: LeaseNow, now: string): string {
  return `${runColumns}, ${leaseNow(now)} as lease_now`;
}

export function findQuery({ of }: Names, leaseNow: LeaseNow, query: RunQuery, now: number): Query {
  const { flow, status, index = {}, context, shapes, limit, after = 0 } = query;
  const parameters = new Parameters();
  const add = (value: string | number | readonly string[], type: string): string => parameters.add(value, type);
  const [first, ...others] = Object.entries(index);
  const from = `${of("run")} r left join ${of("wake")} w on w.run = r.place`;
  const [afterSql, limitSql] = [add(after, "bigint"), add(limit, "bigint")];
  const more = [
    ...others.map(([key, value]) => `exists (select 1 from ${of("tag")} where run = d.run and key = ${add(key, "text")} and value = ${add(tagValue(value), "text")})`),
    ...(first !== undefined && context !== undefined ? [`exists (select 1 from ${of("wait")} where run = d.run and context = ${add(context, "text")})`] : []),
  ];
  const ofRow = first === undefined && context === undefined && shapes === undefined ? [] : [
    ...(flow === undefined ? [] : [`r.flow = ${add(flow, "text")}`]),
    ...(status === undefined ? [] : [`r.status = any(${add(status, "text[]")})`]),
    ...(shapes === undefined ? [] : [`r.shape = any(${add(shapes, "text[]")})`]),
  ];
  const of1 = (source: string, conditions: readonly string[]): string =>
    `select d.run from ${source} where ${[...conditions, `d.run > ${afterSql}`, ...more].join(" and ")}`;
  const found = (): string => {
    if (first !== undefined) return of1(`${of("tag")} d`, [`d.key = ${add(first[0], "text")}`, `d.value = ${add(tagValue(first[1]), "text")}`]);
    if (context !== undefined) return of1(`${of("wait")} d`, [`d.context = ${add(context, "text")}`]);
    if (shapes !== undefined) return of1(`${of("wake")} d`, ["d.shape <> ''", `d.shape = any(${add(shapes, "text[]")})`]);
    if (flow === undefined && status === undefined) return `select place as run from ${of("run")} d where place > ${afterSql}`;
    const each = [...new Set(status ?? statuses)].map((one) =>
      `(${of1(`${of("status")} d`, [...(flow === undefined ? [] : [`d.flow = ${add(flow, "text")}`]), `d.status = ${add(one, "text")}`])} order by d.run limit ${limitSql})`);
    return each.length > 0 ? each.join(" union all ") : `select 0::bigint as run where ${afterSql} < 0`;
  };
  const text = `select ${columnsOf(leaseNow, add(now, "bigint"))} from (${found()}) f join ${from} on r.place = f.run
    ${ofRow.length > 0 ? `where ${ofRow.join(" and ")}` : ""} order by f.run limit ${limitSql}`;
  return parameters.query(text, false);
}

export function shapesQuery({ of }: Names, { flows, keys, after = "", upTo, limit }: ShapesQuery): Query {
  const parameters = new Parameters();
  const ofFlows = flows === undefined ? "" : `and s.flow = any(${parameters.add(flows, "text[]")})`;
  const ofKeys = keys === undefined ? "" : `and s.key = any(${parameters.add(keys, "text[]")})`;
  const those = `${of("wake")} w where w.shape = s.key and w.shape <> ''`;
  const counted = upTo === undefined ? those : `(select 1 from ${those} limit ${parameters.add(upTo, "bigint")}) w`;
  const text = `select s.key, s.flow, s.atoms, w.runs from ${of("shape")} s cross join lateral (select count(*) as runs from ${counted}) w
    where s.key > ${parameters.add(after, "text")} ${ofFlows} ${ofKeys} and w.runs > 0 order by s.key limit ${parameters.add(limit, "bigint")}`;
  return parameters.query(text, true);
}

/** Those that somebody is just writing to are left for the next time. */
export function removeQuery({ of }: Names, { before, status = endedStatuses, limit, dryRun = false }: RemoveRequest): Query {
  const parameters = new Parameters();
  const ended = status.filter((one) => endedStatuses.includes(one));
  const which = `select r.place, r.id, s.ended from ${of("status")} s join ${of("run")} r on r.place = s.run
    where s.ended < ${parameters.add(before, "bigint")} and r.status = any(${parameters.add(ended, "text[]")}) and r.delivered <= r.looked
    order by s.ended, s.run limit ${parameters.add(limit, "bigint")}`;
  if (dryRun) return parameters.query(which, false);
  const tables = ["wake", "status", "tag", "wait", "inbox", "seen", "part"];
  const text = `with g as materialized (${which} for update of r skip locked),
    r as (delete from ${of("run")} d using g where d.place = g.place),
    ${tables.map((table) => `${table}_ as (delete from ${of(table)} d using g where d.run = g.place)`).join(",\n")}
    select id from g order by ended, place`;
  return parameters.query(text, false);
}
