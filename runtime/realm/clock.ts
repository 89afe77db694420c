// Time, injected. This is the only file that reads the system's clock or sets a system timer; everything else asks a `Clock`.
//
// A run's deadlines are stored as milliseconds since the epoch, so two clocks over one store must mean the same time.

/** What tells the time of runs and sets their timers. Two clocks over one store must mean the same time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once, `milliseconds` from now or as soon after as possible, never before; the result cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Node cuts a longer delay down to 1 ms (2^31 - 1 ms, 24.8 days), so a longer one is set in parts. */
const longestDelay = 2 ** 31 - 1;

/** The clock of the machine, and its timers, of which a delay may be longer than Node's 24.8 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    // Of a clock that only goes forward: the other may be set back, by an hour and more.
    const deadline = performance.now() + milliseconds;
    let timer: ReturnType<typeof setTimeout>;
    // Node may fire a millisecond early, so the deadline is asked for again.
    const arm = (): void => {
      const left = deadline - performance.now();
      if (left <= 0) callback();
      else timer = setTimeout(arm, Math.min(left, longestDelay));
    };
    timer = setTimeout(arm, Math.min(Math.max(0, milliseconds), longestDelay));
    return () => clearTimeout(timer);
  },
};

/** Calls `callback` after about `milliseconds`, whatever a test makes of timers: for what is below the time of runs. The result cancels it. */
export function hostTimer(milliseconds: number, callback: () => void): () => void {
  const timer = setHostTimer(callback, milliseconds);
  return () => clearHostTimer(timer);
}

// Taken at load time: a test's fake timers must not stop a store.
const setHostTimer = setTimeout;
const clearHostTimer = clearTimeout;

/** Resolves after `milliseconds` on `clock`; at once, and without keeping its timer, when `signal` aborts. */
export function pause(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(milliseconds, finish);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** Resolves when the callbacks of all promises that are settled by now have run, and those of the promises they settle. */
export function microtasksDone(): Promise<void> {
  return (done ??= new Promise((resolve) => {
    // Node looks at its ticks when no microtask is left, which is sooner than the next round of the event loop.
    process.nextTick(() => {
      done = undefined;
      resolve();
    });
  }));
}

/** One for all who ask before it resolves: they wait for the same. */
let done: Promise<void> | undefined;

/** Resolves in the next round of the event loop, when all that is due in this one has run; at once where the host has no rounds. */
export function nextRound(): Promise<void> {
  return new Promise((resolve) => roundOver(resolve));
}

// Taken at load time: a test's fake timers must not stop a run.
const roundOver: (done: () => void) => void = typeof setImmediate === "function" ? setImmediate : (done) => done();

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until a test moves it; times are milliseconds since the epoch. Timers fire in the order of their deadlines, each at its
 * own time, and between two of them everything that is ready runs. It never goes back: `set` to an earlier time throws a RangeError.
 */
export class SimulatedClock implements Clock {
  #now: number;
  #order = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(start: number | Date = 0) {
    this.#now = Number(start);
  }

  now(): number {
    return this.#now;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#alarms.size;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const alarm = { at: this.#now + Math.max(0, milliseconds), order: this.#order++, callback };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Moves on by `milliseconds`; resolves when all timers due until then have fired and what they set off has run. */
  advance(milliseconds: number): Promise<void> {
    return this.set(this.#now + milliseconds);
  }

  /** Moves on to a point in time; as `advance`. */
  async set(time: number | Date): Promise<void> {
    const until = Number(time);
    if (!(until >= this.#now)) throw new RangeError(`The clock shows ${this.#now} and cannot go back to ${until}`);
    await settled();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#alarms.delete(next);
      this.#now = next.at;
      next.callback();
      await settled();
    }
    this.#now = until;
  }

  #next(until: number): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.at > until) continue;
      if (!first || alarm.at < first.at || (alarm.at === first.at && alarm.order < first.order)) first = alarm;
    }
    return first;
  }
}

/** Some rounds of the event loop: a store may answer one round later, and what follows may ask it again. */
async function settled(): Promise<void> {
  for (let round = 0; round < 4; round++) await new Promise<void>((resolve) => setImmediate(resolve));
}
