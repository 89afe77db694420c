// The work of others in a transaction of the store's: they are lent its connection, for as long as the work takes.
//
//   begin ─► work(client) ─► the change it gives, in the same transaction ─► commit
//                │ throws                 │ refused                           │ the answer is lost: the run's row tells
//                └────────────────────────┴─► rollback

import { deflowError } from "../../errors/classes.ts";
import { txRefused } from "../../errors/store.ts";
import type { Change, Committed } from "../../store.ts";
import { lend } from "../lend.ts";
import { answerOf, type CommitQuery, type Save, saveOf } from "./commit.ts";
import { ask, type PgClient } from "./connection.ts";
import type { PoolExecutor, Send } from "./executor.ts";
import { codeOf, isLost, isRefusal } from "./failures.ts";

interface Transacting {
  readonly executor: PoolExecutor;
  queryOf(save: Save): CommitQuery;
  /** After a commit whose answer was lost: whether it was applied. Throws StoreOutcomeUnknown. */
  lookUp(save: Save): Promise<boolean>;
}

/** The commit was sent, and no answer came. */
class Unanswered extends Error {
  readonly save: Save;

  constructor(save: Save, cause: unknown) {
    super("", { cause });
    this.save = save;
  }
}

export async function transact(store: Transacting, work: (client: unknown) => Change | Promise<Change>): Promise<Committed> {
  try {
    return await store.executor.lent((client) => within(store, client, work));
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    const { save, cause } = error;
    // What was rolled back has changed nothing.
    if (!await store.lookUp(save)) throw store.executor.coded(cause);
    return { applied: true, version: save.change.version + 1, delivered: 0 };
  }
}

async function within({ executor, queryOf }: Transacting, client: PgClient, work: (client: unknown) => Change | Promise<Change>): Promise<Committed> {
  await coded(executor, () => client.query("begin"));
  let save: Save;
  try {
    save = saveOf(await changeMadeBy(client, work));
  } catch (error) {
    await rollback(client);
    throw error;
  }
  const judged = await coded(executor, () => judgedBy((query) => ask(client, executor.inTransaction(query)), queryOf(save)), client);
  if (judged?.applied !== true) {
    await rollback(client);
    return judged ?? { applied: false, reason: "missing" };
  }
  try {
    await client.query("commit");
  } catch (error) {
    if (isLost(error)) throw new Unanswered(save, error);
    throw isRefusal(error) ? txRefused(error) : executor.coded(error);
  }
  return judged;
}

/** The first statement has locked the run's row: what the second one reads is as it is. */
async function judgedBy(send: Send, { query, read }: CommitQuery): Promise<Committed | undefined> {
  for (;;) {
    const [judged] = read(await send(query));
    if (judged !== "again") return judged && answerOf(judged);
  }
}

async function changeMadeBy(client: PgClient, work: (client: unknown) => Change | Promise<Change>): Promise<Change> {
  // The pool's connection is the store's to give back.
  const { proxy, revoke } = lend(client, ["release", "end"]);
  // If the work ends the transaction, the savepoint is gone with it.
  await client.query("savepoint deflow_tx");
  try {
    const change = await work(proxy);
    await release(client);
    return change;
  } finally {
    revoke();
  }
}

async function release(client: PgClient): Promise<void> {
  try {
    await client.query("release savepoint deflow_tx");
  } catch (cause) {
    const isAborted = codeOf(cause) === "25P02";
    if (isLost(cause)) throw cause;
    const problem = isAborted
      ? "went on after a statement that failed, which Postgres rolls everything back for; a savepoint around that statement keeps the rest"
      : "ended the transaction itself, so what it wrote until then may be stored without the run";
    // Without the database's error, whose class a run cannot store.
    throw deflowError("INVALID_TX", { what: "The work of a transaction", problem });
  }
}

async function coded<T>(executor: PoolExecutor, call: () => Promise<T>, undo?: PgClient): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (undo !== undefined) await rollback(undo);
    throw executor.coded(error);
  }
}

async function rollback(client: PgClient): Promise<void> {
  try {
    await client.query("rollback");
  } catch (error) {
    // A connection that broke has rolled back by itself. The failure that led here is the one to report.
    if (!isLost(error)) throw error;
  }
}

