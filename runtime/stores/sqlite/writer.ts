// One writer, one transaction for all that is ready.
//
//   idle ── write ──► scheduled ── the event loop's next round ──► begin, every job, commit ──► idle
//
// An fsync costs about a hundred times the statements of a commit, so jobs that come in the same round of the event loop
// share one. Nothing ever waits for company: there is no timer, and a job alone is written alone.
//
// A job that throws must not take the others with it: then everything is rolled back and each job gets its own transaction.
//
// A client of this process that the store has joined holds the file's lock until its transaction ends. SQLite waits for a lock by
// stopping the thread, and so the one who is to end that transaction. So while there are such clients the lock is tried for, now and then.

import { hostTimer } from "../../realm/clock.ts";
import { storeClosed, txRefused } from "../../errors/store.ts";
import { type Database, type Statement, undo } from "./driver.ts";
import { failure, isConstraint } from "./failures.ts";

interface Job {
  /** It shares its transaction with no other. */
  readonly alone: boolean;
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

// Taken at load time: a test's fake timers must not stop the store.
const nextRound = setImmediate;

/** Milliseconds between two tries for the lock of a client. */
const tryAgainAfter = 1;

/** Somebody in this process who has a transaction on the file, or had. */
interface Guest {
  readonly isOpen: boolean;
}

export class Writer {
  readonly #database: Database;
  readonly #path: string;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #guests = new Set<Guest>();
  #jobs: Job[] = [];
  /** How long the guests may be waited for; ended by `#writeAll`. */
  #patience: { isOver: boolean; readonly end: () => void } | undefined;
  #closed = false;

  constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
    // Immediate: a transaction that begins as a reader may fail with SQLITE_BUSY at its first write without waiting.
    this.#begin = database.prepare("begin immediate");
    this.#commit = database.prepare("commit");
  }

  /** Runs `work` in a transaction; resolves with its result when that is on the disk. */
  write<T>(work: () => T): Promise<T> {
    return this.#add(work, false);
  }

  /** The same, for work that must not be done twice: in a transaction of its own. @throws TxRefused for what only the commit refuses. */
  alone<T>(work: () => T): Promise<T> {
    return this.#add(work, true);
  }

  #add<T>(work: () => T, alone: boolean): Promise<T> {
    if (this.#closed) return Promise.reject(storeClosed());
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ work, alone, resolve: resolve as (value: unknown) => void, reject });
      if (this.#jobs.length === 1) nextRound(() => this.#flush());
    });
  }

  open(): void {
    if (this.#closed) throw storeClosed();
  }

  /** Until the guest's transaction is over the lock is waited for without stopping the event loop. */
  leaveTo(guest: Guest): void {
    this.#guests.add(guest);
  }

  read<T>(work: () => T): T {
    this.open();
    try {
      return work();
    } catch (error) {
      throw failure(error, this.#path);
    }
  }

  /** `work` reads one version of everything: between two of its reads another process may commit. */
  snapshot<T>(work: () => T): T {
    this.#database.exec("begin");
    try {
      return work();
    } finally {
      undo(this.#database);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#writeAll();
    this.#closed = true;
    this.#database.close();
  }

  /** Nobody is there to catch what it throws, and the jobs would never be answered. */
  #flush(): void {
    try {
      this.#writeWhenFree();
    } catch (error) {
      const jobs = this.#jobs;
      this.#jobs = [];
      for (const job of jobs) job.reject(failure(error, this.#path));
    }
  }

  #writeWhenFree(): void {
    for (const guest of this.#guests) if (!guest.isOpen) this.#guests.delete(guest);
    if (this.#guests.size === 0 || this.#jobs.length === 0) return this.#writeAll();
    const busyTimeout = Number(this.#database.prepare("pragma busy_timeout").get()?.["timeout"]);
    this.#database.exec("pragma busy_timeout = 0");
    const isFree = this.#isFree();
    const { isOver } = (this.#patience ??= patience(busyTimeout));
    if (!isFree && isOver) this.#writeAll();
    this.#database.exec(`pragma busy_timeout = ${busyTimeout}`);
    if (isFree) this.#writeAll();
    else if (!isOver) hostTimer(tryAgainAfter, () => this.#flush());
  }

  #isFree(): boolean {
    try {
      this.#begin.run();
      return true;
    } catch {
      // Whatever else keeps it from beginning shows when it is done in earnest.
      return false;
    } finally {
      undo(this.#database);
    }
  }

  #writeAll(): void {
    this.#patience?.end();
    this.#patience = undefined;
    const jobs = this.#jobs;
    this.#jobs = [];
    for (let next = 0; next < jobs.length;) {
      const end = jobs.findIndex(({ alone }, at) => at > next && (alone || jobs[next]?.alone));
      const group = jobs.slice(next, end < 0 ? jobs.length : end);
      if (!this.#together(group)) for (const job of group) this.#together([job]);
      next += group.length;
    }
  }

  /** False: one of several failed, nothing is written, and each should be tried alone. */
  #together(jobs: readonly Job[]): boolean {
    const results: unknown[] = [];
    let begun = false;
    try {
      this.#begin.run();
      begun = true;
      for (const job of jobs) results.push(job.work());
      this.#commit.run();
    } catch (error) {
      undo(this.#database);
      if (begun && jobs.length > 1 && results.length < jobs.length) return false;
      const refused = jobs[0]?.alone && results.length > 0 && isConstraint(error);
      for (const job of jobs) job.reject(refused ? txRefused(error) : failure(error, this.#path));
      return true;
    }
    jobs.forEach((job, at) => job.resolve(results[at]));
    return true;
  }
}

function patience(milliseconds: number): { isOver: boolean; readonly end: () => void } {
  const one = { isOver: milliseconds === 0, end: hostTimer(milliseconds, () => void (one.isOver = true)) };
  return one;
}
