// What comes together is written together: one statement, and so one fsync, for all that is ready.
//
//   add ─► queue ── the event loop's next round, or the end of a batch ──► a batch, while there is a lane for it ──► answers
//
// Nothing ever waits for company: there is no timer, and an item alone is written alone. While a batch is under way, what comes gathers
// for the next. Of two items of one run the second is not sent before the first is answered.
//
// A batch that fails must not take the innocent with it: then each of its items is made alone.

interface Item<T, R> {
  readonly key: string;
  readonly value: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** Of one item alone. */
export class Rejected {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

interface BatchOptions<T> {
  /** How many batches are under way at once. */
  readonly lanes: number;
  /** Items of a batch. */
  readonly most: number;
  /** Whether several items of one run may be in one batch, or under way at once. */
  readonly several: "none" | "batch" | "any";
  /** Those of a batch are all of one kind. */
  kind(value: T): unknown;
  /** Whether all items of a batch would fail alike. */
  isOfAll(error: unknown): boolean;
}

// Taken at load time: a test's fake timers must not stop the store.
const nextRound = setImmediate;

export class Batches<T extends { readonly id: string }, R> {
  readonly #write: (values: readonly T[]) => Promise<readonly (R | Rejected)[]>;
  readonly #options: BatchOptions<T>;
  readonly #busy = new Set<string>();
  #queue: Item<T, R>[] = [];
  #underWay = 0;
  #scheduled = false;

  /** `write` answers in the order of the values. */
  constructor(write: (values: readonly T[]) => Promise<readonly (R | Rejected)[]>, options: BatchOptions<T>) {
    this.#write = write;
    this.#options = options;
  }

  /** Resolves in the order of the values, when all are written. */
  add(values: readonly T[]): Promise<R[]> {
    const results = values.map((value) => new Promise<R>((resolve, reject) => this.#queue.push({ key: value.id, value, resolve, reject })));
    if (!this.#scheduled && this.#queue.length > 0) {
      this.#scheduled = true;
      nextRound(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
    return Promise.all(results);
  }

  #flush(): void {
    while (this.#underWay < this.#options.lanes) {
      const batch = this.#next();
      if (batch.length === 0) return;
      this.#underWay++;
      const keys = new Set(batch.map(({ key }) => key));
      for (const key of keys) this.#busy.add(key);
      void this.#writeAll(batch).finally(() => {
        this.#underWay--;
        for (const key of keys) this.#busy.delete(key);
        this.#flush();
      });
    }
  }

  #next(): Item<T, R>[] {
    const { most, several, kind } = this.#options;
    const batch: Item<T, R>[] = [];
    const left: Item<T, R>[] = [];
    const taken = new Set<string>();
    const waiting = new Set<string>();
    for (const item of this.#queue) {
      const { key, value } = item;
      const fits = batch.length === 0 || (batch.length < most && kind(value) === kind((batch[0] as Item<T, R>).value));
      const mustWait = !fits || (several !== "any" && (this.#busy.has(key) || waiting.has(key))) || (several === "none" && taken.has(key));
      (mustWait ? waiting : taken).add(key);
      (mustWait ? left : batch).push(item);
    }
    this.#queue = left;
    return batch;
  }

  async #writeAll(items: readonly Item<T, R>[]): Promise<void> {
    try {
      const results = await this.#write(items.map(({ value }) => value));
      for (const [at, item] of items.entries()) {
        const result = results[at] as R | Rejected;
        if (result instanceof Rejected) item.reject(result.error);
        else item.resolve(result);
      }
    } catch (error) {
      if (items.length > 1 && !this.#options.isOfAll(error)) for (const item of items) await this.#writeAll([item]);
      else for (const item of items) item.reject(error);
    }
  }
}
