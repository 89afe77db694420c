// step.tx: a step inside the store's own transaction. What it writes there, its result and the run as it then is are one
// commit: it has happened exactly if the run knows of it. So no commit comes before it, and a crash cuts nothing off.
//
//   quiet ─► transaction: fn(client) ─► the frame, with the result in it ─► commit ─► the flow goes on with the result
//                            │ throws, or gives what cannot be stored
//                            └► rolled back; tried again as `retry` says, else thrown into the flow. So is what only the commit refuses

import { logOf } from "../api/log.ts";
import type { StepContext } from "../api/step.ts";
import { type DurablePromise, FULFILLED } from "../promises/durable.ts";
import { deflowError } from "../errors/classes.ts";
import { isDeflowError } from "../errors/error.ts";
import type { snapshot } from "../record/frame.ts";
import { type Input, input } from "../run/input.ts";
import { complete, type Step } from "../run/operations.ts";
import { recordedError, recordedValue } from "./recorded.ts";
import { readySteps, type Snapshot, type StepCall, stepCall } from "../record/snapshot.ts";
import type { LiveRun } from "../run/step.ts";

/** What there is of a step's context in a transaction. */
export type TxContext = Pick<StepContext, "key" | "attempt" | "fence" | "log">;

/** What a host does for step.tx. */
export interface Transactions {
  /** A transaction of this store holds no await. */
  readonly synchronous: boolean;
  /** Calls `work` in a transaction, with the store's own client, and stores what it gives. What it throws rolls all back and is thrown. */
  run(work: (client: unknown) => Snapshot | Promise<Snapshot>): Promise<void>;
  /** Calls the step's function, or what stands in for it. */
  call(step: StepCall, client: unknown, context: TxContext): unknown;
  /** The run was given what became of an attempt whose transaction was rolled back. */
  ended?(run: LiveRun, step: StepCall, result: Input): void;
}

/** Calls the step's own function. */
export const performTx: Transactions["call"] = ({ fn }, client, context) => (fn as unknown as (client: unknown, context: TxContext) => unknown)(client, context);

/** The step.tx to make next, if there is one. */
export function transactional(run: LiveRun): Step | undefined {
  return readySteps(run).find(({ tx, done }) => tx === true && done === undefined);
}

/** Thrown through the store: nothing is to be stored. */
class Rollback {
  /** Absent: nobody waits for the step any more. */
  readonly failure: { readonly error: unknown } | undefined;

  constructor(failure?: { readonly error: unknown }) {
    this.failure = failure;
  }
}

/** Gives what was stored; undefined: nothing was, and the run has been told. Throws what the store throws. */
export async function transact(run: LiveRun, step: Step, take: typeof snapshot, transactions: Transactions | undefined, fence: number): Promise<Snapshot | undefined> {
  let taken: Snapshot | undefined;
  const failed = (error: unknown): never => {
    throw new Rollback({ error });
  };
  const record = (value: unknown): Snapshot => {
    step.done = { value: orElse(() => recordedValue(value, run.env), failed) };
    taken = take(run);
    if (!run.operations.has(step.seq)) throw new Rollback();
    return taken;
  };
  try {
    if (transactions === undefined) return failed(deflowError("STORE_WITHOUT_TX", { name: step.name }, { runId: run.id }));
    await transactions.run((client) => {
      const value = orElse(() => called(run, step, transactions, client, fence), failed);
      return value instanceof Promise ? value.then(record, failed) : record(value);
    });
    return taken;
  } catch (error) {
    step.done = undefined;
    const failure = isOfWork(error) ? { error } : error instanceof Rollback ? error.failure : none(error);
    if (failure === undefined) return undefined;
    const [made, result] = [stepCall(run, step), { result: step.seq, error: recordedError(failure.error, run.env) }];
    input(run, result);
    transactions?.ended?.(run, made, result);
    return undefined;
  }
}

/** Whether the store threw it because of what the work did. */
export function isOfWork(error: unknown): boolean {
  return isDeflowError(error, "INVALID_TX") || isDeflowError(error, "TX_REFUSED");
}

/** It is not the step that failed. */
function none(error: unknown): never {
  throw error;
}

function called(run: LiveRun, step: Step, { synchronous, call }: Transactions, client: unknown, fence: number): unknown {
  const wrong = (problem: string): never => {
    throw deflowError("INVALID_TX", { what: `step.tx(${step.name})`, problem }, { runId: run.id });
  };
  // Told before it does anything: what follows an await would write outside the transaction.
  if (synchronous && Object.prototype.toString.call(step.fn) === "[object AsyncFunction]") wrong("is an async function, so it was not called");
  const { key, name, attempt } = stepCall(run, step);
  const log = logOf(() => ({ run, step: name, attempt }));
  const value = call(stepCall(run, step), client, { key, attempt, fence, log });
  if (!synchronous || !(value instanceof Promise)) return value;
  value.catch(() => {});
  return wrong("gave a promise, so it was rolled back");
}

function orElse<T>(work: () => T, failed: (error: unknown) => never): T {
  try {
    return work();
  } catch (error) {
    return failed(error);
  }
}

/** Gives the flow the results that the last commit holds. Whether there were any. */
export function deliver(run: LiveRun): boolean {
  const done = readySteps(run).filter((step) => step.done !== undefined);
  for (const step of done) complete(run.operations.get(step.seq) as DurablePromise, FULFILLED, step.done?.value);
  return done.length > 0;
}
