// One delivery, inside the writer's transaction.

import type { Delivered, Delivery } from "../../store.ts";
import { prepareLease } from "./commit.ts";
import type { Database } from "./driver.ts";

export function prepareDeliver(database: Database): (delivery: Delivery) => Delivered {
  const current = database.prepare(`select r.place, r.delivered, w.at, w.owner from deflow_run r
    left join deflow_wake w on w.run = r.place where r.id = ?`);
  const see = database.prepare("insert into deflow_seen (run, event_id, at) values (?, ?, ?) on conflict do nothing");
  const count = database.prepare("update deflow_run set delivered = ? where place = ?");
  const insert = database.prepare("insert into deflow_inbox (run, seq, kind, event_id, body, at) values (?, ?, ?, ?, ?, ?)");
  const arm = database.prepare(`insert into deflow_wake (run, queue, flow, shape, priority, at) select place, queue, flow, ifnull(shape, ''), priority, ? from deflow_run where place = ?
    on conflict (run) do update set at = min(at, excluded.at)`);
  const settle = database.prepare("delete from deflow_outbox where id = ?");
  const { lease: take } = prepareLease(database);

  return ({ to, kind, eventId, body, now, lease, outbox }) => {
    if (outbox !== undefined) settle.run(outbox);
    const run = current.get(to) as { place: number; delivered: number; at: number | null; owner: string | null } | undefined;
    if (!run) return { result: "missing" };
    if (eventId !== undefined && Number(see.run(run.place, eventId, now).changes) === 0) return { result: "duplicate" };
    const seq = run.delivered + 1;
    count.run(seq, run.place);
    insert.run(run.place, seq, kind, eventId ?? null, body, now);
    const isHeld = run.owner !== null && run.at !== null && run.at > now;
    const grant = lease !== undefined && !isHeld;
    if (grant) take(run.place, run.owner, lease, now);
    else if (run.owner === null) arm.run(now, run.place);
    return { result: "delivered", seq, leased: grant };
  };
}
