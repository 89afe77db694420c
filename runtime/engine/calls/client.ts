// client: a call inside a transaction that the caller has begun and will end.
//
//   caller   begin ─► its own rows ─► engine.start(…, { client }) ─► commit, or rollback
//   engine                            the turn, up to its first step;      a worker goes on from there
//                                     letters, without their turn
//
// Nothing is done for a run until what asks for it is stored, so inside the transaction no step begins, no lease is taken, no
// letter is delivered onwards, and neither observers nor those who wait for the run are told.

import { deflowError } from "../../errors/classes.ts";
import type { Core } from "../core.ts";

/** Of calls that can be part of a transaction of the caller's: `start`, `continue`, `send`, `settle`. */
export interface Joining {
  /**
   * A connection of the caller's to the store's database, with a transaction open: what the call stores is committed or rolled back with what the
   * caller writes there. Steps begin after the commit, in a worker. Default: a transaction of the store's own. Throws INVALID_CLIENT for one that is
   * none.
   */
  readonly client?: object | undefined;
}

/** The engine to make the call with. Throws InvalidClient. */
export function joining(core: Core, { client }: Joining): Core {
  if (client === undefined) return core;
  const { transactions } = core.store;
  if (transactions?.joined === undefined) throw deflowError("INVALID_CLIENT", { problem: "the store of this engine joins no transactions" });
  return core.joined(transactions.joined(client));
}
