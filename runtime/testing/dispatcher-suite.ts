// What a dispatcher must do, as tests, for every one that there is or will be.
//
//   await dispatcherSuite("my dispatcher", { open: async () => { …; return { first, second, close() {} }; } });
//
// `first` and `second` are what two processes have, which may be one object. A dispatcher may lose rings, so the suite rings until one is heard;
// never hearing one is what it calls a failure.

import assert from "node:assert/strict";
import { pause, systemClock } from "../realm/clock.ts";
import type { Dispatcher, Ring } from "../dispatchers/dispatcher.ts";
import type { TestFramework } from "./store-suite.ts";

/** Two ends of one medium. */
export interface DispatcherPair {
  /** One process's dispatcher. */
  readonly first: Dispatcher;
  /** Another's. */
  readonly second: Dispatcher;
  /** Called after each test. */
  close(): Promise<void> | void;
}

/** What `dispatcherSuite` proves. */
export interface DispatcherFixture {
  /** Called before each test. */
  open(): Promise<DispatcherPair> | DispatcherPair;
  /** Milliseconds that the suite goes on ringing; default 10,000. */
  readonly patience?: number;
}

/** Milliseconds between two rings that say the same. */
const between = 20;

/** Declares the suite. Without `framework` it is vitest, which must then be installed. */
export async function dispatcherSuite(name: string, { open, patience = 10_000 }: DispatcherFixture, framework?: TestFramework): Promise<void> {
  const { describe, it } = framework ?? ((await import("vitest")) as TestFramework);
  describe(name, () => {
    for (const [test, body] of Object.entries(laws)) {
      it(test, async () => {
        const pair = await open();
        try {
          await body(pair, patience);
        } finally {
          await pair.close();
        }
      });
    }
  });
}

/** Rings until `isHeard`. Whatever the medium does with it, `ring` must neither throw nor reject where nothing is wrong. */
async function ringUntil(dispatcher: Dispatcher, ring: Ring, isHeard: () => boolean, patience: number): Promise<void> {
  for (const until = systemClock.now() + patience; !isHeard();) {
    assert.ok(systemClock.now() < until, `nothing was heard of ${JSON.stringify(ring).slice(0, 200)}`);
    await dispatcher.ring(ring);
    await pause(systemClock, between);
  }
}

type Law = (pair: DispatcherPair, patience: number) => Promise<void>;

const odd = ["", "it's", "a \"b\"\n\\c", "{tag}", "Ω𝒳", "*.>", "x".repeat(20_000)];

const laws: Readonly<Record<string, Law>> = {
  "who listens hears a ring of the other side": async ({ first, second }, patience) => {
    const heard: Ring[] = [];
    second.listen((ring) => heard.push(ring));
    await ringUntil(first, { queue: "mail", at: 5 }, () => heard.some(({ at }) => at !== undefined), patience);
  },
  "rings go both ways": async ({ first, second }, patience) => {
    for (const [here, there] of [[first, second], [second, first]] as const) {
      let heard = false;
      here.listen(() => (heard = true));
      await ringUntil(there, { at: 0 }, () => heard, patience);
    }
  },
  "what is heard was rung, or less of it": async ({ first, second }, patience) => {
    const heard: Ring[] = [];
    second.listen((ring) => heard.push(ring));
    for (const name of odd) {
      const before = heard.length;
      await ringUntil(first, { queue: name, run: `${name}:1`, at: 7, from: "first" }, () => heard.length > before, patience);
    }
    for (const { queue, run, at, from } of heard) {
      if (queue !== undefined) assert.ok(odd.includes(queue), `the queue ${JSON.stringify(queue)} was never rung for`);
      if (run !== undefined) assert.ok(odd.some((name) => run === `${name}:1`), `the run ${JSON.stringify(run)} was never rung for`);
      if (at !== undefined) assert.ok(typeof at === "number" && at <= 7, `\`at\` is ${JSON.stringify(at)}, and was 7`);
      if (from !== undefined) assert.equal(from, "first");
    }
  },
  "all who listen hear": async ({ first, second }, patience) => {
    const heard = new Set<number>();
    for (const listener of [1, 2, 3]) second.listen(() => heard.add(listener));
    await ringUntil(first, { at: 0 }, () => heard.size === 3, patience);
  },
  "who has stopped hears nothing more, and others go on": async ({ first, second }, patience) => {
    let [stopped, others] = [0, 0];
    const stop = second.listen(() => stopped++);
    second.listen(() => others++);
    await ringUntil(first, { at: 0 }, () => stopped > 0 && others > 0, patience);
    stop();
    const before = stopped;
    const enough = others + 3;
    await ringUntil(first, { at: 0 }, () => others >= enough, patience);
    assert.equal(stopped, before);
    stop();
  },
  "ringing asks for nobody who listens": async ({ first }) => {
    await first.ring({ run: "a", at: 0 });
    await first.ring({});
  },
  "many rings at once are no error, and do not end it": async ({ first, second }, patience) => {
    let heard = 0;
    second.listen(() => heard++);
    await Promise.all(Array.from({ length: 5_000 }, (_, n) => first.ring({ queue: `q${n % 7}`, run: `run ${n}`, at: n })));
    await ringUntil(first, { at: 0 }, () => heard > 0, patience);
    const before = heard;
    await ringUntil(first, { at: 0 }, () => heard > before, patience);
  },
};
