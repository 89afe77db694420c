// What the processes of a kill loop stand on: a store that all of them open, and which may itself be shaken.
//
//   sqlite     one file
//   postgres   a server of the loop's own: its connections are ended (pg_terminate_backend), it is killed and comes back at once

import { join } from "node:path";
import pg from "pg";
import type { Store } from "../../../runtime/store.ts";
import type { Random } from "../../conformance/generate/random.ts";
import { startServer } from "../../postgres/server.ts";
import { openStore, type StoreAt } from "./open.ts";

export interface Ground {
  readonly at: StoreAt;
  readonly store: Store;
  /** How often it was shaken, by how. */
  readonly shaken: ReadonlyMap<string, number>;
  /** Now and then, by chance. Gives the processes whose calls it may have cut off; "all" for all that live. */
  shake?(random: Random): Promise<readonly number[] | "all">;
  close(): Promise<void>;
}

export async function groundOf(kind: StoreAt["kind"], folder: string): Promise<Ground> {
  if (kind === "postgres") return await onPostgres();
  const at = { kind, file: join(folder, "runs.db") } as const;
  const store = openStore(at);
  return { at, store, shaken: new Map(), close: () => store.close() };
}

async function onPostgres(): Promise<Ground> {
  const server = await startServer();
  const at = { kind: "postgres", url: server.url } as const;
  const store = openStore(at);
  const shaken = new Map<string, number>();
  const count = (what: string, more: number): void => void shaken.set(what, (shaken.get(what) ?? 0) + more);
  return {
    at, store, shaken,
    async shake(random) {
      if (random.chance(0.1)) {
        await server.restart();
        count("server restarts", 1);
        return "all";
      }
      const pids = await terminate(server.url, random);
      count("connections ended", pids.length);
      return pids;
    },
    async close() {
      await store.close();
      await server.stop();
    },
  };
}

/** Ends one connection of a worker's. */
async function terminate(url: string, random: Random): Promise<readonly number[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number; worker: string }>("select pid, application_name as worker from pg_stat_activity where application_name like 'worker %' order by pid");
    if (rows.length === 0) return [];
    const { pid, worker } = random.pick(rows);
    await client.query("select pg_terminate_backend($1)", [pid]);
    return [Number(worker.split(" ")[1])];
  } finally {
    await client.end();
  }
}
