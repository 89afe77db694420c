// deflow: what flows and their callers use, name by name.

export { callback, type Callback, type CallbackOptions } from "./api/callback.ts";
export { compensate } from "./api/compensate.ts";
export { context, type Context, type SchemaResult, type StandardSchema } from "./api/context.ts";
export { deflow, type Flow, type FlowOptions } from "./api/deflow.ts";
export type { Durable } from "./api/durable.ts";
export type { Log } from "./api/log.ts";
export { external } from "./api/external.ts";
export { listen, type ListenOptions } from "./api/listen.ts";
export { migrate, type LocalsAt, type MigrateOptions, type Released, type ReleasedPoint } from "./api/migrate.ts";
export { respond, type Register, type Response } from "./api/respond.ts";
export { run } from "./api/run.ts";
export { sleep, sleepUntil } from "./api/sleep.ts";
export { step, type StepContext, type StepFunction, type StepOnce, type StepOnceOptions, type StepOptions, type StepTx, type StepTxOptions } from "./api/step.ts";
export { begin, resume, type BeginOptions, type ResumeOptions, type Resumption, type Turn } from "./turn/begin.ts";
export { type Clock, systemClock } from "./realm/clock.ts";
export { serializable, type ClassOptions } from "./codec/classes.ts";
export type { Limits } from "./codec/limits.ts";
export type { Dispatcher, Ring } from "./dispatchers/dispatcher.ts";
export { inProcess } from "./dispatchers/in-process.ts";
export { type Duration } from "./realm/duration.ts";
export { type ChildOptions, type OnCancel, start } from "./engine/family/children.ts";
export type { Joining } from "./engine/calls/client.ts";
export type { ContinueOptions } from "./engine/calls/continue.ts";
export { createEngine, type Engine, type RunRef } from "./engine/engine.ts";
export type { FindQuery, FoundStatus, OpenWait, Page, WaitsQuery } from "./engine/calls/find.ts";
export type { Forked, ForkOptions } from "./engine/calls/fork.ts";
export type { RunHandle } from "./engine/family/handle.ts";
export type { Fact, HistoryEntry, StepStage } from "./engine/telling/history.ts";
export type { Inspection, InspectOptions, StrandView } from "./engine/telling/inspect.ts";
export type { JsonSchema } from "./engine/telling/json-schema.ts";
export type { Logger } from "./engine/telling/logger.ts";
export type { LogLine, LogsQuery } from "./engine/telling/logs.ts";
export type { CommitEvent, EngineEvents, StepEvent, UndeliveredEvent } from "./engine/telling/observers.ts";
export type { EngineOptions, HistoryOptions, InputLimits, LogOptions } from "./engine/options.ts";
export type { PruneOptions } from "./engine/calls/prune.ts";
export type { Queue } from "./engine/calls/queue.ts";
export type { Redact } from "./engine/telling/redact.ts";
export type { EndedStatus, Keep } from "./engine/workers/retention.ts";
export type { PublicWait, Run, RunFacts } from "./engine/run.ts";
export type { SendOptions, Sent } from "./engine/calls/send.ts";
export type { StartOptions } from "./engine/calls/start.ts";
export type { Misfit, Stranded } from "./engine/telling/stranded.ts";
export type { Ticked, TickOptions } from "./engine/workers/tick.ts";
export type { StopOptions, Worker, WorkOptions } from "./engine/workers/worker.ts";
export type { ErrorInfo } from "./record/error-info.ts";
export { CorruptFrameError, InvalidClassError, NotSerializableError, TooLargeError, UnknownClassError, UnknownCodeError, UnknownExternalError, type Weight } from "./errors/codec.ts";
export { DeflowError, isDeflowError, type DeflowErrorOptions } from "./errors/error.ts";
export { CancelledError, FatalError, StepOutcomeUnknownError, TimeoutError } from "./errors/flow.ts";
export { ContractMismatchError, DuplicateFlowError, NotCompiledError, UnknownFlowError, UnknownPointError, UnknownStepError } from "./errors/load.ts";
export {
  CompensationFailedError, HeldByOrdinaryCodeError, InvalidArgumentError, InvalidInputError, KilledError, LeaseLostError, NeedsEngineError, NotFoundError,
  NotInRunError, NotListeningError, RunEndedError, UnhandledRejectionError, WrongPermitError,
} from "./errors/run.ts";
export type { Code as ErrorCode } from "./errors/table.ts";
export { CapturesMisfitError, LocalsMisfitError, MigrationFailedError, RegionMisfitError } from "./errors/versions.ts";
export type { Backoff, Retry } from "./run/retry.ts";
export type { Wait } from "./record/snapshot.ts";
export type { IndexValue, LogEntry, LogLevel } from "./run/step.ts";
export type {
  Change, Claimed, ClaimRequest, Committed, Delivered, Delivery, Extended, Index, Lease, LeaseOf, LeaseTime, Message, Origin, OutboxMessage, OutboxRow,
  PartsChange, Query, QueueSettings, QueueState, Refusal, RemoveRequest, RunRow, RunStatus, Shape, ShapeCount, ShapesQuery, Store, StoredRun,
  StoreTransactions, Wake,
} from "./store.ts";
export { memory } from "./stores/memory.ts";
export type { TxContext } from "./turn/transaction.ts";
