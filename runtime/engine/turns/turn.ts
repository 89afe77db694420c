// One turn of a run in this engine: the host of `drive`, over the store.
//
//   commit   compare-and-swap on the version. One that holds steps takes the lease; the last one gives it back
//   next     while steps run: letters from the inbox, timers that fall due (arrivals.ts)
//   lost     another worker has the run: whatever runs here is given up, and nothing more is committed

import type { Perform } from "../../turn/attempt.ts";
import type { Clock } from "../../realm/clock.ts";
import { drive, type Host } from "../../turn/drive.ts";
import type { Input } from "../../run/input.ts";
import type { Snapshot, StepCall } from "../../record/snapshot.ts";
import type { LiveRun } from "../../run/step.ts";
import type { Change, Committed, Lease, RunStatus, StoreTransactions } from "../../store.ts";
import { isOfWork, type Transactions } from "../../turn/transaction.ts";
import { advance } from "./advance.ts";
import { Arrivals } from "./arrivals.ts";
import { changeOf, failureOf, type Progress } from "./change.ts";
import { Conflict } from "./conflict.ts";
import type { Core } from "../core.ts";
import type { Place } from "./exclusive.ts";
import { Hold } from "./hold.ts";
import type { Journal } from "./journal.ts";
import type { Holder } from "../workers/leases.ts";
import { nudge, postOutbox } from "../workers/outbox.ts";
import type { Parts } from "./parts.ts";
import { performOf, transactionsOf } from "./performing.ts";
import type { RunState } from "./record.ts";
import { type Run, runAfter } from "../run.ts";

/** A commit that is to be made. */
interface Made {
  readonly snapshot: Snapshot;
  readonly change: Change;
  readonly state: RunState;
  readonly parts: Parts;
}

export class Turn implements Host {
  readonly clock: Clock;
  readonly apart = true;
  readonly reload: boolean;
  readonly stepConcurrency: number;
  readonly holdSteps: boolean;
  readonly graceTime: number;
  readonly perform: Perform | undefined;
  readonly #core: Core;
  readonly #progress: Progress;
  readonly #run: LiveRun;
  readonly #place: Place;
  readonly #journal: Journal;
  readonly #arrivals: Arrivals;
  #hold: Hold | undefined;
  #stopCapture: (() => void) | undefined;
  #holder: Holder | undefined;
  /** Ends what `#asks` began. */
  #answered: (() => void) | undefined;
  /** With `reload` each time another copy. */
  #moving: LiveRun | undefined;
  #snapshot: Snapshot | undefined;
  #status: RunStatus = "running";
  #storeFailed = false;
  #more = false;

  constructor(core: Core, run: LiveRun, progress: Progress, place: Place) {
    this.#core = core;
    this.#run = run;
    this.#progress = progress;
    this.#place = place;
    this.clock = core.clock;
    this.reload = core.settings.dev;
    this.stepConcurrency = core.settings.stepConcurrency;
    this.holdSteps = core.isJoined;
    this.graceTime = core.settings.graceTime;
    this.#journal = progress.journal = core.journals.of(run);
    this.#arrivals = new Arrivals(core, progress, this.#journal);
    this.perform = performOf(core, this.#journal);
  }

  /** Made when a step asks for it. */
  get transactions(): Transactions | undefined {
    return transactionsOf(this.#core, this.#journal, async (work, transactions) => {
      await (transactions === undefined ? this.commit(await work(undefined)) : this.#transact(transactions, work));
    });
  }

  /** Resolves when the turn is over, or holds the lease: from then on input for the run may go to the inbox. Undefined: that is so. */
  get yielded(): Promise<void> | undefined {
    return this.#place.freed;
  }

  get leased(): boolean {
    return this.#holder !== undefined;
  }

  /** It was the store that ended the turn, and not the run: nothing of the run is to be blamed for it. */
  get storeFailed(): boolean {
    return this.#storeFailed;
  }

  get queue(): string {
    return this.#progress.origin.queue;
  }

  get committed(): boolean {
    return this.#progress.committed;
  }

  /** Letters came that the last commit did not take into account. */
  get more(): boolean {
    return this.#more;
  }

  /** Runs it to its end. Rejects with Conflict, what the store throws, and why the run cannot be stored. */
  drive(): Promise<unknown> {
    const { id, owner } = this.#progress;
    this.#stopCapture = this.#core.capture();
    this.#core.turns.set(id, this);
    if (owner !== undefined) this.#keep(owner);
    return drive(this.#run, this);
  }

  over(): void {
    const { id } = this.#progress;
    this.#stopCapture?.();
    this.#hold?.ends();
    this.#answered?.();
    this.#release();
    if (this.#core.turns.get(id) === this) this.#core.turns.delete(id);
    this.#place.free();
  }

  /** What the last commit left. */
  answer<R>(): Run<R> {
    const { index, state, createdAt } = this.#progress;
    const { id, flow } = this.#snapshot as Snapshot;
    return runAfter<R>(this.#core, { id, flow, status: this.#status, index, createdAt }, state as RunState);
  }

  /** Fails the run, since its turn cannot be stored. False: somebody else has the run. */
  async fail(error: unknown): Promise<boolean> {
    try {
      const change = failureOf(this.#core, this.#progress, error);
      const delivered = this.#applied(change, await this.#core.commit(this.#progress.origin.flow, change));
      this.#journal.stored(this.#progress.id, this.#progress.origin.flow);
      if (delivered > change.looked) nudge(this.#core, this.#progress.id);
      return true;
    } catch (conflict) {
      if (conflict instanceof Conflict) return false;
      throw conflict;
    }
  }

  /** After the turn: sees to letters that are there already. */
  followUp(): void {
    const { id, owner } = this.#progress;
    if (owner !== undefined) this.#core.background.run(`A turn of \`${id}\``, () => advance(this.#core, id, { owner }));
    else if (this.#more) nudge(this.#core, id);
  }

  goesOn(copy: LiveRun): void {
    this.#core.journals.goesOn(copy, this.#journal);
  }

  moves(run: LiveRun): void {
    this.#notLost();
    this.#moving = run;
    const { clock, logger, settings, holds } = this.#core;
    this.#hold ??= new Hold(clock, logger, settings.turnTimeout, holds);
    this.#hold.begins(run);
  }

  /** A thousand turns may wait here at once, for one transaction: an async function would keep three times as much of each. */
  commit(snapshot: Snapshot): Promise<void> {
    this.#rest();
    const made = this.#changeOf(snapshot);
    this.#answered = this.#asks();
    // Until it has answered.
    this.#storeFailed = true;
    return this.#core.store.commit([made.change]).then(([result]) => {
      this.#answered?.();
      this.#storeFailed = false;
      return this.#stored(made, result);
    });
  }

  /** Throws Conflict, unless the store has applied it. */
  #stored(made: Made, result: Committed | undefined): Promise<void> | undefined {
    const { change } = made;
    this.#core.committed(this.#progress.origin.flow, change, result);
    this.#keepCommit(made, this.#applied(change, result));
    return change.lease && this.#inTime(change.lease, change.now);
  }

  /** The run stands still, and its next commit may be made. */
  #rest(): void {
    this.#hold?.ends();
    this.#notLost();
  }

  #notLost(): void {
    if (this.#arrivals.isLost) throw new Conflict("leased", !this.committed);
  }

  #changeOf(snapshot: Snapshot): Made {
    this.#arrivals.reached(snapshot.turn);
    return { snapshot, ...changeOf(this.#core, this.#progress, snapshot) };
  }

  async #transact(transactions: StoreTransactions, work: (client: unknown) => Snapshot | Promise<Snapshot>): Promise<void> {
    this.#rest();
    let made: Made | undefined;
    let isOurs = false;
    const failed = (error: unknown): never => {
      isOurs = true;
      throw error;
    };
    const changed = (snapshot: Snapshot): Change => (made = this.#changeOf(snapshot)).change;
    try {
      const result = await transactions.transact((client) => {
        try {
          const snapshot = work(client);
          return snapshot instanceof Promise ? snapshot.then(changed).catch(failed) : changed(snapshot);
        } catch (error) {
          return failed(error);
        }
      }).finally(this.#asks());
      await this.#stored(made as Made, result);
    } catch (error) {
      this.#storeFailed ||= !isOurs && !(error instanceof Conflict) && !isOfWork(error);
      throw error;
    }
  }

  #keepCommit({ snapshot, change, state, parts }: Made, delivered: number): void {
    const progress = this.#progress;
    this.#journal.stored(progress.id, progress.origin.flow);
    if (progress.version === 0) progress.createdAt = change.now;
    progress.version++;
    progress.committed = true;
    progress.state = state;
    progress.parts = parts;
    progress.index = change.index ?? progress.index;
    if (change.shape !== undefined) progress.shape = change.shape?.key ?? null;
    progress.seq = progress.eventId = progress.again = progress.mark = undefined;
    const { consumed = [] } = change;
    if (consumed.length > 0) {
      const used = new Set(consumed);
      progress.inbox = progress.inbox.filter(({ seq }) => !used.has(seq));
      // `next` may have refused others meanwhile.
      progress.consumed = progress.consumed.filter((seq) => !used.has(seq));
    }
    progress.owner = change.lease?.owner;
    this.#snapshot = snapshot;
    this.#status = change.status;
    if (change.lease) this.#keep(change.lease.owner);
    else this.#release();
    this.#more = delivered > change.looked;
    if (this.#more) this.ring();
    if (!change.lease && change.wake !== null) this.#core.due(change.wake, { queue: this.queue });
  }

  /** How many messages were delivered by then. */
  #applied(change: Change, result: Committed | undefined): number {
    if (!result?.applied) throw new Conflict(result?.reason ?? "missing", !this.committed);
    if (change.outbox?.length) postOutbox(this.#core);
    return result.delivered;
  }

  /** A call that never comes back must not keep the run for ever: after a lease's time its heartbeats end, and others may take it. */
  #asks(): (() => void) | undefined {
    return this.leased ? this.clock.after(this.#core.leases.duration, () => this.#release()) : undefined;
  }

  /** The store may have answered when the lease was over and another had the run: a step that began then would run twice. */
  async #inTime({ owner, duration }: Lease, since: number): Promise<void> {
    const { leases, store } = this.#core;
    for (let from = since; this.clock.now() - from >= duration;) {
      from = this.clock.now();
      const [result] = await store.extend([{ id: this.#progress.id, owner }], { now: from, duration: leases.duration }).catch((error: unknown) => this.#failed(error));
      if (!result?.held) throw new Conflict("leased", false);
    }
  }

  /** Whose fault a failure is decides what becomes of the run: see `storeFailed`. */
  #failed(error: unknown): never {
    this.#storeFailed = true;
    throw error;
  }

  fence(): number {
    return this.#progress.version;
  }

  next(signal: AbortSignal): Promise<Input> {
    return this.#arrivals.next(signal);
  }

  took(input: Input): void {
    this.#arrivals.took(input);
  }

  refused(_input: Input, error: unknown): void {
    this.#arrivals.refused(error);
  }

  /** There may be letters that were not seen yet. */
  ring(): void {
    this.#arrivals.ring();
  }

  /** Another has the run. */
  lose(): void {
    this.#arrivals.lose();
  }

  /** The same, whatever it waits for. */
  abandon(): void {
    this.lose();
    this.#moving?.drop(new Conflict("leased", !this.committed));
  }

  ended(run: LiveRun, step: StepCall, result: Input): void {
    this.#journal.ended(run, step, result);
  }

  #keep(owner: string): void {
    if (this.#holder !== undefined) return;
    const progress = this.#progress;
    this.#holder = {
      id: progress.id,
      owner,
      get version() {
        return progress.version;
      },
      lost: () => this.lose(),
      messages: (delivered) => {
        if (delivered > progress.loaded) this.ring();
      },
    };
    this.#core.leases.keep(this.#holder);
    this.#core.doorbell.open();
    this.#place.free();
  }

  #release(): void {
    if (this.#holder !== undefined) this.#core.leases.forget(this.#holder);
    this.#holder = undefined;
  }
}
