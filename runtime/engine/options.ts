// What an engine is made with.

import type { Flow } from "../api/deflow.ts";
import type { Clock } from "../realm/clock.ts";
import type { Limits } from "../codec/limits.ts";
import type { Dispatcher } from "../dispatchers/dispatcher.ts";
import { type Duration, milliseconds } from "../realm/duration.ts";
import { InvalidArgumentError } from "../errors/run.ts";
import type { LogLevel } from "../run/step.ts";
import type { Store } from "../store.ts";
import type { Bounds } from "./telling/lines.ts";
import type { Logger } from "./telling/logger.ts";
import type { Keep } from "./workers/retention.ts";

/** Of `createEngine`. Times are durations: milliseconds as a number, or a text like "30 seconds". */
export interface EngineOptions {
  /** Where runs live. It is the caller's to close, after the engine. */
  readonly store: Store;
  /** A doorbell between the processes that share the store; it is the caller's to close. Default: none; what others store is found by polling. */
  readonly dispatcher?: Dispatcher;
  /** The flows that exist for this engine, by any key: runs are stored under the flow's own name. It starts no others, and takes no runs of others. */
  readonly flows: Readonly<Record<string, Flow<never[], unknown>>>;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Hears all that is said, at once. Default: warnings and errors on the console. */
  readonly logger?: Logger;
  /**
   * What `run.log` and a step's `log` say is kept with the run, for `engine.logs(id)`. Default: the last 100 lines of level "info" and above; false:
   * nothing.
   */
  readonly logs?: LogOptions | false;
  /** What happens to runs is kept with them, for `engine.history(id)`. Default: nothing is kept; `{}` keeps the last 100 lines. */
  readonly history?: HistoryOptions;
  /** What a frame and outside input may cost; what is absent is as by default: `frame` 8 MB, `warn` and `event` 256 KB, `depth` 200. */
  readonly limits?: Partial<Limits & InputLimits>;
  /** How long ended runs stay in the store; workers and ticks remove them then. Default: for ever. */
  readonly keep?: Keep;
  /**
   * How long a run remembers the ids of its events at least: a repetition within that time does nothing, a later one counts as new. Older
   * ids are removed at every 32nd commit of the run. Default: for as long as the run is in the store.
   */
  readonly dedupe?: Duration;
  /**
   * Development mode: each commit goes on from a copy read back from its text, so what cannot be stored shows at once; and a run that the code at hand
   * does not fit is told as `stranded`, with a diff of the points it stopped at and those that the code has. Default: false.
   */
  readonly dev?: boolean;
  /** How long a run whose process died stays with it; default 30 seconds. Heartbeats come three times as often. */
  readonly lease?: Duration;
  /** After so many crashes in a row, with a step that each of them cut off or before the turn's next commit, a run has failed; default 5. */
  readonly crashes?: number;
  /** How many steps of one run are under way at once; default 32. */
  readonly stepConcurrency?: number;
  /** How long a turn may hold on to ordinary promises; then it is given up with TURN_TIMEOUT. Default 10 minutes. */
  readonly turnTimeout?: Duration;
  /** How long strands may go on after the root settled; then they are killed. Default 1 minute. */
  readonly closeTimeout?: Duration;
  /** How long strands may go on after a cancellation; then the run is killed. Default 1 minute. */
  readonly cancelTimeout?: Duration;
  /** How long steps under way may go on after their signal when their run is cancelled, before it goes on without them; default 5 seconds. */
  readonly graceTime?: Duration;
  /** `size` random bytes, fit for secrets; default: the system's. */
  readonly random?: (size: number) => Uint8Array;
}

/** How much of a run's history, or of its logs, is kept with it. */
export interface HistoryOptions {
  /** The last so many lines; default 100. */
  readonly keep?: number;
  /** Bytes of all that is stored of them; default 65,536, at least 16,384. The oldest go first. */
  readonly bytes?: number;
}

/** What is kept of what a run and its steps say. */
export interface LogOptions extends HistoryOptions {
  /** Lines of this level and above; default "info". The logger gets all. */
  readonly level?: LogLevel;
  /** What flows and steps say on the console is kept too. It is printed as before. Default: false. */
  readonly console?: boolean;
}

export interface LogSettings extends Bounds {
  readonly level: LogLevel;
  readonly console: boolean;
}

/** What outside input may cost. */
export interface InputLimits {
  /** Bytes of an event's data, or a settlement's, as it is stored; default 256 KB. More throws InvalidInputError. */
  readonly event: number;
  /** Levels of objects in it; default 200. More throws InvalidInputError. */
  readonly depth: number;
}

export const defaultInputLimits: InputLimits = { event: 256 * 1024, depth: 200 };

export interface Settings {
  /** Milliseconds, as all times here. */
  readonly lease: number;
  readonly crashes: number;
  readonly stepConcurrency: number;
  readonly turnTimeout: number;
  readonly closeTimeout: number;
  readonly cancelTimeout: number;
  readonly graceTime: number;
  /** Infinity: for ever. */
  readonly dedupe: number;
  readonly dev: boolean;
  /** Undefined: they are not kept. */
  readonly logs: LogSettings | undefined;
  readonly history: Bounds | undefined;
}

export function settingsOf(options: EngineOptions): Settings {
  const time = (name: "lease" | "turnTimeout" | "closeTimeout" | "cancelTimeout" | "graceTime", usual: Duration): number =>
    milliseconds(options[name] ?? usual, `The option \`${name}\``);
  const count = (name: "crashes" | "stepConcurrency", usual: number): number => {
    const given = options[name] ?? usual;
    if (!(given >= 1)) throw new InvalidArgumentError(`The option \`${name}\``, String(given), "a number from 1");
    return given;
  };
  return {
    lease: time("lease", "30 seconds"),
    turnTimeout: time("turnTimeout", "10 minutes"),
    closeTimeout: time("closeTimeout", "1 minute"),
    cancelTimeout: time("cancelTimeout", "1 minute"),
    graceTime: time("graceTime", "5 seconds"),
    dedupe: options.dedupe === undefined ? Infinity : milliseconds(options.dedupe, "The option `dedupe`"),
    crashes: count("crashes", 5),
    stepConcurrency: count("stepConcurrency", 32),
    dev: options.dev ?? false,
    logs: options.logs === false ? undefined : { level: "info", console: false, ...options.logs, ...boundsOf("logs", options.logs) },
    history: options.history === undefined ? undefined : boundsOf("history", options.history),
  };
}

/** A line is much shorter, so the bound holds: see lines.ts. */
const leastBytes = 16_384;

function boundsOf(name: string, { keep = 100, bytes = 65_536 }: HistoryOptions = {}): Bounds {
  const whole = (field: string, value: number, least: number): void => {
    if (!(Number.isSafeInteger(value) && value >= least)) throw new InvalidArgumentError(`The option \`${name}.${field}\``, String(value), `a whole number from ${new Intl.NumberFormat("en").format(least)}`);
  };
  whole("keep", keep, 1);
  whole("bytes", bytes, leastBytes);
  return { keep, bytes };
}
