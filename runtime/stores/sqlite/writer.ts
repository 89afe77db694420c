// One writer, one transaction for all that is ready.
//
//   idle ── write ──► scheduled ── the event loop's next round ──► begin, every job, commit ──► idle
//
// An fsync costs about a hundred times the statements of a commit, so jobs that come in the same round of the event loop
// share one. Nothing ever waits for company: there is no timer, and a job alone is written alone.
//
// A job that throws must not take the others with it: then everything is rolled back and each job gets its own transaction.

import { storeClosed } from "../../errors/store.ts";
import { type Database, type Statement, undo } from "./driver.ts";
import { failure } from "./failures.ts";

interface Job {
  /** It shares its transaction with no other. */
  readonly alone: boolean;
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

// Taken at load time: a test's fake timers must not stop the store.
const nextRound = setImmediate;

export class Writer {
  readonly #database: Database;
  readonly #path: string;
  readonly #begin: Statement;
  readonly #commit: Statement;
  #jobs: Job[] = [];
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

  /** The same, for work that must not be done twice: in a transaction of its own. */
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

  read<T>(work: () => T): T {
    if (this.#closed) throw storeClosed();
    try {
      return work();
    } catch (error) {
      throw failure(error, this.#path);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#database.close();
  }

  #flush(): void {
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
      for (const job of jobs) job.reject(failure(error, this.#path));
      return true;
    }
    for (const [at, job] of jobs.entries()) job.resolve(results[at]);
    return true;
  }
}
