// Queues that are paused, or may have so many runs under way. Of each that a run was made for there is a row, which claims lock.

import type { QueueSettings, QueueState } from "../../store.ts";
import type { Row } from "../rows.ts";
import type { LeaseNow } from "./clock.ts";
import type { Query } from "./connection.ts";
import type { Names } from "./names.ts";
import { Parameters } from "./source.ts";

/** What it is set to; of claims that have not seen it none is under way when it is answered. */
export function setQueue({ of }: Names, name: string, { paused, concurrency }: QueueSettings): Query {
  const parameters = new Parameters();
  const given = [
    ["name", parameters.add(name, "text")] as const,
    ...(paused === undefined ? [] : [["paused", parameters.add(paused, "boolean")] as const]),
    ...(concurrency === undefined ? [] : [["concurrency", parameters.add(concurrency, "bigint")] as const]),
  ];
  const text = `insert into ${of("queue")} (${given.map(([column]) => column).join(", ")}) values (${given.map(([, value]) => value).join(", ")})
    on conflict (name) do update set ${given.map(([column]) => `${column} = excluded.${column}`).join(", ")}`;
  return parameters.query(text, false);
}

export function queueQuery({ of }: Names, leaseNow: LeaseNow, name: string, now: number): Query {
  const parameters = new Parameters();
  const [nameSql, nowSql] = [parameters.add(name, "text"), parameters.add(now, "bigint")];
  const lease = leaseNow(nowSql);
  const text = `select coalesce(q.paused, false) as paused, q.concurrency,
      (select count(*) from ${of("wake")} where queue = ${nameSql} and owner is not null and at > ${lease}) as leased,
      (select count(*) from ${of("wake")} where queue = ${nameSql} and at is not null and at <= case when owner is null then ${nowSql} else ${lease} end) as due
    from (select 1) one left join ${of("queue")} q on q.name = ${nameSql}`;
  return parameters.query(text, true);
}

export function queueState(row: Row | undefined): QueueState {
  const { paused, concurrency, leased, due } = row as unknown as QueueState;
  return { paused, concurrency, leased, due };
}
