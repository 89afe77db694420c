// A store that takes real time to answer, under a clock that stands still until it has: before the clock moves on, and after each
// timer that fires, all calls are answered and what they set off has asked for what it needs.

import { SimulatedClock } from "../../runtime/realm/clock.ts";
import type { Store } from "../../runtime/store.ts";
import { isCall } from "../stores/calls.ts";

/** Rounds of the event loop without a call, after which nothing more will come. */
const quiet = 5;

export function remote(inner: Store, start: number): { readonly store: Store; readonly clock: SimulatedClock } {
  let underWay = 0;
  const counted = async (call: () => Promise<unknown>): Promise<unknown> => {
    underWay++;
    try {
      return await call();
    } finally {
      underWay--;
    }
  };
  /** What a test has put in the place of a method: it may hang. */
  const instead = new Map<string | symbol, unknown>();
  const store: Store = new Proxy(inner, {
    // An object that has the store as its prototype gets a method of its own.
    set: (_target, name, value, receiver) => (receiver === store ? Boolean(instead.set(name, value))
      : Reflect.defineProperty(receiver as object, name, { value, writable: true, enumerable: true, configurable: true })),
    get(target, name: keyof Store) {
      if (instead.has(name)) return instead.get(name);
      if (!isCall(name)) return name === "recall" ? target.recall?.bind(target) : target.transactions;
      const method = target[name] as unknown;
      return typeof method === "function" ? (...args: unknown[]) => counted(() => (method as (...all: unknown[]) => Promise<unknown>).apply(target, args)) : method;
    },
  });
  const answered = async (): Promise<void> => {
    for (let rounds = 0; rounds < quiet; rounds = underWay > 0 ? 0 : rounds + 1) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return { store, clock: new PatientClock(start, answered) };
}

class PatientClock extends SimulatedClock {
  readonly #answered: () => Promise<void>;
  readonly #deadlines = new Set<{ readonly at: number }>();

  constructor(start: number, answered: () => Promise<void>) {
    super(start);
    this.#answered = answered;
  }

  override after(milliseconds: number, callback: () => void): () => void {
    const deadline = { at: this.now() + Math.max(0, milliseconds) };
    this.#deadlines.add(deadline);
    const cancel = super.after(milliseconds, () => {
      this.#deadlines.delete(deadline);
      callback();
    });
    return () => {
      this.#deadlines.delete(deadline);
      return cancel();
    };
  }

  override async set(time: number | Date): Promise<void> {
    const until = Number(time);
    await this.#answered();
    for (let next = this.#next(until); next <= until; next = this.#next(until)) {
      await super.set(next);
      await this.#answered();
    }
    await super.set(until);
  }

  #next(until: number): number {
    return [...this.#deadlines].reduce((least, { at }) => Math.min(least, at), until + 1);
  }
}
