// The store for many machines: Postgres, by plain `pg`. Each call is one statement, and so one round trip and one transaction.
//
//   connection  a pool            schema    the tables        executor   statements on the pool, or in a caller's transaction
//   batches     what comes together is one statement          commit, deliver, leases, queues, load, find   the statements
//   seen        event ids, many to a row                        known-runs, as-known   what need not be looked for again
//
// Locks are taken in one order: by the ids of runs, of each its row and then its wake row. A claim locks wake rows alone, and waits for none.

import { systemClock } from "../realm/clock.ts";
import { isDeflowError } from "../errors/error.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import { storeClosed, storeUnknown } from "../errors/store.ts";
import type {
  Change, Claimed, ClaimRequest, Committed, Delivered, Delivery, Extended, LeaseOf, LeaseTime, OutboxRow, Query as RunQuery, QueueSettings, QueueState,
  RemoveRequest, RunRow, ShapeCount, ShapesQuery, Store, StoredRun, StoreTransactions,
} from "../store.ts";
import { databaseOf } from "./postgres/address.ts";
import { asKnownQuery, knownOf } from "./postgres/as-known.ts";
import { Batches, Rejected } from "./postgres/batches.ts";
import { joinedClient } from "./postgres/client.ts";
import { type LeaseClock, type LeaseNow, leaseNowOf } from "./postgres/clock.ts";
import { answerOf, type CommitQuery, commitQuery, type Judged, type Save, saveOf } from "./postgres/commit.ts";
import { hasSettings, type PgClient, type PgPool } from "./postgres/connection.ts";
import { deliverQuery, type Letter, letterOf, lockRuns } from "./postgres/deliver.ts";
import { type Executor, PoolExecutor } from "./postgres/executor.ts";
import { findQuery, removeQuery, shapesQuery } from "./postgres/find.ts";
import { type Known, KnownRuns } from "./postgres/known-runs.ts";
import { claimedBefore, claimedOf, claimQuery, extendQuery, lockLimited } from "./postgres/leases.ts";
import { type Asked, hasParts, inCallersTime, kindOf, loaded, partsQuery, rowsOf, rowsQuery } from "./postgres/load.ts";
import { type Names, namesIn } from "./postgres/names.ts";
import { queueQuery, queueState, setQueue } from "./postgres/queues.ts";
import { checkServer, migrate } from "./postgres/schema.ts";
import { type Again, digestOf } from "./postgres/seen.ts";
import { transact } from "./postgres/transact.ts";
import { noParts, outboxRow, partsOf, type Row, runRow } from "./rows.ts";

export type { PgClient, PgPool, PgPoolClient } from "./postgres/connection.ts";
export type { LeaseClock } from "./postgres/clock.ts";
export { type PostgresDispatcher, type PostgresDispatcherOptions, postgresDispatcher } from "../dispatchers/postgres.ts";
export { migrationsSql, type MigrationsOptions } from "./postgres/schema.ts";
export { viewSql, type ViewOptions } from "./postgres/view.ts";

/** Of `postgresStore()`: a `connectionString` or a `pool`. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`: the store has connections of its own, and closes them with itself. */
  readonly connectionString?: string;
  /** Instead: a `Pool` of pg. The store takes connections of it, and does not end it. */
  readonly pool?: PgPool;
  /** Where the tables are; default "deflow". */
  readonly schema?: string;
  /** How many connections of its own; default 10. */
  readonly connections?: number;
  /** "apply", the default, makes and changes the tables; "check" asks that they are there. */
  readonly migrate?: "apply" | "check";
  /** Default true: a server that may lose what it has committed is refused. */
  readonly durable?: boolean;
  /** Default "database", so that clocks of machines may differ. "caller" is for tests with a clock of their own. */
  readonly leaseClock?: LeaseClock;
}

/** It connects at its first call, which throws StoreUnreachable, StoreDenied, StoreNewer and their like; a later call tries again. */
export function postgresStore(options: PostgresOptions): Store {
  const { schema = "deflow", connections = 10, migrate: how = "apply", durable = true, leaseClock = "database" } = options;
  const names = namesIn(schema);
  oneOf("migrate", how, ["apply", "check"]);
  oneOf("leaseClock", leaseClock, ["database", "caller"]);
  const { pool, own, where } = databaseOf("postgresStore()", options, connections);
  let opening: Promise<string> | undefined;
  const open = async (client: PgClient): Promise<string> => {
    await checkServer(client, where, durable);
    if (own !== undefined) executor.named = await hasSettings(client) ? "everywhere" : "nowhere";
    return (await migrate(client, names, where, how)).id;
  };
  const ready = (client: PgClient): Promise<string> => (opening ??= open(client).catch((error: unknown) => {
    opening = undefined;
    throw error;
  }));
  const executor = new PoolExecutor(pool, where, names.schema, ready);
  return new PostgresStore({ executor, names, where, leaseNow: leaseNowOf(leaseClock), isOwn: own !== undefined, id: () => opening ?? executor.lent(ready), end: async () => own?.end() });
}

function oneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (!allowed.includes(value as string)) throw new InvalidArgumentError(`\`${name}\``, typeof value === "string" ? JSON.stringify(value) : `of type ${typeof value}`, allowed.map((one) => JSON.stringify(one)).join(" or "));
}

interface Parts {
  readonly executor: Executor;
  readonly names: Names;
  readonly where: string;
  readonly leaseNow: LeaseNow;
  readonly isOwn: boolean;
  id(): Promise<string>;
  end(): Promise<void>;
}

/** Codes of errors that say nothing of the one or the other item of a batch. */
const hopeless: ReadonlySet<string> = new Set(["STORE_OUTCOME_UNKNOWN", "STORE_UNREACHABLE", "STORE_DENIED", "STORE_MISSING", "STORE_BUSY"]);

/** Statements under way at once, and changes of one. */
const together = { lanes: 4, most: 200 };

class PostgresStore implements Store {
  readonly #executor: Executor;
  readonly #names: Names;
  readonly #where: string;
  readonly #leaseNow: LeaseNow;
  /** The connections are the store's own: their settings keep a plan good for tables of all sizes. */
  readonly #isOwn: boolean;
  readonly #end: () => Promise<void>;
  readonly #saves: Batches<Save, Committed>;
  readonly #letters: Batches<Letter, Delivered>;
  readonly #loads: Batches<Asked, StoredRun | undefined>;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Absent inside a transaction of somebody else's, which may see older rows. */
  readonly #known: KnownRuns | undefined;
  #closed = false;

  /** Absent inside a transaction of somebody else's. */
  readonly transactions?: StoreTransactions;

  constructor(parts: Parts) {
    const { executor, names, where, leaseNow, isOwn, end } = parts;
    this.#executor = executor;
    this.#names = names;
    this.#where = where;
    this.#leaseNow = leaseNow;
    this.#isOwn = isOwn;
    this.#end = end;
    // Whether it was carried out is not known of any of them, or the database is away.
    const isOfAll = (error: unknown): boolean => isDeflowError(error) && hopeless.has(error.code);
    this.#saves = new Batches((saves) => this.#save(saves), { ...together, several: "none", kind: ({ change }) => change.version === 0, isOfAll });
    this.#letters = new Batches((letters) => this.#deliver(letters), { ...together, several: "batch", kind: ({ delivery }) => delivery.eventId === undefined, isOfAll });
    this.#loads = new Batches((asked) => this.#load(asked), { ...together, several: "any", kind: kindOf, isOfAll });
    if (executor instanceof PoolExecutor) {
      this.#known = new KnownRuns();
      this.transactions = this.#transactions(executor, parts, this.#known);
    }
  }

  load(id: string, eventId?: string, only?: readonly string[]): Promise<StoredRun | undefined> {
    return this.#call(async () => (await this.#loads.add([{ id, digest: eventId === undefined ? undefined : digestOf(eventId), only }]))[0]);
  }

  recall(id: string, only?: readonly string[]): StoredRun | undefined {
    return this.#known?.recall(id, only);
  }

  async #load(asked: readonly Asked[]): Promise<readonly (StoredRun | undefined)[]> {
    const now = systemClock.now();
    const query = rowsQuery(this.#names, this.#leaseNow, asked, now, this.#isOwn);
    const rows = rowsOf(asked, await this.#executor.run(() => query));
    const parts = asked.map((one, at) => (rows[at] && hasParts(rows[at], one) ? this.#known?.partsOf(one, rows[at]) : noParts));
    const unknown = asked.filter((_, at) => parts[at] === undefined);
    const whole = unknown.length === 0 ? [] : await this.#loadParts(unknown, now);
    return asked.map((one, at) => {
      const [row, its] = [rows[at], parts[at]];
      if (row === undefined) this.#known?.forget(one.id);
      return its === undefined ? whole[unknown.indexOf(one)] : row && this.#loaded(one, row, its, now);
    });
  }

  async #loadParts(asked: readonly Asked[], now: number): Promise<readonly (StoredRun | undefined)[]> {
    const query = partsQuery(this.#names, this.#leaseNow, asked, now, this.#isOwn);
    const found = await this.#executor.run(() => query);
    return rowsOf(asked, found).map((row, at) => row && this.#loaded(asked[at] as Asked, row, partsOf(found.filter(({ what, ord }) => what === "part" && Number(ord) === at)), now));
  }

  #loaded(asked: Asked, row: Row, parts: StoredRun["parts"], now: number): StoredRun {
    const run = loaded(row, parts, now);
    this.#known?.read(asked, row, run);
    return run;
  }

  commit(changes: readonly Change[]): Promise<readonly Committed[]> {
    return this.#call(async () => this.#saves.add(changes.map(saveOf)));
  }

  async #save(saves: readonly Save[]): Promise<readonly (Committed | Rejected)[]> {
    const known = knownOf(this.#known, saves);
    const results = known === undefined ? await this.#saveAny(saves) : await this.#saveAsKnown(saves, known);
    return results.map((result, at) => {
      if (result instanceof Rejected) return result;
      this.#known?.saved(saves[at] as Save, result);
      return answerOf(result);
    });
  }

  async #saveAsKnown(saves: readonly Save[], known: readonly Known[]): Promise<readonly (Judged | Rejected)[]> {
    const asKnown = asKnownQuery(this.#names, saves, known, this.#isOwn);
    const any = (): CommitQuery => commitQuery(this.#names, this.#leaseNow, saves, this.#isOwn);
    let again = false;
    const rows = await this.#executor.run((isAgain) => {
      again = isAgain;
      return isAgain ? any().query : asKnown.query;
    });
    if (again) return await this.#settled(saves, any().read(rows), true);
    const changed = asKnown.read(rows);
    return await Promise.all(saves.map(async (save, at) => {
      const { stamp, run } = known[at] as Known;
      if (changed.has(at)) return { applied: true, version: run.version + 1, delivered: run.delivered, before: stamp };
      if (save.change.mark !== undefined) return { applied: false, reason: "stale" };
      return await this.#saveAlone(save, false);
    }));
  }

  /** What becomes of it must not be taken for what has become of those that it came with. */
  #saveAlone(save: Save, wasLost: boolean): Promise<Judged | Rejected> {
    return this.#saveAny([save], wasLost).then(([judged]) => judged as Judged | Rejected, (error: unknown) => new Rejected(error));
  }

  #settled(saves: readonly Save[], judged: readonly (Judged | Again)[], wasLost: boolean): Promise<(Judged | Rejected)[]> {
    return Promise.all(judged.map(async (one, at) => {
      const save = saves[at] as Save;
      if (one === "again") return await this.#saveAlone(save, wasLost);
      return wasLost ? this.#afterLoss(save, one) : one;
    }));
  }

  /** `wasLost`: they were sent before, and the answer was lost. */
  async #saveAny(saves: readonly Save[], wasLost = false): Promise<readonly (Judged | Rejected)[]> {
    const { query, read } = commitQuery(this.#names, this.#leaseNow, saves, this.#isOwn);
    let again = wasLost;
    try {
      const rows = await this.#executor.run((isAgain) => {
        again ||= isAgain;
        return query;
      });
      return await this.#settled(saves, read(rows), again);
    } catch (error) {
      // In a transaction that sees one version of everything: somebody has made a newer one.
      if (saves.length === 1 && !(this.#executor instanceof PoolExecutor) && isDeflowError(error, "STORE_CONFLICT")) return [{ applied: false, reason: "stale" }];
      throw error;
    }
  }

  /** It was sent before, and the answer was lost: then the refusal may be of a change that was applied the first time. */
  #afterLoss({ change: { version } }: Save, judged: Judged): Judged | Rejected {
    if (judged.applied || judged.found === undefined) return judged;
    const { found } = judged;
    if (found.isOurs && found.version === version + 1) return { applied: true, version: version + 1, delivered: found.delivered };
    // Who made the version after that one cannot be seen any more.
    return found.version > version + 1 ? new Rejected(storeUnknown(this.#where)) : judged;
  }

  deliver(deliveries: readonly Delivery[]): Promise<readonly Delivered[]> {
    return this.#call(async () => this.#letters.add(deliveries.map(letterOf)));
  }

  async #deliver(letters: readonly Letter[]): Promise<readonly (Delivered | Rejected)[]> {
    const { query, read } = deliverQuery(this.#names, this.#leaseNow, letters, this.#isOwn);
    // Without an event id a second one would be another message.
    const isRepeatable = letters.every(({ delivery }) => delivery.eventId !== undefined);
    for (const { id } of letters) this.#known?.sentTo(id);
    const results = read(await this.#executor.run((isAgain) => (isAgain && !isRepeatable ? undefined : query)));
    const left = letters.filter((_, at) => results[at] === "again");
    if (left.length === 0) return results as readonly Delivered[];
    const anew = new Map((await this.#deliverLocked(left).catch((error: unknown) => left.map(() => new Rejected(error)))).map((result, at) => [left[at], result]));
    return letters.map((letter, at) => anew.get(letter) ?? results[at] as Delivered);
  }

  async #deliverLocked(letters: readonly Letter[]): Promise<readonly (Delivered | Rejected)[]> {
    const { query, read } = deliverQuery(this.#names, this.#leaseNow, letters, this.#isOwn);
    let results: readonly (Delivered | Again)[];
    try {
      results = read(await this.#executor.together(async (send) => {
        await send(lockRuns(this.#names, letters));
        return await send(query);
      }));
    } catch {
      // By the statement that may be sent again, which says what is wrong if anything is.
      return await this.#deliver(letters);
    }
    return results.includes("again") ? await this.#deliver(letters) : results as readonly Delivered[];
  }

  claim(request: ClaimRequest): Promise<Claimed> {
    return this.#call(async () => {
      try {
        return await this.#claim(request);
      } catch (error) {
        if (!isDeflowError(error, "STORE_OUTCOME_UNKNOWN")) throw error;
        const query = claimedBefore(this.#names, request.owner);
        const runs = (await this.#executor.run(() => query)).map((row) => ({ id: String(row["id"]), attempt: Number(row["attempt"]) }));
        return runs.length > 0 ? { runs, nextAt: request.now, withheld: false, unknown: [] } : await this.#claim(request);
      }
    });
  }

  async #claim(request: ClaimRequest): Promise<Claimed> {
    const query = claimQuery(this.#names, this.#leaseNow, request, false);
    const { mustBeAlone, ...claimed } = claimedOf(await this.#executor.run((isAgain) => (isAgain ? undefined : query)), request.now);
    if (!mustBeAlone) return claimed;
    const rows = await this.#executor.together(async (send) => {
      await send(lockLimited(this.#names));
      return await send(claimQuery(this.#names, this.#leaseNow, request, true));
    });
    const { mustBeAlone: _, ...alone } = claimedOf(rows, request.now);
    return alone;
  }

  extend(leases: readonly LeaseOf[], time: LeaseTime): Promise<readonly Extended[]> {
    return this.#call(async () => {
      if (leases.length === 0) return [];
      const { query, read } = extendQuery(this.#names, this.#leaseNow, leases, time);
      return read(await this.#executor.run(() => query));
    });
  }

  outbox(limit: number, after = 0): Promise<readonly OutboxRow[]> {
    const text = `select id, recipient, kind, event_id, body from ${this.#names.of("outbox")} where id > $1 order by id limit $2`;
    return this.#call(async () => (await this.#executor.run(() => ({ text, values: [after, limit] }))).map(outboxRow));
  }

  find(query: RunQuery): Promise<readonly RunRow[]> {
    return this.#call(async () => {
      const now = systemClock.now();
      const found = findQuery(this.#names, this.#leaseNow, query, now);
      return (await this.#executor.run(() => found)).map((row) => runRow(inCallersTime(row, now)));
    });
  }

  shapes(query: ShapesQuery): Promise<readonly ShapeCount[]> {
    const counted = shapesQuery(this.#names, query);
    return this.#call(async () => (await this.#executor.run(() => counted)) as unknown as ShapeCount[]);
  }

  remove(request: RemoveRequest): Promise<readonly string[]> {
    const query = removeQuery(this.#names, request);
    return this.#call(async () => (await this.#executor.run((isAgain) => (isAgain ? undefined : query))).map((row) => String(row["id"])));
  }

  queue(name: string, now: number, settings?: QueueSettings): Promise<QueueState> {
    return this.#call(async () => {
      const set = settings && setQueue(this.#names, name, settings);
      if (set !== undefined) await this.#executor.run(() => set);
      const query = queueQuery(this.#names, this.#leaseNow, name, now);
      return queueState((await this.#executor.run(() => query))[0]);
    });
  }

  async close(): Promise<void> {
    // A connection of the caller's is the caller's to close.
    if (this.#closed || !(this.#executor instanceof PoolExecutor)) return;
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    await this.#end();
  }

  #transactions(executor: PoolExecutor, parts: Parts, known: KnownRuns): StoreTransactions {
    const { names, where, leaseNow } = parts;
    const joined = new WeakMap<object, { readonly check: () => void; readonly store: Store }>();
    const queryOf = (save: Save): CommitQuery => {
      known.forget(save.id);
      return commitQuery(names, leaseNow, [save]);
    };
    const lookUp = async (save: Save): Promise<boolean> => {
      const { change: { id, version }, token } = save;
      const query = { text: `select version, save_token = $2::uuid as ours from ${names.of("run")} where id = $1`, values: [id, token] };
      const [row] = await executor.run(() => query);
      const found = Number(row?.["version"] ?? 0);
      if (found > version + 1) throw storeUnknown(where);
      return row?.["ours"] === true;
    };
    return {
      synchronous: false,
      transact: (work) => this.#call(() => transact({ executor, queryOf, lookUp }, work)),
      joined: (given) => {
        this.#open();
        const known = joined.get(given as object) ?? joinedStore(given, parts);
        joined.set(given as object, known);
        known.check();
        return known.store;
      },
    };
  }

  #open(): void {
    if (this.#closed) throw storeClosed();
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    this.#open();
    const call = work();
    this.#underWay.add(call);
    try {
      return await call;
    } finally {
      this.#underWay.delete(call);
    }
  }
}

function joinedStore(given: unknown, parts: Parts): { check: () => void; store: Store } {
  const { executor, check } = joinedClient(given, parts);
  return { check, store: new PostgresStore({ ...parts, executor, isOwn: false }) };
}
