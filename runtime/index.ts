// deflow: what flows and their callers use, name by name.

export { callback, type Callback, type CallbackOptions } from "./api/callback.ts";
export { compensate } from "./api/compensate.ts";
export { context, type Context, type StandardSchema } from "./api/context.ts";
export { deflow, type Flow, type FlowOptions } from "./api/deflow.ts";
export type { Durable } from "./api/durable.ts";
export { listen, type ListenOptions } from "./api/listen.ts";
export { respond, type Register, type Response } from "./api/respond.ts";
export { run } from "./api/run.ts";
export { sleep, sleepUntil } from "./api/sleep.ts";
export { step, type StepContext, type StepOptions } from "./api/step.ts";
export { begin, resume, type BeginOptions, type ResumeOptions, type Resumption, type Turn } from "./begin.ts";
export { type Clock, systemClock } from "./clock.ts";
export { serializable, type ClassOptions } from "./codec/classes.ts";
export { type Duration } from "./duration.ts";
export type { ErrorInfo } from "./error-info.ts";
export { CorruptFrameError, InvalidClassError, NotSerializableError, TooLargeError, UnknownClassError, UnknownCodeError } from "./errors/codec.ts";
export { DeflowError, isDeflowError, type DeflowErrorOptions } from "./errors/error.ts";
export { CancelledError, FatalError, TimeoutError } from "./errors/flow.ts";
export { ContractMismatchError, DuplicateFlowError, NotCompiledError, UnknownFlowError, UnknownPointError } from "./errors/load.ts";
export {
  HeldByOrdinaryCodeError, InvalidArgumentError, InvalidInputError, KilledError, LeaseLostError, NeedsEngineError, NotFoundError,
  NotInRunError, NotListeningError, RunEndedError, UnhandledRejectionError, WrongPermitError,
} from "./errors/run.ts";
export type { Retry } from "./retry.ts";
export type { Wait } from "./snapshot.ts";
