// The work of others inside the writer's transaction: they are lent the database handle, for as long as the work takes.

import { deflowError } from "../../errors/classes.ts";
import { isDeflowError } from "../../errors/error.ts";
import type { Change } from "../../store.ts";
import { lend } from "../lend.ts";
import type { Database } from "./driver.ts";

export function changeMadeBy(database: Database, work: (client: unknown) => Change | Promise<Change>): Change {
  const { proxy, revoke } = lend(database);
  // If the work ends the transaction, the savepoint is gone with it.
  database.exec("savepoint deflow_tx");
  try {
    const change = work(proxy);
    if (change instanceof Promise) {
      change.catch(() => {});
      throw deflowError("INVALID_TX", { what: "The work of a transaction", problem: "gave a promise, so it was rolled back" });
    }
    release(database);
    return change;
  } catch (error) {
    // It is rolled back by whoever began the transaction, if that is still the one.
    if (!isDeflowError(error, "INVALID_TX")) release(database);
    throw error;
  } finally {
    revoke();
  }
}

function release(database: Database): void {
  try {
    database.exec("release deflow_tx");
  } catch {
    // SQLite only says that there is no such savepoint.
    const problem = "ended the transaction itself, so what it wrote until then may be stored without the run";
    throw deflowError("INVALID_TX", { what: "The work of a transaction", problem });
  }
}
