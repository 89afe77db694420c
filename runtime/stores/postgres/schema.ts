// The tables, as migrations. A released migration is never edited; a change is the next one in the list.
//
//   run      one row, its frame in it; of its columns only `place` and `id` are in an index, and a page has room for another version of each of its
//            rows, so each save is a HOT update
//   wake     one row for each run, always there: whoever changes it can lock it, and a claim locks nothing else
//   status, tag, wait   what queries look for
//   inbox, seen, outbox, part, queue, shape
//
// There are no foreign keys: every write to a table of a run's holds the lock of the run's row, which says that it is there.

import { InvalidArgumentError } from "../../errors/run.ts";
import { storeForeign, storeNewer, storeNotDurable } from "../../errors/store.ts";
import { ask, type PgClient } from "./connection.ts";
import { codeOf, mayNotMigrate, missing, older } from "./failures.ts";
import { type Names, namesIn } from "./names.ts";

const migrations: readonly ((names: Names) => string)[] = [
  ({ of }) => `
create table ${of("store")} (id text not null);
insert into ${of("store")} (id) values (md5(random()::text || clock_timestamp()::text));

create table ${of("run")} (
  place      bigint  generated always as identity primary key,   -- order of creation
  id         text    collate "C" not null unique,
  flow       text    collate "C" not null,
  queue      text    collate "C" not null,
  priority   integer not null,
  status     text    not null,
  version    bigint  not null,                 -- raised by a commit only; the fencing token
  delivered  bigint  not null default 0,       -- messages ever put into the inbox
  looked     bigint  not null default 0,       -- the last of them that a commit took into account
  parted     boolean not null default false,   -- it has, or had, parts
  save_token uuid    not null,                 -- of the last commit: tells whether one whose answer was lost is in it
  waits      text    not null,                 -- contexts, a JSON array
  tags       text    not null,                 -- the index as JSON; deflow_tag holds it for queries
  state      text    not null,
  frame      bytea   not null,                 -- UTF-8; never jsonb, which alters legal data of JavaScript
  created_at bigint  not null,
  updated_at bigint  not null
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);

create table ${of("wake")} (
  run      bigint  primary key,
  queue    text    collate "C" not null,
  flow     text    collate "C" not null,
  priority integer not null,
  at       bigint,                             -- when it can be claimed: next timer, or end of the owner's lease; null: never
  owner    text    collate "C",
  attempt  integer not null default 0,
  version  bigint  not null default 0          -- of the run, when a commit took the lease last
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
create index deflow_wake_due on ${of("wake")} (queue, flow, priority, at) where at is not null;
create index deflow_wake_leased on ${of("wake")} (queue, at) where owner is not null;

create table ${of("status")} (
  run    bigint primary key,
  flow   text   collate "C" not null,
  status text   collate "C" not null,
  ended  bigint                                -- when it was changed last, once it has ended
) with (fillfactor = 80);
create index deflow_status_status on ${of("status")} (status, run);
create index deflow_status_flow on ${of("status")} (flow, status, run);
create index deflow_status_ended on ${of("status")} (ended, run) where ended is not null;

create table ${of("tag")} (
  run   bigint not null,
  key   text   collate "C" not null,
  value text   collate "C" not null,           -- JSON, so that 1, '1' and true differ; a hash of a long one
  primary key (run, key)
);
create index deflow_tag_value on ${of("tag")} (key, value, run);

create table ${of("wait")} (
  run     bigint not null,
  context text   collate "C" not null,
  primary key (run, context)
);
create index deflow_wait_context on ${of("wait")} (context, run);

create table ${of("inbox")} (
  run      bigint not null,
  seq      bigint not null,
  kind     text   not null,
  event_id text,
  body     text   not null,
  at       bigint not null,
  primary key (run, seq)
);

-- Ids outlive their messages: a sender may repeat itself long after the event was consumed.
create table ${of("seen")} (
  run      bigint not null,
  event_id text   collate "C" not null,
  at       bigint not null,
  primary key (run, event_id)
);
create index deflow_seen_at on ${of("seen")} (run, at);

create table ${of("outbox")} (
  id        bigint generated always as identity primary key,
  recipient text   not null,
  kind      text   not null,
  event_id  text   not null,
  body      text   not null
);

-- Texts that belong to the run's frame and state. Only what changes of them is written.
create table ${of("part")} (
  run  bigint not null,
  name text   collate "C" not null,            -- '=' and the key; '#' and a hash of a long one
  key  text,                                   -- a long one
  body bytea  not null,
  primary key (run, name)
);

-- Of each queue that a run was made for: claims lock it against changes.
create table ${of("queue")} (
  name        text    collate "C" primary key,
  paused      boolean not null default false,
  concurrency bigint                           -- null: any number
);

-- For people, who want to read frames.
create view ${of("frame")} as select id, version, status, convert_from(frame, 'UTF8') as frame from ${of("run")};
`,
  ({ of }) => `
-- What code runs need. A row stays when no run is of it any more: the next one that comes to be is of it again.
create table ${of("shape")} (
  key   text collate "C" primary key,
  flow  text collate "C" not null,
  atoms text not null
);
alter table ${of("run")} add column shape text collate "C";          -- null: none is known, or it has ended

-- The same; '' is none. A claim chooses by it too, so that it looks at one run at most of those that its process does not know.
alter table ${of("wake")} add column shape text collate "C" not null default '';
drop index ${of("wake_due")};
create index deflow_wake_due on ${of("wake")} (queue, flow, shape, priority, at) where at is not null;
create index deflow_wake_shape on ${of("wake")} (shape, run) where shape <> '';
`,
  ({ of }) => `
-- A statement may change all runs of a page, and the old versions go only after it: so there must be room for another one of each. Measured with 1,000 runs in
-- batches: at 60 a sixth of the updates went to another page, and so to the indexes; at 50 some; at 45 none.
alter table ${of("run")} set (fillfactor = 45);
`,
  ({ of }) => `
-- Many ids of a run to a row, each as the first 128 bits of its SHA-256: a row and two entries of indexes for each took 220 bytes. The table stays, and so what is
-- granted on it.
alter table ${of("seen")} drop constraint deflow_seen_pkey;
create table ${of("seen_buckets")} as
  select run, (('x' || right(id::text, 4))::bit(16)::integer & (width - 1)) << 16 | width as bucket, array_agg(id order by at, id) as ids, array_agg(at order by at, id) as ats from (
    select run, at, left(encode(sha256(convert_to(event_id, 'UTF8')), 'hex'), 32)::uuid as id,
      1 << least(15, ceil(log(2, greatest(4, count(*) over (partition by run) / 24.0)))::integer) as width
    from ${of("seen")}) i group by 1, 2;
truncate ${of("seen")};
alter table ${of("seen")}
  drop column event_id,
  drop column at,
  add column bucket integer  not null,         -- on level n, from 2 to 15, one of 2^n: the last n bits of its ids, shifted by 16, and 2^n
  add column ids    uuid[]   not null,
  add column ats    bigint[] not null,         -- when each came
  add primary key (run, bucket),
  set (fillfactor = 70);
insert into ${of("seen")} (run, bucket, ids, ats) select run, bucket, ids, ats from ${of("seen_buckets")};
drop table ${of("seen_buckets")};
`,
];

const table = ({ of }: Names): string => `create table ${of("migration")} (number integer primary key)`;
const applied = ({ of }: Names, number: number): string => `insert into ${of("migration")} (number) values (${number})`;

/** Of `migrationsSql()`. */
export interface MigrationsOptions {
  /** The tables are there, at this number, and only what comes after it is given. Default 0: they are not there. */
  readonly from?: number;
}

/**
 * What makes the tables, or brings those at `from` to the newest, as SQL for whoever wants to run it by hand: one transaction, which fails and changes nothing
 * where the tables are at another number. @throws InvalidArgument for a name that no schema can have, and for a number that no migration has.
 */
export function migrationsSql(schema = "deflow", { from = 0 }: MigrationsOptions = {}): string {
  const names = namesIn(schema);
  const newest = migrations.length;
  if (!(Number.isInteger(from) && from >= 0 && from <= newest)) throw new InvalidArgumentError("`from`", String(from), `the number that the tables are at, from 0 to ${newest}`);
  const begin = from === 0 ? `create schema if not exists ${names.quoted};\n${table(names)};\n` : checkedAt(names, from);
  const each = migrations.map((migration, at) => `\n-- ${at + 1}${migration(names)}${applied(names, at + 1)};\n`);
  return `begin;\n${begin}${each.slice(from).join("")}commit;\n`;
}

/** A migration that was left out would never be missed: the tables are at the last that was made. */
function checkedAt({ of }: Names, from: number): string {
  const code = `declare found integer := (select max(number) from ${of("migration")}); begin
  if found is distinct from ${from} then raise 'The tables of deflow are at %, not at ${from}', found; end if;
end`;
  return `do '${code.replaceAll("'", "''")}';\n`;
}

interface Opened {
  /** The store's own id, which no other has. */
  readonly id: string;
}

/** Brings the tables up to date, unless `how` is "check". Throws StoreMissing, StoreOlder, StoreNewer, StoreForeign, StoreDenied. */
export async function migrate(client: PgClient, names: Names, where: string, how: "apply" | "check"): Promise<Opened> {
  const found = await version(client, names, where);
  if (found === undefined || found < migrations.length) {
    const rest = `migrationsSql(${JSON.stringify(names.schema)}${found === undefined ? "" : `, { from: ${found} }`})`;
    if (how === "check") throw found === undefined ? missing(where, names.schema) : older(where, found, migrations.length, rest);
    await apply(client, names, where).catch((error: unknown) => {
      throw codeOf(error) === "42501" ? mayNotMigrate(where, error, rest) : error;
    });
  }
  const [row] = await ask(client, { text: `select id from ${names.of("store")}` });
  return { id: String(row?.["id"]) };
}

/** Of two starters one waits for the lock, and then finds nothing left to do. */
async function apply(client: PgClient, names: Names, where: string): Promise<void> {
  await client.query("begin");
  try {
    await ask(client, { text: "select pg_advisory_xact_lock(hashtextextended($1, 0))", values: [`deflow:${names.schema}`] });
    const [schema] = await ask(client, { text: "select to_regnamespace($1) is not null as found", values: [names.quoted] });
    // It needs the right to create schemas even where there is nothing to create.
    if (schema?.["found"] !== true) await client.query(`create schema ${names.quoted}`);
    const found = await version(client, names, where);
    if (found === undefined) await client.query(table(names));
    for (let number = (found ?? 0) + 1; number <= migrations.length; number++) {
      await client.query(migrations[number - 1]?.(names));
      await client.query(applied(names, number));
    }
    if (found === undefined) await compress(client, names);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

/** lz4 reads twice as fast as Postgres's own; a server may be built without it. */
async function compress(client: PgClient, { of }: Names): Promise<void> {
  const [row] = await ask(client, { text: "select 'lz4' = any(enumvals) as lz4 from pg_settings where name = 'default_toast_compression'" });
  if (row?.["lz4"] !== true) return;
  await client.query(`alter table ${of("run")} alter column frame set compression lz4; alter table ${of("part")} alter column body set compression lz4`);
}

/** Undefined: there are no tables. Throws StoreNewer, StoreForeign. */
async function version(client: PgClient, { schema, of }: Names, where: string): Promise<number | undefined> {
  const text = "select to_regclass($1) is not null as run, to_regclass($2) is not null as migration";
  const [tables] = await ask(client, { text, values: [of("run"), of("migration")] });
  const { run, migration } = tables as { run: boolean; migration: boolean };
  if (run !== migration) throw storeForeign(where, `its schema \`${schema}\` has a table \`deflow_${run ? "run" : "migration"}\` that is not deflow's`);
  if (!run) return undefined;
  const [row] = await ask(client, { text: `select max(number) as number from ${of("migration")}` });
  const found = Number(row?.["number"] ?? 0);
  if (found > migrations.length) throw storeNewer(where, found, migrations.length);
  return found;
}

/** What makes a commit that was reported survive a power failure, and keeps texts as they are. */
export async function checkServer(client: PgClient, where: string, durable: boolean): Promise<void> {
  const names = ["fsync", "full_page_writes", "synchronous_commit", "server_encoding"] as const;
  const [row = {}] = await ask(client, { text: `select ${names.map((name) => `current_setting('${name}') as ${name}`).join(", ")}` });
  const { server_encoding: encoding, ...settings } = row;
  if (encoding !== "UTF8") throw storeForeign(where, `its encoding is ${String(encoding)}, and texts need UTF8`);
  if (durable && Object.values(settings).includes("off")) throw storeNotDurable(where, settings);
}
