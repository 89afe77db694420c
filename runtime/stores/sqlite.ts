// The embedded store: one SQLite file, durable commits, any number of processes. Several writers are correct but unfair to
// each other, as SQLite's lock is; one writing process per file is what to plan for.
//
//   driver    node:sqlite or better-sqlite3      open     settings that make a commit durable, read back
//   schema    the tables                         writer   one transaction for all that is ready
//   commit, deliver, leases, queues, remove            the statements, in place

import type {
  Change, Claimed, ClaimRequest, Committed, Delivered, Delivery, Extended, LeaseTime, OutboxRow, Query, QueueSettings, QueueState,
  RemoveRequest, RunRow, ShapeCount, ShapesQuery, Store, StoredRun, StoreTransactions,
} from "../store.ts";
import { noParts, outboxRow, partsOf, type Row, rowOf, runColumns, runRow, storedRun } from "./rows.ts";
import { Client } from "./sqlite/client.ts";
import { type Commits, prepareCommit } from "./sqlite/commit.ts";
import { prepareDeliver } from "./sqlite/deliver.ts";
import { type Database, type Listing, listing, type Statement } from "./sqlite/driver.ts";
import { findSql } from "./sqlite/find.ts";
import { prepareClaim, prepareExtend } from "./sqlite/leases.ts";
import { open, type SqliteOptions } from "./sqlite/open.ts";
import { prepareQueue } from "./sqlite/queues.ts";
import { prepareRemove } from "./sqlite/remove.ts";
import { changeMadeBy } from "./sqlite/transact.ts";
import { Writer } from "./sqlite/writer.ts";

export type { DriverName } from "./sqlite/driver.ts";
export type { SqliteOptions } from "./sqlite/open.ts";

/**
 * Opens or creates the file `path`, or with ":memory:" a database without one. Throws StoreDriverMissing, StoreUnreachable,
 * StoreForeign, StoreReadOnly, StoreLocked and their like, which change nothing.
 */
export function sqlite(path: string, options: SqliteOptions = {}): Store {
  return new SqliteStore(open(path, options), path);
}

// Put together once: a text that is made for each call is hashed for each call.
const selectRow = (frame: string): string => `select ${runColumns}, r.parted, ${frame} as frame from deflow_run r left join deflow_wake w on w.run = r.place where r.id = ?`;
/** A frame in parts is read with them. */
const selectWhole = selectRow("iif(r.parted = 1, '', r.frame)");
const selectWithFrame = selectRow("r.frame");
const selectWithout = selectRow("''");
const allParts = "select key, body from deflow_part where run = ?";
/** "0" comes after "/". */
const partsCalled = `${allParts} and key >= ? || '/' and key < ? || '0'`;

/** A shape is looked up in the index of runs, so what runs there are costs no more than those that are counted. A negative limit is none. */
const shapesSql = (ofFlows: boolean, ofKeys: boolean): string => `select s.key, s.flow, s.atoms, (select count(*) from (select 1 from deflow_run r where r.shape = s.key limit ?)) as runs from deflow_shape s
  where s.key > ?${ofFlows ? " and s.flow in (select value from json_each(?))" : ""}${ofKeys ? " and s.key in (select value from json_each(?))" : ""} and exists (select 1 from deflow_run r where r.shape = s.key) order by s.key limit ?`;

/**
 * A store over a database that is open and has the tables.
 * @internal
 */
export class SqliteStore implements Store {
  readonly #database: Database;
  readonly #writer: Writer | Client;
  readonly #statements = new Map<string, Statement>();
  readonly #commits: Commits;
  readonly #whole: Listing;
  readonly #without: Listing;
  readonly #deliver: ReturnType<typeof prepareDeliver>;
  readonly #claim: ReturnType<typeof prepareClaim>;
  readonly #extend: ReturnType<typeof prepareExtend>;
  readonly #queue: ReturnType<typeof prepareQueue>;
  readonly #remove: ReturnType<typeof prepareRemove>;

  /** Absent inside a transaction of somebody else's. */
  readonly transactions?: StoreTransactions;

  constructor(database: Database, path: string, client?: Client) {
    this.#database = database;
    const writer = client ?? new Writer(database, path);
    this.#writer = writer;
    if (writer instanceof Writer) this.transactions = this.#transactions(writer, path);
    this.#commits = prepareCommit(database);
    this.#whole = listing(database.prepare(selectWhole));
    this.#without = listing(database.prepare(selectWithout));
    this.#deliver = prepareDeliver(database);
    this.#claim = prepareClaim(database);
    this.#extend = prepareExtend(database);
    this.#queue = prepareQueue(database);
    this.#remove = prepareRemove(database);
  }

  async load(id: string, eventId?: string, only?: readonly string[]): Promise<StoredRun | undefined> {
    return this.#writer.read(() => {
      // First: a commit of another process that comes between makes the row newer than the answer, never older.
      const seen = eventId !== undefined
        && this.#get("select 1 from deflow_seen s join deflow_run r on r.place = s.run where r.id = ? and s.event_id = ?").get(id, eventId);
      const withFrame = only?.includes("frame") ?? true;
      const values = (withFrame ? this.#whole : this.#without).get(id);
      if (!values) return undefined;
      const row = rowOf(values);
      // Who asks for the frame is about to change the run.
      if (withFrame) this.#commits.wasRead(row);
      if (row["parted"] === 1 && only?.length !== 0) return this.#parted(id, Boolean(seen), withFrame ? selectWithFrame : selectWithout, only);
      return storedRun(row, this.#inbox(row), noParts, Boolean(seen));
    });
  }

  /** Its row and its parts are read in one transaction: between two, another process may commit. */
  #parted(id: string, seen: boolean, select: string, only?: readonly string[]): StoredRun | undefined {
    return this.#writer.snapshot(() => {
      const row = this.#get(select).get(id);
      return row && storedRun(row, this.#inbox(row), partsOf(this.#parts(row["place"] as number, only)), seen);
    });
  }

  #parts(place: number, only?: readonly string[]): readonly Row[] {
    if (only === undefined) return this.#get(allParts).all(place);
    return only.flatMap((name) => this.#get(partsCalled).all(place, name, name));
  }

  #inbox(row: Row): readonly Row[] {
    if (row["delivered"] === 0) return [];
    return this.#get("select seq, kind, event_id, body, at from deflow_inbox where run = ? order by seq").all(row["place"] as number);
  }

  commit(changes: readonly Change[]): Promise<readonly Committed[]> {
    return this.#writer.write(() => changes.map((change) => this.#commits.apply(change)));
  }

  deliver(deliveries: readonly Delivery[]): Promise<readonly Delivered[]> {
    return this.#writer.write(() => deliveries.map((delivery) => this.#deliver(delivery)));
  }

  claim(request: ClaimRequest): Promise<Claimed> {
    return this.#writer.write(() => this.#claim(request));
  }

  extend(leases: readonly { readonly id: string; readonly owner: string }[], time: LeaseTime): Promise<readonly Extended[]> {
    return this.#writer.write(() => leases.map((lease) => this.#extend(lease, time)));
  }

  async outbox(limit: number, after = 0): Promise<readonly OutboxRow[]> {
    return this.#writer.read(() => this.#get("select * from deflow_outbox where id > ? order by id limit ?").all(after, limit).map(outboxRow));
  }

  async find(query: Query): Promise<readonly RunRow[]> {
    const { sql, parameters } = findSql(query);
    return this.#writer.read(() => this.#get(sql).all(...parameters).map(runRow));
  }

  async shapes({ flows, keys, after = "", upTo = -1, limit }: ShapesQuery): Promise<readonly ShapeCount[]> {
    const lists = [flows, keys].flatMap((list) => (list === undefined ? [] : JSON.stringify(list)));
    return this.#writer.read(() => this.#get(shapesSql(flows !== undefined, keys !== undefined)).all(upTo, after, ...lists, limit) as unknown as ShapeCount[]);
  }

  remove(request: RemoveRequest): Promise<readonly string[]> {
    return this.#writer.write(() => this.#remove(request));
  }

  #transactions(writer: Writer, path: string): StoreTransactions {
    const transact: StoreTransactions["transact"] = async (work) => {
      let refused: Committed | undefined;
      try {
        return await writer.alone(() => {
          const result = this.#commits.apply(changeMadeBy(this.#database, work));
          if (result.applied) return result;
          refused = result;
          throw new Error("the change of a transaction was refused");
        });
      } catch (error) {
        if (refused !== undefined) return refused;
        throw error;
      }
    };
    // Nobody else can connect to a database without a file.
    return path === ":memory:" ? { synchronous: true, transact } : { synchronous: true, transact, joined: joiner(writer, this.#database, path) };
  }

  queue(name: string, now: number, settings?: QueueSettings): Promise<QueueState> {
    return this.#writer.write(() => this.#queue(name, now, settings));
  }

  async close(): Promise<void> {
    this.#writer.close();
  }

  #get(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }
}

/** Statements are prepared once for each client. */
function joiner(writer: Writer, own: Database, path: string): (given: unknown) => Store {
  const joined = new WeakMap<object, { readonly client: Client; readonly store: Store }>();
  return (given) => {
    writer.open();
    const known = joined.get(given as object) ?? storeOver(new Client(given, own, path), path);
    joined.set(given as object, known);
    known.client.check();
    writer.leaveTo(known.client);
    return known.store;
  };
}

function storeOver(client: Client, path: string): { client: Client; store: Store } {
  return { client, store: new SqliteStore(client.database, path, client) };
}
