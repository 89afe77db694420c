// A pool whose statements are told, for tests that count them.

import type { PgPool } from "../../runtime/stores/postgres.ts";

/** `pool` itself, but that `asked` hears each statement's text before it is sent. */
export function watched(pool: PgPool, asked: (text: string) => void): PgPool {
  // One wrapper for each client: a pool gives the same ones again and again, and the store listens to what it is given.
  const known = new WeakMap<object, Awaited<ReturnType<PgPool["connect"]>>>();
  const connect = async (): Promise<Awaited<ReturnType<PgPool["connect"]>>> => {
    const client = await pool.connect();
    const before = known.get(client);
    if (before !== undefined) return before;
    const query = client.query.bind(client) as (query: unknown) => Promise<{ rows: never[] }>;
    const telling = (one: unknown): ReturnType<typeof query> => {
      asked((one as { text?: string }).text ?? "");
      return query(one);
    };
    const watching = { query: telling, on: client.on.bind(client), release: (error?: Error) => client.release(error) } as never;
    known.set(client, watching);
    return watching;
  };
  return { connect };
}
