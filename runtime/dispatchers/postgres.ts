// The dispatcher over Postgres: LISTEN and NOTIFY, beside the store and never in its transactions, where a NOTIFY makes commits wait for each other.
//
//   ring ─► a bundle of what comes within `delay` ─► one statement of NOTIFYs ─► the listening connection of each process
//
// Where LISTEN does not work (behind a pooler that gives each transaction another connection), that is said, and nothing is heard.

import { hostTimer } from "../realm/clock.ts";
import { type Duration, milliseconds } from "../realm/duration.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import { databaseOf } from "../stores/postgres/address.ts";
import { ask, listenTo, type PgPool, type PgPoolClient } from "../stores/postgres/connection.ts";
import { failure } from "../stores/postgres/failures.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { Bundle } from "./postgres/bundle.ts";
import { Ear } from "./postgres/ear.ts";

/** Of `postgresDispatcher()`: a `connectionString` or a `pool`. */
export interface PostgresDispatcherOptions {
  /** `postgres://user:password@host:port/database`, the server itself and no pooler: it has two connections, one listens and one rings. */
  readonly connectionString?: string;
  /** Instead: a `Pool` of pg. One of its connections is kept for as long as somebody listens. */
  readonly pool?: PgPool;
  /** Those of the same channel hear each other; at most 63 bytes, default "deflow". */
  readonly channel?: string;
  /** What is rung within so long goes together; default 10 ms. */
  readonly delay?: Duration;
}

/** A doorbell over `listen` and `notify` of Postgres. */
export interface PostgresDispatcher extends Dispatcher {
  /** Sends what was rung, and gives its connections back. After the engines that use it. */
  close(): Promise<void>;
}

/** Postgres cuts longer names off. */
const longestChannel = 63;

/** It connects when somebody rings or listens. @throws InvalidArgument; what fails later is told to who listens. */
export function postgresDispatcher(options: PostgresDispatcherOptions): PostgresDispatcher {
  const { channel = "deflow", delay = 10 } = options;
  if (typeof channel !== "string" || channel === "" || channel.includes("\0") || Buffer.byteLength(channel) > longestChannel) {
    throw new InvalidArgumentError("`channel`", JSON.stringify(channel), `a name of 1 to ${longestChannel} bytes`);
  }
  const { pool, own, where } = databaseOf("postgresDispatcher()", options, 2);
  return new OverPostgres(pool, { channel, where, delay: milliseconds(delay, "`delay`"), end: async () => own?.end() });
}

interface Settings {
  readonly channel: string;
  readonly where: string;
  readonly delay: number;
  end(): Promise<void>;
}

class OverPostgres implements PostgresDispatcher {
  readonly #pool: PgPool;
  readonly #settings: Settings;
  readonly #ear: Ear;
  readonly #bundle = new Bundle();
  /** Of what is in the bundle. */
  #next: Promise<void> | undefined;
  #sending: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(pool: PgPool, settings: Settings) {
    this.#pool = pool;
    this.#settings = settings;
    this.#ear = new Ear(pool, settings.channel, settings.where);
  }

  ring: Dispatcher["ring"] = (ring) => {
    if (this.#closed) return undefined;
    this.#bundle.add(ring);
    return (this.#next ??= this.#soon());
  };

  listen: Dispatcher["listen"] = (heard, failed) => (this.#closed ? () => {} : this.#ear.add({ heard, failed }));

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#ear.close();
    // Whoever rang has been told why it failed.
    await Promise.allSettled([this.#next, this.#sending]);
    await this.#settings.end();
  }

  /** One statement at a time: what comes while it is under way waits for the next. */
  async #soon(): Promise<void> {
    await Promise.all([new Promise<void>((resolve) => hostTimer(this.#settings.delay, resolve)), this.#sending.catch(() => {})]);
    this.#next = undefined;
    return await (this.#sending = this.#send(this.#bundle.take()));
  }

  async #send(payloads: readonly string[]): Promise<void> {
    if (payloads.length === 0) return;
    let client: PgPoolClient | undefined;
    let lost: Error | undefined;
    try {
      client = await this.#pool.connect();
      listenTo(client);
      await ask(client, { text: "select pg_notify($1, payload) from unnest($2::text[]) payload", values: [this.#settings.channel, payloads] });
    } catch (error) {
      lost = error as Error;
      throw failure(error, this.#settings.where, "");
    } finally {
      client?.release(lost);
    }
  }
}
