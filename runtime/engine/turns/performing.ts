// Who carries out the steps of a turn, and what its journal is told of that.

import { type Perform, perform } from "../../turn/attempt.ts";
import type { Snapshot } from "../../record/snapshot.ts";
import type { StoreTransactions } from "../../store.ts";
import { performTx, type Transactions } from "../../turn/transaction.ts";
import { inStep } from "../telling/capture.ts";
import type { Core } from "../core.ts";
import type { Journal } from "./journal.ts";

type Work = (client: unknown) => Snapshot | Promise<Snapshot>;

/** Undefined: their own functions, and nobody listens. */
export function performOf(core: Core, journal: Journal): Perform | undefined {
  const given = core.stage?.perform;
  if (!core.settings.logs?.console) return given;
  return (call, context) => inStep(journal, call, context.signal, () => (given ?? perform)(call, context));
}

/** `make` makes a commit from the work; without `transactions` for stand-ins, which need no client. */
export function transactionsOf(core: Core, journal: Journal, make: (work: Work, transactions?: StoreTransactions) => Promise<void>): Transactions | undefined {
  const { stage, store: { transactions } } = core;
  if (transactions === undefined && stage === undefined) return undefined;
  const call = stage?.performTx ?? performTx;
  return {
    synchronous: transactions?.synchronous ?? false,
    call(step, client, context) {
      journal.inTransaction(step);
      return core.settings.logs?.console ? inStep(journal, step, undefined, () => call(step, client, context)) : call(step, client, context);
    },
    async run(work) {
      try {
        await make(work, transactions);
      } finally {
        journal.inTransaction(undefined);
      }
    },
    ended: (run, step, result) => journal.ended(run, step, result),
  };
}
