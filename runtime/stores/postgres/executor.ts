// Who carries statements out: each is a transaction of its own, on a connection of the pool.
//
//   conflict (40001, 40P01)            nothing was done: again, a little later
//   the connection cannot be made      nothing was done: told at once
//   the connection broke meanwhile     it may have been done: sent again if that is harmless, until the database is back
//
// Statements have names, and each connection prepares one once. A pooler that gives each transaction another connection (PgBouncer) mixes them up: then the
// server refuses the name, nothing was done, and from then on there are none.
//
// What a repeated statement finds already done is told by whoever made it: ../postgres.ts.

import { hostTimer } from "../../realm/clock.ts";
import { deflowError } from "../../errors/classes.ts";
import { storeUnknown } from "../../errors/store.ts";
import type { Row } from "../rows.ts";
import { ask, listenTo, type PgClient, type PgPool, type PgPoolClient, type Query, withoutName } from "./connection.ts";
import { failure, isConflict, isLost, isMixedUp } from "./failures.ts";

/** Gives what to send; `isAgain` if an earlier one may have been carried out. Undefined: that must not be sent again. */
export type Make = (isAgain: boolean) => Query | undefined;

export type Send = (query: Query) => Promise<Row[]>;

export interface Executor {
  /** Throws the coded errors of failures.ts. */
  run(make: Make): Promise<Row[]>;
  /** The statements that `work` sends are one transaction. */
  together<T>(work: (send: Send) => Promise<T>): Promise<T>;
}

const conflicts = 20;
/** Milliseconds that the database may be away, when it is not known whether it has carried out what it was sent. */
const patience = 15_000;

/** What went wrong before anything was sent. */
class Unsent extends Error {}

function causeOf(error: unknown): unknown {
  return error instanceof Unsent ? error.cause : error;
}

export class PoolExecutor implements Executor {
  /** Where statements have names: everywhere, where connections stay the same; where they can be sent again without, until one has to be; nowhere. */
  named: "everywhere" | "alone" | "nowhere" = "alone";
  readonly #pool: PgPool;
  readonly #where: string;
  readonly #schema: string;
  readonly #ready: (client: PgClient) => Promise<unknown> | undefined;

  /** `ready` prepares the database, once. */
  constructor(pool: PgPool, where: string, schema: string, ready: (client: PgClient) => Promise<unknown> | undefined) {
    this.#pool = pool;
    this.#where = where;
    this.#schema = schema;
    this.#ready = ready;
  }

  async run(make: Make): Promise<Row[]> {
    let isAgain = false;
    let last: unknown;
    const waited = stopwatch();
    for (let tried = 1; ; tried++) {
      const query = make(isAgain);
      if (query === undefined) throw storeUnknown(this.#where, last);
      try {
        return await this.#on((client) => this.#ask(client, query));
      } catch (error) {
        const isUnsent = error instanceof Unsent;
        last = causeOf(error);
        const goesOn = isConflict(last) ? tried < conflicts : isLost(last) && (isAgain || !isUnsent) && waited() < patience;
        if (!goesOn) throw isAgain && isLost(last) ? storeUnknown(this.#where, last) : this.coded(last);
        isAgain ||= isLost(last) && !isUnsent;
      }
      await pause(Math.min(10 * tried, 200));
    }
  }

  together<T>(work: (send: Send) => Promise<T>): Promise<T> {
    return this.lent(async (client) => {
      await client.query("begin");
      try {
        const result = await work((query) => ask(client, this.inTransaction(query)));
        await client.query("commit");
        return result;
      } catch (error) {
        if (!isLost(error)) await client.query("rollback");
        throw this.coded(error);
      }
    });
  }

  /** One connection. Throws what `work` throws, as it is. */
  async lent<T>(work: (client: PgClient) => Promise<T>): Promise<T> {
    try {
      return await this.#on(work);
    } catch (error) {
      throw error instanceof Unsent ? this.coded(error.cause) : error;
    }
  }

  /** As it is to be sent in a transaction, where it cannot be sent again. */
  inTransaction(query: Query): Query {
    return this.named === "everywhere" ? query : withoutName(query);
  }

  async #ask(client: PgClient, query: Query): Promise<Row[]> {
    if (this.named === "nowhere") return await ask(client, withoutName(query));
    try {
      return await ask(client, query);
    } catch (error) {
      if (query.name === undefined || !isMixedUp(error)) throw error;
      this.named = "nowhere";
      return await ask(client, withoutName(query));
    }
  }

  coded(error: unknown): unknown {
    return failure(error, this.#where, this.#schema);
  }

  async #on<T>(work: (client: PgClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    listenTo(client);
    let lost: Error | undefined;
    try {
      return await this.#prepared(client, work);
    } catch (error) {
      if (isLost(causeOf(error))) lost = error as Error;
      throw error;
    } finally {
      client.release(lost);
    }
  }

  async #prepared<T>(client: PgClient, work: (client: PgClient) => Promise<T>): Promise<T> {
    try {
      await this.#ready(client);
    } catch (cause) {
      throw new Unsent("", { cause });
    }
    return await work(client);
  }

  async #connect(): Promise<PgPoolClient> {
    try {
      return await this.#pool.connect();
    } catch (cause) {
      throw new Unsent("", { cause });
    }
  }
}

/** Statements of the store inside a transaction of the caller's: each is a savepoint there. */
export class ClientExecutor implements Executor {
  readonly #client: PgClient;
  readonly #where: string;
  readonly #schema: string;
  readonly #check: () => Promise<void>;
  #last: Promise<unknown> = Promise.resolve();

  /** `check` throws InvalidClient unless the client is of the store's database. */
  constructor(client: PgClient, where: string, schema: string, check: () => Promise<void>) {
    this.#client = client;
    this.#where = where;
    this.#schema = schema;
    this.#check = check;
  }

  run(make: Make): Promise<Row[]> {
    return this.together((send) => send(make(false) as Query));
  }

  /** One after the other: savepoints are a stack. */
  together<T>(work: (send: Send) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#within(work));
    this.#last = result.catch(() => {});
    return result;
  }

  async #within<T>(work: (send: Send) => Promise<T>): Promise<T> {
    await this.#begin();
    try {
      await this.#check();
      const result = await work((query) => ask(this.#client, withoutName(query)));
      await this.#client.query("release savepoint deflow_client");
      return result;
    } catch (error) {
      if (!isLost(error)) await this.#client.query("rollback to savepoint deflow_client; release savepoint deflow_client");
      throw failure(error, this.#where, this.#schema);
    }
  }

  async #begin(): Promise<void> {
    try {
      await this.#client.query("savepoint deflow_client");
    } catch (cause) {
      throw deflowError("INVALID_CLIENT", { problem: "it is in no transaction, or was taken out of it before the call was over" }, { cause });
    }
  }
}

function stopwatch(): () => number {
  const begun = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - begun) / 1e6;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => hostTimer(milliseconds, () => resolve(undefined)));
}
