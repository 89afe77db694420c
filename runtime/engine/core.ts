// What all parts of an engine share: its store, its clock, its flows, and who is at work on what.

import type { Perform } from "../turn/attempt.ts";
import { type Clock, systemClock } from "../realm/clock.ts";
import type { EncodeOptions } from "../codec/encode.ts";
import { deflowError } from "../errors/classes.ts";
import { DuplicateFlowError, NotCompiledError, UnknownFlowError } from "../errors/load.ts";
import { codecOf } from "../record/kinds/index.ts";
import { activityFlows, isActivityFlow, isRegistered } from "../run/activities.ts";
import { systemRandom } from "../realm/random.ts";
import type { CompiledFlow } from "../strands/registry.ts";
import { shared } from "../realm/shared.ts";
import { startRun } from "../run/start.ts";
import type { LiveRun, LogEntry, RunEnv } from "../run/step.ts";
import { type Change, type Committed, endedStatuses, type Store } from "../store.ts";
import type { Ring } from "../dispatchers/dispatcher.ts";
import { Background } from "./workers/background.ts";
import { Changes } from "./workers/changes.ts";
import { Doorbell } from "./workers/doorbell.ts";
import { listenTo, unheardLogger } from "./telling/capture.ts";
import { Bursts } from "./turns/bursts.ts";
import type { Place } from "./turns/exclusive.ts";
import { handleKind } from "./family/handle.ts";
import type { Reported } from "./turns/hold.ts";
import { Journals } from "./turns/journal.ts";
import { Leases } from "./workers/leases.ts";
import { toldOf } from "./telling/log-text.ts";
import { consoleLogger, type Logger } from "./telling/logger.ts";
import { defaultInputLimits, type EngineOptions, type InputLimits, type Settings, settingsOf } from "./options.ts";
import { Observers } from "./telling/observers.ts";
import { type Texts, textsOf } from "./turns/parts.ts";
import { ownOfState } from "./turns/record.ts";
import { Outages } from "./workers/outages.ts";
import { Retention } from "./workers/retention.ts";
import { Scans } from "./workers/scans.ts";
import { Shapes } from "./turns/shapes.ts";
import type { Transactions } from "../turn/transaction.ts";
import type { Turn } from "./turns/turn.ts";
import { Undelivered } from "./workers/undelivered.ts";

/** Who carries out steps, if not their functions; and sees to time. */
export interface Stage {
  readonly perform: Perform;
  /** Of step.tx; `client` is undefined where the store has no transactions. */
  readonly performTx: Transactions["call"];
}

const nothing = (): void => {};

export class Core {
  readonly store: Store;
  /** Itself; of one that is inside a transaction of a caller's, the engine's. */
  readonly home: Core;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly inputLimits: InputLimits;
  readonly flows: ReadonlyMap<string, CompiledFlow>;
  readonly env: RunEnv;
  /** How what is no frame is written: arguments, letters. */
  readonly codec: EncodeOptions;
  /** How states are written that were made for it. */
  readonly stateCodec: EncodeOptions;
  readonly stage: Stage | undefined;
  readonly leases: Leases;
  readonly doorbell: Doorbell;
  readonly changes: Changes;
  readonly background: Background;
  readonly outages: Outages;
  readonly retention: Retention;
  readonly observers: Observers;
  readonly undelivered = new Undelivered();
  readonly scans = new Scans();
  readonly journals: Journals;
  readonly texts: Texts;
  /** Which runs this build can go on with. */
  readonly shapes: Shapes;
  /** The turns under way in this engine, by run. A run has one at most. */
  readonly turns = new Map<string, Turn>();
  /** Who waits for whom to begin a turn: see exclusive.ts. */
  readonly queues = new Map<string, Place>();
  /** All that is under way in those queues. */
  readonly working: Set<Place>;
  readonly bursts: Bursts;
  readonly holds: Reported;
  closed = false;
  /** Stranded runs were told of. */
  reported = false;
  readonly #id: string;
  readonly #options: EngineOptions;
  readonly #joined = new WeakMap<Store, Core>();
  #owners = 0;
  #warned: boolean;

  constructor(options: EngineOptions, stage?: Stage, home?: Core) {
    const random = options.random ?? systemRandom;
    this.#options = options;
    this.home = home ?? this;
    this.working = home?.working ?? new Set();
    this.bursts = home?.bursts ?? new Bursts();
    this.holds = home?.holds ?? new Set();
    this.stage = stage;
    this.#warned = stage !== undefined;
    this.store = options.store;
    this.clock = options.clock ?? systemClock;
    this.settings = settingsOf(options);
    this.texts = textsOf(this.settings);
    this.shapes = home?.shapes ?? new Shapes(options.store);
    const logger = options.logger ?? consoleLogger;
    this.logger = this.settings.logs?.console ? unheardLogger(logger) : logger;
    this.inputLimits = { ...defaultInputLimits, ...options.limits };
    this.flows = home?.flows ?? flowsOf(options.flows);
    this.outages = home?.outages ?? new Outages(this.clock, this.logger);
    this.leases = new Leases(this.store, this.clock, this.logger, this.outages, this.settings.lease);
    this.background = new Background(this.outages);
    this.observers = new Observers(this.logger);
    this.journals = new Journals(this.settings, this.clock, this.observers);
    this.retention = new Retention(options.keep);
    this.#id = Buffer.from(random(9)).toString("base64url");
    this.doorbell = home?.doorbell ?? new Doorbell(options.dispatcher, this.#id, this.logger);
    this.changes = new Changes(this.doorbell);
    if (home === undefined) this.doorbell.listen((ring) => this.#rung(ring));
    this.env = {
      now: () => this.clock.now(),
      random,
      log: (entry, run) => this.#say(entry, run),
      engine: this.home,
      kinds: [handleKind],
      codec: {
        ...(options.limits ? { limits: options.limits } : {}),
        onLarge: ({ bytes, largest }) => this.logger.warn(`A frame is ${Math.round(bytes / 1024)} KB`, { largest: largest() }),
      },
      closeTimeout: this.settings.closeTimeout,
      cancelTimeout: this.settings.cancelTimeout,
    };
    this.codec = { ...codecOf(this.env), ...this.env.codec };
    this.stateCodec = { ...this.codec, own: ownOfState };
  }

  /**
   * This engine over a store that is part of a transaction of the caller's. Of what it commits nobody is told, for it may be rolled back,
   * and it begins no step; it only rings for workers.
   */
  joined(store: Store): Core {
    const joined = this.#joined.get(store) ?? new Core({ ...this.#options, store }, this.stage, this);
    this.#joined.set(store, joined);
    return joined;
  }

  /** Inside a transaction of the caller's. */
  get isJoined(): boolean {
    return this.home !== this;
  }

  #say(entry: LogEntry, run: LiveRun | undefined): void {
    const { level, values, ...whose } = entry;
    const told = toldOf(values);
    if (run !== undefined) this.journals.of(run).log(entry, told);
    this.logger[level](told.message, { ...whose, values, ...(told.fields === undefined ? {} : { fields: told.fields }) });
  }

  /** Starts a run, which goes on to its first wait at once. */
  startRun(flow: CompiledFlow, args: readonly unknown[], id: string): LiveRun {
    const stop = this.capture();
    try {
      const run = startRun(flow, args, this.env, { id });
      this.journals.of(run).note({ what: "started" });
      return run;
    } finally {
      stop();
    }
  }

  /** Until the result is called, runs of this engine may say something on the console. */
  capture(): () => void {
    return this.settings.logs?.console ? listenTo(this.env, (run) => this.journals.of(run)) : nothing;
  }

  /** A name for one lease: another one each time, so that an engine cannot take its own old lease for the new one. */
  owner(): string {
    return `${this.#id}:${++this.#owners}`;
  }

  /** Stores one change; tells who waits for the run, and who watches. */
  async commit(flow: string, change: Change): Promise<Committed | undefined> {
    const [result] = await this.store.commit([change]);
    this.committed(flow, change, result);
    return result;
  }

  /** Tells those who wait for the run and those who watch, if it was applied. */
  committed(flow: string, { id, status, waits, now, consumed = [] }: Change, result: Committed | undefined): void {
    if (result?.applied !== true) return;
    // In other processes somebody may wait for its end, or for its having taken what was sent.
    const isAwaited = consumed.length > 0 || endedStatuses.includes(status);
    if (!this.isJoined) this.doorbell[isAwaited ? "ring" : "tell"]({ run: id });
    this.observers.tell("commit", () => ({ runId: id, flow, version: result.version, status, waits, at: new Date(now) }));
  }

  /** A letter has come for a run that another process holds. */
  rings(id: string): void {
    this.home.doorbell.ring({ run: id, at: this.clock.now() });
  }

  /** Who waits for the run looks; the turn that holds it reads its letters. */
  #rung({ run, at }: Ring): void {
    if (run === undefined) return;
    this.changes.told(run);
    if (at !== undefined) this.turns.get(run)?.ring();
  }

  open(): void {
    if (this.home.closed) throw deflowError("ENGINE_CLOSED", {});
  }

  /** What its workers may take: its flows, and the activities that are registered here. */
  claimable(): readonly string[] {
    return [...this.flows.keys(), ...activityFlows()];
  }

  /** The flow with this id; throws UnknownFlowError. */
  flow(id: string): CompiledFlow {
    const flow = this.flows.get(id) ?? (isRegistered(id) ? shared.flows.get(id)?.flow : undefined);
    if (flow === undefined) throw new UnknownFlowError(id, isActivityFlow(id) ? {} : { given: [...this.flows.keys()] });
    return flow;
  }

  /** A run wants a turn at `at`; says once if nobody is there to see to it. */
  due(at: number, of: Pick<Ring, "queue" | "run"> = {}): void {
    // What a transaction of the caller's is still to commit can be due now, and be found later.
    if (this.isJoined && at <= this.clock.now()) this.doorbell.ringUntilStored({ ...of, at }, this.clock);
    else this.doorbell.ring({ ...of, at });
    this.home.#warn();
  }

  #warn(): void {
    if (this.doorbell.isAttended || this.#warned) return;
    this.#warned = true;
    this.logger.warn("Timers are pending and this engine has no worker: call engine.work(), or engine.tick() regularly. Ignore this if another process does");
  }
}

function flowsOf(given: EngineOptions["flows"]): ReadonlyMap<string, CompiledFlow> {
  const flows = new Map<string, CompiledFlow>();
  for (const [name, value] of Object.entries(given)) {
    const flow = value as unknown as CompiledFlow;
    if (typeof flow !== "function" || shared.tags.get(flow)?.kind !== "flow") throw new NotCompiledError(name);
    const { id, file } = flow.deflow;
    const other = flows.get(id);
    if (other !== undefined && other !== flow) throw new DuplicateFlowError(id, [other.deflow.file, file]);
    flows.set(id, flow);
  }
  return flows;
}
