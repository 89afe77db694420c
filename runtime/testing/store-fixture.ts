// What the store suite's tests are written with.

import assert from "node:assert/strict";
import type { Change, Delivery, Store, StoredRun } from "../store.ts";

/** Two connections to the same, empty data. */
export interface StorePair {
  /** One process's store. */
  readonly first: Store;
  /** Another's, or the same object. */
  readonly second: Store;
  /** A client of a caller's, with a transaction begun; needed of stores with `transactions.joined`. */
  begin?(): Promise<Caller> | Caller;
  /** Called after each test. */
  close(): Promise<void> | void;
}

/** A client of a caller's in a transaction. */
export interface Caller {
  /** What is given to `joined`. */
  readonly client: unknown;
  /** Ends the transaction, and closes the client. */
  end(how: "commit" | "rollback"): Promise<void> | void;
  /** Closes the client in the midst of its transaction. */
  drop(): Promise<void> | void;
}

export type Make = (store: Store, second: Store, pair: StorePair) => Promise<void>;

/** The suite's time; a store that uses a clock of its own must be given this one. */
export const now = 1_700_000_000_000;

export function changeOf(id: string, version: number, rest: Partial<Change> = {}): Change {
  const origin = { flow: "flow", queue: "default", priority: 0 };
  return { id, version, now, status: "waiting", state: "", waits: [], looked: 0, wake: null, ...(version === 0 ? { origin } : {}), ...rest };
}

export function delivered(to: string, eventId?: string, body = ""): Delivery {
  return { to, kind: "event", body, now, ...(eventId === undefined ? {} : { eventId }) };
}

export async function created(store: Store, id: string, rest: Partial<Change> = {}): Promise<void> {
  const [result] = await store.commit([changeOf(id, 0, rest)]);
  assert.equal(result?.applied, true);
}

export async function loaded(store: Store, id: string): Promise<StoredRun> {
  return (await store.load(id)) ?? assert.fail(`\`${id}\` is not there`);
}

export async function claimed(store: Store, owner: string, at = now, limit = 10): Promise<readonly string[]> {
  return (await store.claim({ owner, now: at, duration: 100, limit })).runs.map(({ id }) => id);
}
