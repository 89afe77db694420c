// The four laws of a store that exactly-once rests on, each in the one order of events that needs it: over a store that keeps the
// law nothing is wrong, over one that lacks it the checker of the kill loop says what is. The kill loop meets the same moments with
// processes (kill/loop.ts, `controls`).

import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import { SimulatedClock } from "../../runtime/realm/clock.ts";
import { createEngine, type Engine } from "../../runtime/engine/engine.ts";
import type { Store } from "../../runtime/store.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { broken } from "../stores/broken.ts";
import { type Begun, check } from "./kill/checker.ts";
import { job, order } from "./kill/order.ts";
import { isCall } from "../stores/calls.ts";

const lease = 30_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
/** Which process acts. */
const acting = new AsyncLocalStorage<number>();

interface Standing {
  /** It has come to the point. */
  readonly reached: Promise<void>;
  /** Lets it go on; one that never does was killed. */
  goOn(): void;
}

/** Processes over one store, an event log, and a step that may take its time. */
class World {
  readonly clock = new SimulatedClock(1_700_000_000_000);
  readonly store: Store;
  readonly ledger: Begun[] = [];
  readonly disturbed = new Map<number, number>();
  readonly sent: string[] = [];
  /** Set by the scenario: what the first step waits for. */
  work: () => Promise<void> = async () => {};

  constructor(store: Store) {
    this.store = store;
    job.act = async ({ key, fence }, word) => {
      this.ledger.push({ pid: acting.getStore() ?? 0, begun: key, word, fence });
      await this.work();
      return word;
    };
  }

  /** A process; with `at` one that stands still at that call of the store. */
  process(pid: number, at?: { readonly when: "before" | "after"; readonly commit: number }): { engine: Engine; standing: Standing } {
    let [reached, goOn] = [(): void => {}, (): void => {}];
    const standing = { reached: new Promise<void>((resolve) => (reached = resolve)), goOn: () => goOn() };
    const going = new Promise<void>((resolve) => (goOn = resolve));
    let commits = 0;
    const halt = async (when: string): Promise<void> => {
      if (at?.when !== when || commits !== at.commit) return;
      this.disturbed.set(pid, 1);
      reached();
      await going;
    };
    const store = new Proxy(this.store, {
      get: (target, name: keyof Store) => (!isCall(name) ? undefined : async (...args: unknown[]) => {
        if (name === "commit") commits++;
        if (name === "commit") await halt("before");
        const answer = await (target[name] as (...given: unknown[]) => Promise<unknown>).apply(target, args);
        if (name === "commit") await halt("after");
        return answer;
      }),
    });
    // A process that stands still sends no heartbeats.
    const clock = at === undefined ? this.clock : { now: () => this.clock.now(), after: () => () => {} };
    return { engine: createEngine({ store, flows: { order }, clock, lease, logger: silent }), standing };
  }

  async send(word: string): Promise<void> {
    if (!this.sent.includes(word)) this.sent.push(word);
    await this.store.deliver([{ to: "r", kind: "event", eventId: word, now: this.clock.now(), body: JSON.stringify({ v: 1, context: "word", data: word }) }]);
  }

  tick(pid: number, engine: Engine): Promise<unknown> {
    return acting.run(pid, () => engine.tick());
  }

  /** What the checker says once leases are over, and a process has seen to what is left. */
  async verdict(): Promise<readonly string[]> {
    const { engine } = this.process(9);
    for (let round = 0; round < 3; round++) {
      await this.clock.advance(lease + 5_000);
      await this.tick(9, engine);
    }
    const run = await engine.get("r");
    const ended = [{ id: "r", status: run.status, value: run.status === "completed" ? (run.value as string[]) : [] }];
    return check({ sent: new Map([["r", this.sent]]), ledger: this.ledger, ended, disturbed: this.disturbed }).wrong;
  }
}

const scenarios: Record<string, { readonly lacks: keyof typeof broken; readonly found: RegExp; play(world: World): Promise<void> }> = {
  "a process stands still before its last commit, and goes on when another has done its work and more": {
    lacks: "no compare-and-swap", found: /^stuck: r is waiting/,
    async play(world) {
      const late = world.process(1, { when: "before", commit: 2 });
      await world.send("w1");
      const ticking = world.tick(1, late.engine);
      await late.standing.reached;
      await world.send("w2");
      await world.clock.advance(lease);
      await world.tick(2, world.process(2).engine);
      late.standing.goOn();
      await ticking;
    },
  },
  "an event comes while a step runs, and the process dies right after the last commit of the turn": {
    lacks: "no counter of the inbox", found: /^stuck: r is waiting/,
    async play(world) {
      const dying = world.process(1, { when: "after", commit: 2 });
      world.work = async () => {
        world.work = async () => {};
        await world.send("w2");
      };
      await world.send("w1");
      void world.tick(1, dying.engine);
      await dying.standing.reached;
    },
  },
  "an event is sent twice": {
    lacks: "no event ids", found: /^(?:twice|lost)/,
    async play(world) {
      await world.send("w1");
      await world.send("w1");
      await world.tick(1, world.process(1).engine);
      await world.send("w2");
    },
  },
  "another process looks for work while a step runs": {
    lacks: "no leases", found: /^repeated: r:\d+ of 1, which lives/,
    async play(world) {
      await world.send("w1");
      await world.send("w2");
      let [begun, end] = [(): void => {}, (): void => {}];
      const running = new Promise<void>((resolve) => (begun = resolve));
      const long = new Promise<void>((resolve) => (end = resolve));
      world.work = async () => {
        world.work = async () => {};
        begun();
        await long;
      };
      const ticking = world.tick(1, world.process(1).engine);
      await running;
      await world.tick(2, world.process(2).engine);
      end();
      await ticking;
    },
  },
};

describe.each(Object.entries(scenarios))("%s", (_what, { lacks, found, play }) => {
  const verdict = async (store: Store): Promise<readonly string[]> => {
    const world = new World(store);
    await createEngine({ store: world.store, flows: { order }, clock: world.clock, lease, logger: silent }).start(order, [2], { id: "r" });
    await play(world);
    return await world.verdict();
  };

  it("nothing is wrong", async () => {
    expect(await verdict(memory())).toEqual([]);
  });

  it(`with ${lacks} it is found`, async () => {
    expect(await verdict(broken[lacks][1](memory()))).toContainEqual(expect.stringMatching(found));
  });
});
