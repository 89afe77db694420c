// A store that fails where a test says so: for proving that what is built on a store bears it.
//
//   const { store, calls, clear } = faultyStore(memory(), [{ call: 7, fault: "fail after" }]);
//
//   fail before   the call throws, and the store has done nothing
//   fail after    the store has done it, and the call throws: the answer was lost
//   hang          nothing is done, and no answer ever comes
//   hang after    it is done, and no answer ever comes
//   repeat        it is done twice, as by a network that asks again; the first answer is given
//   delay         it is done, and answered after the next call, or ten rounds of the event loop later

import type { Store } from "../store.ts";

/** What goes wrong with a call of a store: see the head of this file. */
export type Fault = "fail before" | "fail after" | "hang" | "hang after" | "repeat" | "delay";

/** All of them. */
export const faults: readonly Fault[] = ["fail before", "fail after", "hang", "hang after", "repeat", "delay"];

/** Transactions have no faults of their own, and what is recalled asks nobody. */
export type StoreCall = Exclude<keyof Store, "close" | "transactions" | "recall">;

/** Which call goes wrong, and how. */
export interface PlannedFault {
  /** Counted from 1, over all methods or, with `method`, over those of that one. */
  readonly call: number;
  /** Counts the calls of this method alone. Absent: of all. */
  readonly method?: StoreCall;
  /** What goes wrong. */
  readonly fault: Fault;
}

/** What a call that fails throws. */
export class StoreFault extends Error {
  override readonly name = "StoreFault";
}

/** What `faultyStore` gives. */
export interface FaultyStore {
  /** The store that fails. */
  readonly store: Store;
  /** The methods called so far, in order. */
  readonly calls: readonly StoreCall[];
  /** How many faults have struck. */
  readonly struck: number;
  /** From now on there are no more faults. What hangs goes on hanging. */
  clear(): void;
}

/** Any store, with these faults. A chance of faults is a function that is asked at each call. */
export function faultyStore(inner: Store, plan: readonly PlannedFault[] | ((call: number, method: StoreCall) => Fault | undefined)): FaultyStore {
  const calls: StoreCall[] = [];
  let struck = 0;
  let cleared = false;
  let answerDelayed = (): void => {};
  const planned = (method: StoreCall): Fault | undefined => {
    calls.push(method);
    answerDelayed();
    if (cleared) return undefined;
    if (typeof plan === "function") return plan(calls.length, method);
    const ofMethod = calls.filter((one) => one === method).length;
    return plan.find((one) => (one.method === undefined ? one.call === calls.length : one.method === method && one.call === ofMethod))?.fault;
  };
  const delayed = (): Promise<void> => new Promise((resolve) => {
    answerDelayed = resolve;
    void rounds(10).then(resolve);
  });
  const call = async (method: StoreCall, args: readonly unknown[]): Promise<unknown> => {
    const fault = planned(method);
    if (fault !== undefined) struck++;
    const act = (): Promise<unknown> => (inner[method] as (...args: unknown[]) => Promise<unknown>).apply(inner, args as unknown[]);
    if (fault === undefined) return await act();
    if (fault === "fail before") throw new StoreFault(`${method} failed`);
    if (fault === "hang") return await never();
    const answer = await act();
    if (fault === "fail after") throw new StoreFault(`${method} was done, and its answer was lost`);
    if (fault === "hang after") return await never();
    if (fault === "repeat") await act();
    else await delayed();
    return answer;
  };
  const store = new Proxy(inner, {
    get(target, name: keyof Store) {
      if (name === "transactions") return target.transactions;
      if (name === "recall") return target.recall?.bind(target);
      return name === "close" ? () => target.close() : (...args: unknown[]) => call(name, args);
    },
  });
  return {
    store, calls,
    get struck() {
      return struck;
    },
    clear: () => void (cleared = true),
  };
}

function never(): Promise<never> {
  return new Promise(() => {});
}

async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round++) await new Promise<void>((resolve) => setImmediate(resolve));
}
