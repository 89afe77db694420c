// Queues that are paused, or may have so many runs under way. Of all others there is no row, or one that says neither.

import type { QueueSettings, QueueState } from "../../store.ts";
import type { Row } from "../rows.ts";
import type { LeaseNow } from "./clock.ts";
import type { Query } from "./connection.ts";
import type { Names } from "./names.ts";
import { Parameters } from "./source.ts";

export function queueQuery({ of }: Names, leaseNow: LeaseNow, name: string, now: number, settings?: QueueSettings): Query {
  const parameters = new Parameters();
  const [nameSql, nowSql] = [parameters.add(name, "text"), parameters.add(now, "bigint")];
  const current = settings === undefined
    ? `select paused, concurrency from ${of("queue")} where name = ${nameSql}`
    : set(of("queue"), nameSql, settings, parameters);
  const lease = leaseNow(nowSql);
  const text = `with q as (${current})
    select coalesce(q.paused, false) as paused, q.concurrency,
      (select count(*) from ${of("wake")} where queue = ${nameSql} and owner is not null and at > ${lease}) as leased,
      (select count(*) from ${of("wake")} where queue = ${nameSql} and at is not null and at <= case when owner is null then ${nowSql} else ${lease} end) as due
    from (select 1) one left join q on true`;
  return parameters.query(text, settings === undefined);
}

function set(queue: string, name: string, { paused, concurrency }: QueueSettings, parameters: Parameters): string {
  const given = [
    ...(paused === undefined ? [] : [["paused", parameters.add(paused, "boolean")] as const]),
    ...(concurrency === undefined ? [] : [["concurrency", parameters.add(concurrency, "bigint")] as const]),
  ];
  const columns = ["name", ...given.map(([column]) => column)].join(", ");
  const update = given.length > 0 ? given.map(([column]) => `${column} = excluded.${column}`).join(", ") : "name = excluded.name";
  return `insert into ${queue} (${columns}) values (${[name, ...given.map(([, value]) => value)].join(", ")})
    on conflict (name) do update set ${update} returning paused, concurrency`;
}

export function queueState(row: Row | undefined): QueueState {
  const { paused, concurrency, leased, due } = row as unknown as QueueState;
  return { paused, concurrency, leased, due };
}
