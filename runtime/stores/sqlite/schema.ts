// The tables, as migrations. A released migration is never edited; a change is the next one in the list.
//
// All names begin with `deflow_`, so that a store can live in the application's own file, next to its tables.

import { storeForeign, storeMissing, storeNewer, storeOlder } from "../../errors/store.ts";
import { type Database, undo } from "./driver.ts";

const migrations: readonly string[] = [
  `
  create table deflow_run (
    place      integer primary key,             -- order of creation
    id         text    not null unique,
    flow       text    not null,
    queue      text    not null,
    priority   integer not null,
    status     text    not null,
    version    integer not null,                -- raised by a commit only; the fencing token
    delivered  integer not null default 0,      -- messages ever put into the inbox
    looked     integer not null default 0,      -- the last of them that a commit took into account
    waits      text    not null,                -- contexts, a JSON array
    tags       text    not null default '{}',   -- the index as JSON; deflow_tag holds it for queries
    state      text    not null,
    frame      text    not null default '',
    created_at integer not null,
    updated_at integer not null
  ) strict;

  create table deflow_tag (
    run   integer not null references deflow_run on delete cascade,
    key   text    not null,
    value text    not null,                     -- JSON, so that 1, '1' and true differ
    primary key (run, key)
  ) strict, without rowid;
  create index deflow_tag_value on deflow_tag (key, value, run);

  -- A row only while the run is due some time or leased. Claims touch this table alone.
  create table deflow_wake (
    run      integer primary key references deflow_run on delete cascade,
    priority integer not null,
    at       integer not null,                  -- when it can be claimed: next timer, or end of the owner's lease
    owner    text,
    attempt  integer not null default 0
  ) strict;
  create index deflow_wake_due on deflow_wake (priority, at);

  create table deflow_inbox (
    run      integer not null references deflow_run on delete cascade,
    seq      integer not null,
    kind     text    not null,
    event_id text,
    body     text    not null,
    at       integer not null,
    primary key (run, seq)
  ) strict, without rowid;

  -- Ids outlive their messages: a sender may repeat itself long after the event was consumed.
  create table deflow_seen (
    run      integer not null references deflow_run on delete cascade,
    event_id text    not null,
    at       integer not null,
    primary key (run, event_id)
  ) strict, without rowid;

  -- Only of queues that are paused or limited.
  create table deflow_queue (
    name        text    primary key,
    paused      integer not null,
    concurrency integer                         -- null: any number
  ) strict, without rowid;
  create index deflow_wake_leased on deflow_wake (at) where owner is not null;

  create table deflow_outbox (
    id        integer primary key autoincrement,
    recipient text not null,
    kind      text not null,
    event_id  text not null,
    body      text not null
  ) strict;
  `,
  `
  -- Texts that belong to the run's frame and state. Only what changes of them is written.
  create table deflow_part (
    run  integer not null references deflow_run on delete cascade,
    key  text    not null,
    body text    not null,
    primary key (run, key)
  ) strict, without rowid;

  -- 1 from the first part on, so that reading a run without parts costs nothing more.
  alter table deflow_run add column parted integer not null default 0;
  `,
  `
  -- What runs listen for, for queries.
  create table deflow_wait (
    run     integer not null references deflow_run on delete cascade,
    context text    not null,
    primary key (run, context)
  ) strict, without rowid;
  create index deflow_wait_context on deflow_wait (context, run);
  insert or ignore into deflow_wait (run, context) select r.place, w.value from deflow_run r, json_each(r.waits) w;

  -- Each is in the order of place too.
  create index deflow_run_status on deflow_run (status);
  create index deflow_run_flow on deflow_run (flow, status);

  -- One row: the highest place of a run that was removed. Later runs are above it.
  create table deflow_removed (place integer not null) strict;
  insert into deflow_removed (place) values (0);
  `,
  `
  -- All that a claim chooses by, so that it looks at each queue by itself, and at one that is paused or full not at all.
  alter table deflow_wake add column queue text not null default '';
  alter table deflow_wake add column flow text not null default '';
  update deflow_wake set (queue, flow) = (select r.queue, r.flow from deflow_run r where r.place = deflow_wake.run);
  drop index deflow_wake_due;
  create index deflow_wake_due on deflow_wake (queue, flow, priority, at);
  drop index deflow_wake_leased;
  create index deflow_wake_leased on deflow_wake (queue, at) where owner is not null;
  `,
  `
  -- For the ids of a run that are forgotten after some time.
  create index deflow_seen_at on deflow_seen (run, at);
  `,
  `
  -- Of ended runs alone, by when they ended: for their removal.
  create index deflow_run_ended on deflow_run (status, updated_at) where status in ('completed', 'failed', 'cancelled', 'killed');
  `,
  `
  -- What code runs need. A row stays when no run is of it any more: the next one that comes to be is of it again.
  create table deflow_shape (
    key   text primary key,
    flow  text not null,
    atoms text not null
  ) strict, without rowid;
  alter table deflow_run add column shape text;         -- null: none is known, or it has ended
  create index deflow_run_shape on deflow_run (shape) where shape is not null;

  -- A claim chooses by it too, so that it looks at one run at most of those that its process does not know. '' is none.
  alter table deflow_wake add column shape text not null default '';
  drop index deflow_wake_due;
  create index deflow_wake_due on deflow_wake (queue, flow, shape, priority, at);
  `,
];

/** Brings the tables up to date. Of two starters one waits at `begin immediate` and then finds nothing left to do. */
export function migrate(database: Database, path: string): void {
  database.exec("begin immediate");
  try {
    const applied = version(database, path);
    if (applied > migrations.length) throw storeNewer(path, applied, migrations.length);
    const insert = applied < migrations.length ? database.prepare("insert into deflow_migration (number) values (?)") : undefined;
    for (let number = applied + 1; number <= migrations.length; number++) {
      database.exec(migrations[number - 1] ?? "");
      insert?.run(number);
    }
    database.exec("commit");
  } catch (error) {
    undo(database);
    throw error;
  }
}

/** Writes nothing. Throws StoreMissing, StoreOlder, StoreNewer, StoreForeign. */
export function checkTables(database: Database, path: string): void {
  if (!hasTables(database, path)) throw storeMissing(path, "main");
  const applied = version(database, path);
  if (applied > migrations.length) throw storeNewer(path, applied, migrations.length);
  if (applied < migrations.length) throw storeOlder(path, applied, migrations.length);
}

function hasTables(database: Database, path: string): boolean {
  const known = database.prepare("select name from sqlite_schema where name in ('deflow_run', 'deflow_migration') and type = 'table'").all();
  if (known.length === 1) throw storeForeign(path, `it has a table \`${String(known[0]?.["name"])}\` that is not deflow's`);
  return known.length > 0;
}

function version(database: Database, path: string): number {
  if (!hasTables(database, path)) database.exec("create table deflow_migration (number integer primary key) strict");
  return Number(database.prepare("select coalesce(max(number), 0) as number from deflow_migration").get()?.["number"]);
}
