// A caller's own connection to the database, in a transaction that the caller has begun and will end.

import { deflowError } from "../../errors/classes.ts";
import { isLent } from "../lend.ts";
import { ask, type PgClient } from "./connection.ts";
import { ClientExecutor } from "./executor.ts";
import { codeOf } from "./failures.ts";
import type { Names } from "./names.ts";

interface Connection extends PgClient {
  /** Of pg from 8.18 on: "I" outside of a transaction. */
  getTransactionStatus?(): string | null;
}

interface Joining {
  readonly where: string;
  readonly names: Names;
  /** The id of the store whose client it must be. */
  id(): Promise<string>;
}

interface Joined {
  readonly executor: ClientExecutor;
  /** Throws InvalidClient if it is closed, or says that it is in no transaction. */
  check(): void;
}

/** Throws InvalidClient for what is no client. Whether it is of the store's database is asked at its first use. */
export function joinedClient(given: unknown, { where, names, id }: Joining): Joined {
  const client = clientLike(given);
  let isOver = false;
  let known: Promise<void> | undefined;
  client.on("end", () => void (isOver = true));
  const sameStore = async (): Promise<void> => {
    const [expected, found] = [await id(), await idOf(client, names)];
    if (expected !== found) throw invalid(`it is connected to another database than the store, ${where}`);
  };
  return {
    // Once it was of the store it is so for ever; a failure to ask is not kept.
    executor: new ClientExecutor(client, where, names.schema, () => (known ??= sameStore().catch((error: unknown) => {
      known = undefined;
      throw error;
    }))),
    check() {
      if (isOver) throw invalid("it is closed");
      if (client.getTransactionStatus?.() === "I") throw invalid("it is in no transaction, or was taken out of it before the call was over");
    },
  };
}

function clientLike(given: unknown): Connection {
  if (isLent(given)) throw invalid("it is the client of a `step.tx`, which is lent for the rows of the application; make the call after that step");
  const { query, on, totalCount } = (given ?? {}) as { query?: unknown; on?: unknown; totalCount?: unknown };
  if (typeof query !== "function" || typeof on !== "function") throw invalid("it is not a client of pg");
  if (totalCount !== undefined) throw invalid("it is a pool, of which each query may take another connection; `await pool.connect()` gives a client");
  return given as Connection;
}

async function idOf(client: PgClient, { of }: Names): Promise<unknown> {
  const [row] = await ask(client, { text: "select to_regclass($1) is not null as found", values: [of("store")] });
  if (row?.["found"] !== true) return undefined;
  try {
    const [store] = await ask(client, { text: `select id from ${of("store")}` });
    return store?.["id"];
  } catch (error) {
    if (codeOf(error) === "42501") return undefined;
    throw error;
  }
}

function invalid(problem: string): Error {
  return deflowError("INVALID_CLIENT", { problem });
}
