// A store that is away or says no, seen by an operator: what is said of it, how often it is asked, and that it is said when it is back.

import { createEngine, type Engine } from "deflow";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storeDenied, storeUnreachable } from "../../runtime/errors/store.ts";
import { SimulatedClock } from "../../runtime/realm/clock.ts";
import type { Store } from "../../runtime/store.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { inProcess } from "../../runtime/dispatchers/in-process.ts";
import { isCall } from "../stores/calls.ts";
import { sleeper } from "./flows.ts";

const second = 1_000;
const denied = (): Error => storeDenied("postgres://host/app", new Error("password authentication failed for user \"ann\""));
const away = (): Error => storeUnreachable("postgres://host/app", new Error("connect ECONNREFUSED 127.0.0.1:5432"), "");

describe("a worker whose store fails", () => {
  let clock: SimulatedClock;
  let said: [number, string][];
  let asked: number[];
  let failure: (() => Error) | undefined;
  let store: Store;
  const engines: Engine[] = [];
  beforeEach(() => {
    clock = new SimulatedClock();
    [said, asked, failure] = [[], [], undefined];
    const inner = memory();
    store = new Proxy(inner, {
      get: (target, name: keyof Store) => (!isCall(name) || typeof target[name] !== "function" ? target[name] : async (...given: never[]) => {
        if (name === "claim" || name === "shapes") asked.push(clock.now() / second);
        if (failure !== undefined) throw failure();
        return await (target[name] as (...all: never[]) => unknown).apply(target, given);
      }),
    });
  });
  afterEach(async () => {
    failure = undefined;
    for (const engine of engines.splice(0)) await engine.close();
  });

  function begun(more: Partial<Parameters<typeof createEngine>[0]> = {}): Engine {
    const say = (message: string): unknown => said.push([clock.now() / second, message]);
    const engine = createEngine({ store, flows: { sleeper }, clock, logger: { debug() {}, info() {}, warn: say, error: say }, ...more });
    engines.push(engine);
    return engine;
  }

  it("says so once, again after a minute, and when it works again", async () => {
    failure = denied;
    begun().work();
    await clock.advance(59 * second);
    expect(said).toEqual([[0, expect.stringContaining("failed")]]);
    expect(said[0]?.[1]).toContain("denies access: password authentication failed for user \"ann\"");
    await clock.advance(6 * second);
    expect(said).toHaveLength(2);
    expect(said[1]?.[0]).toBeGreaterThanOrEqual(60);
    failure = undefined;
    await clock.advance(5 * second);
    expect(said.slice(2)).toEqual([[expect.any(Number), expect.stringMatching(/^The store answers again; the worker goes on, after \d+ s$/)]]);
    const run = await engines[0]?.start(sleeper, [second], { queue: "q" });
    await clock.advance(3 * second);
    expect(await run?.result()).toBe("awake");
    expect(said).toHaveLength(3);
  });

  it("says so again when it fails in another way", async () => {
    failure = denied;
    begun().work();
    await clock.advance(10 * second);
    failure = away;
    await clock.advance(20 * second);
    failure = denied;
    await clock.advance(20 * second);
    expect(said.map(([, message]) => /authentication|ECONNREFUSED/.exec(message)?.[0])).toEqual(["authentication", "ECONNREFUSED"]);
  });

  it("says so again soon when it stays away after it was said to be back", async () => {
    failure = away;
    begun().work();
    await clock.advance(5 * second);
    failure = undefined;
    await clock.advance(10 * second);
    failure = away;
    await clock.advance(10 * second);
    expect(said.map(([, message]) => /ECONNREFUSED|answers again/.exec(message)?.[0])).toEqual(["ECONNREFUSED", "answers again", "ECONNREFUSED"]);
    expect(said[2]?.[0]).toBeLessThan(20);
  });

  it("asks it less and less often, each five seconds at last, whatever its `poll` and whoever rings", async () => {
    const dispatcher = inProcess();
    failure = away;
    begun({ dispatcher }).work({ poll: "1 second" });
    for (let n = 0; n < 30; n++) {
      await clock.advance(second);
      void dispatcher.ring({ at: 0, from: "another" });
    }
    expect(asked).toEqual([0, 1, 3, 7, 12, 17, 22, 27]);
  });

  it("that comes and goes says no more than that in a minute, and stops at once", async () => {
    const engine = begun();
    const worker = engine.work();
    for (let n = 0; n < 20; n++) {
      failure = n % 2 === 0 ? away : undefined;
      await clock.advance(2 * second);
    }
    expect(said).toEqual([[0, expect.stringContaining("ECONNREFUSED")], [expect.any(Number), expect.stringContaining("answers again")]]);
    failure = away;
    await clock.advance(9 * second);
    await worker.stop();
  });
});
