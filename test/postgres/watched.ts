// A pool whose statements are told, or that a test comes between, for tests that count them or need something to happen at one.

import type { PgPool } from "../../runtime/stores/postgres.ts";

type Client = Awaited<ReturnType<PgPool["connect"]>>;

/** `pool` itself, but that `asked` hears each statement's text before it is sent. */
export function watched(pool: PgPool, asked: (text: string) => void): PgPool {
  return through(pool, ({ text }, send) => {
    asked(text);
    return send();
  });
}

interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** `pool` itself, but that each query of its clients passes through this. */
export function through(pool: PgPool, query: (statement: Statement, send: () => Promise<unknown>) => Promise<unknown>): PgPool {
  // One wrapper for each client: a pool gives the same ones again and again, and the store listens to what it is given.
  const known = new WeakMap<object, Client>();
  const connect = async (): Promise<Client> => {
    const client = await pool.connect();
    const before = known.get(client);
    if (before !== undefined) return before;
    const passing = (one: unknown): Promise<unknown> => query(typeof one === "string" ? { text: one } : one as Statement, () => client.query(one));
    const wrapper = { query: passing, on: client.on.bind(client), release: (error?: Error) => client.release(error) } as unknown as Client;
    known.set(client, wrapper);
    return wrapper;
  };
  return { connect };
}
