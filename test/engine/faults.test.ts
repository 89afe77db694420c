// Every call that a scenario makes of its store fails, hangs, is repeated or answered late: each alone, each pair, then many
// by chance. Whoever called calls again, as clients do; processes that hang are as good as dead, and others go on. When the
// faults are over a new engine brings every run to its right end.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SimulatedClock } from "../../runtime/realm/clock.ts";
import { createEngine, type Engine } from "../../runtime/engine/engine.ts";
import type { Store } from "../../runtime/store.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { type Fault, faults, type FaultyStore, faultyStore, type PlannedFault, type StoreCall } from "../../runtime/testing/faulty-store.ts";
import { Random } from "../conformance/generate/random.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";
import { remote } from "./remote.ts";
import { approve, both, caller, decision, effects, hello, paid, parent, sleeper, word, works } from "./flows.ts";

const flows = { approve, both, caller, hello, parent, sleeper };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const lease = 30_000;

/** How often a step's function was called, by key. */
type Calls = Map<string, number>;

interface Stage {
  readonly clock: SimulatedClock;
  readonly worked: Calls;
  /** Calls until it is answered; a call that hangs is given up, and made again in another process. */
  ask<T>(call: (engine: Engine) => Promise<T>): Promise<T>;
  /** Time for leases to run out and for workers to see to what is due. */
  rest(): Promise<void>;
}

interface Scenario {
  play(stage: Stage): Promise<void>;
  /** After the faults, in a new engine. */
  check(stage: Stage): Promise<void>;
  /** Runs, and keys of steps. */
  readonly runs: number;
  readonly steps: number;
}

const scenarios: Record<string, Scenario> = {
  "an approval with a step, events for nobody, an answer twice": {
    runs: 1, steps: 1,
    async play({ ask }) {
      await ask((engine) => engine.start(approve, [1], { id: "a" }));
      await ask((engine) => engine.send("a", word, "for nobody", { eventId: "e0" }));
      for (let n = 0; n < 2; n++) await ask((engine) => engine.continue("a", decision, { ok: true }, { eventId: "e1", wait: 0 }).catch(ended));
    },
    async check({ ask, worked }) {
      expect(await ask((engine) => engine.get("a"))).toMatchObject({ status: "completed", value: "paid" });
      expect([...worked.keys()]).toEqual(["a:2"]);
    },
  },
  "a parent and its child": {
    runs: 2, steps: 0,
    async play({ ask, rest }) {
      await ask((engine) => engine.start(parent, [hello as never, ["Ann"], { id: "child" }], { id: "p" }));
      await rest();
      await ask((engine) => engine.continue("child", word, "cheese", { eventId: "e2", wait: 0 }).catch(ended));
    },
    async check({ ask }) {
      expect(await ask((engine) => engine.get("child"))).toMatchObject({ status: "completed", value: "cheese" });
      expect(await ask((engine) => engine.get("p"))).toMatchObject({ status: "completed", value: "cheese" });
    },
  },
  "a step with backoff beside a listen, in a queue": {
    runs: 1, steps: 1,
    async play({ ask }) {
      await ask((engine) => engine.start(both, [3], { id: "b", queue: "q" }));
      await ask((engine) => engine.send("b", word, "heard", { eventId: "e3" }));
    },
    async check({ ask, worked }) {
      expect(await ask((engine) => engine.get("b"))).toMatchObject({ status: "completed", value: "work heard" });
      expect([...worked.keys()]).toEqual(["b:1"]);
    },
  },
  "a callback, a timer, a cancellation": {
    runs: 3, steps: 0,
    async play({ ask, rest }) {
      const run = await ask((engine) => engine.start(caller, [], { id: "c" }));
      const [token] = run.responses.length > 0 ? run.responses : (await ask((engine) => engine.get("c"))).responses;
      await ask((engine) => engine.start(sleeper, [1_000], { id: "s" }));
      await ask((engine) => engine.start(hello, ["Ann"], { id: "x" }));
      await ask((engine) => engine.settle(String(token), { ok: true }).catch(ended));
      await ask((engine) => engine.cancel("x").catch(ended));
      await rest();
    },
    async check({ ask }) {
      expect(await ask((engine) => engine.get("c"))).toMatchObject({ status: "completed", value: { ok: true } });
      expect(await ask((engine) => engine.get("s"))).toMatchObject({ status: "completed", value: "awake" });
      expect(await ask((engine) => engine.get("x"))).toMatchObject({ status: "cancelled" });
    },
  },
};

/** To who calls again: it was done the first time. */
function ended(error: unknown): unknown {
  const { code } = error as { code?: string };
  if (code === "RUN_ENDED" || code === "UNKNOWN_TOKEN" || code === "LEASE_LOST") return undefined;
  throw error;
}

/** An empty store, and the clock of who uses it. */
type World = () => Promise<{ readonly store: Store; readonly clock: SimulatedClock }>;

const begun = 1_700_000_000_000;
const inMemory: World = async () => ({ store: memory(), clock: new SimulatedClock(begun) });

type Plan = readonly PlannedFault[] | ((call: number, method: StoreCall) => Fault | undefined);

/** Plays it with these faults, and gives the calls that were made while they held. */
async function play({ play: begin, check, runs, steps }: Scenario, plan: Plan, world = inMemory): Promise<FaultyStore> {
  paid.length = 0;
  const worked: Calls = new Map();
  const count = ({ key }: { key: string }): void => void worked.set(key, (worked.get(key) ?? 0) + 1);
  effects.pay = () => "paid";
  works.run = (info) => {
    count(info);
    if (info.attempt === 1) throw new Error("not yet");
    return "work";
  };
  const { store: inner, clock } = await world();
  const faulty = faultyStore(inner, plan);
  const stage = (store: Store): Stage => {
    let engine = createEngine({ store, flows, clock, logger: silent, lease, random: seeded() });
    const ask = async <T>(call: (engine: Engine) => Promise<T>): Promise<T> => {
      for (let tries = 0; tries < 10; tries++) {
        const answer = await answered(call(engine), clock);
        if (answer !== undefined && "value" in answer) return answer.value;
        // The process hangs, or was told nothing: the client asks another.
        if (answer === undefined) engine = createEngine({ store, flows, clock, logger: silent, lease, random: seeded() });
        else if ((answer.error as { name?: string }).name !== "StoreFault") throw answer.error;
      }
      throw new Error("nobody answers");
    };
    const rest = async (): Promise<void> => {
      for (let round = 0; round < 4; round++) {
        await clock.advance(lease + 1);
        await ask((one) => one.tick());
      }
    };
    return { clock, worked, ask, rest };
  };
  await begin(stage(faulty.store));
  faulty.clear();
  const after = stage(inner);
  await after.rest();
  for (const { key } of paid) count({ key });
  await check(after);
  expect(await inner.find({ limit: 100 })).toHaveLength(runs);
  expect(worked.size).toBe(steps);
  expect(await inner.outbox(10)).toEqual([]);
  // Two attempts of a step that fails once; one more of either for each fault.
  for (const times of worked.values()) expect(times).toBeLessThanOrEqual(2 + faulty.struck);
  return faulty;
}

/** Undefined: no answer came in a minute. */
async function answered<T>(call: Promise<T>, clock: SimulatedClock): Promise<{ value: T } | { error: unknown } | undefined> {
  const answers: ({ value: T } | { error: unknown })[] = [];
  void call.then((value) => answers.push({ value }), (error: unknown) => answers.push({ error }));
  for (let round = 0; round < 40 && answers.length === 0; round++) await new Promise<void>((resolve) => setImmediate(resolve));
  for (let waited = 0; waited < 7 && answers.length === 0; waited++) await clock.advance(10_000);
  return answers[0];
}

let serial = 0;
function seeded(): (size: number) => Uint8Array {
  const random = new Random(++serial);
  return (size) => Uint8Array.from({ length: size }, () => random.below(256));
}

async function told(faultsOf: Plan, scenario: Scenario, world?: World): Promise<FaultyStore> {
  return await play(scenario, faultsOf, world).catch((error: unknown) => {
    throw new Error(`with ${JSON.stringify(faultsOf)}`, { cause: error });
  });
}

describe.each(Object.entries(scenarios))("%s", (_name, scenario) => {
  it("with each fault at each call", { timeout: 120_000 }, async () => {
    const { calls } = await play(scenario, []);
    expect(calls.length).toBeGreaterThan(5);
    for (const fault of faults) for (let call = 1; call <= calls.length; call++) await told([{ call, fault }], scenario);
  });

  it("with pairs of faults", { timeout: 3_000_000 }, async () => {
    const { calls } = await play(scenario, []);
    const random = new Random(1);
    // All pairs are tens of thousands: FAULTS=all plays them, otherwise some of each kind.
    const all = process.env["FAULTS"] === "all";
    for (const one of faults) {
      for (const other of faults) {
        for (let first = 1; first <= calls.length; first++) {
          for (let second = first + 1; second <= calls.length + 4; second++) {
            if (all || random.chance(0.008)) await told([{ call: first, fault: one }, { call: second, fault: other }], scenario);
          }
        }
      }
    }
  });

  it("with faults by chance", { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = new Random(seed);
      let left = 6;
      await told((_call) => (left > 0 && random.chance(0.12) ? (left--, random.pick(faults)) : undefined), scenario);
    }
  });
});

describePostgres("on Postgres", () => {
  let schema: Schema;
  beforeAll(async () => {
    schema = await newSchema();
  });
  afterAll(() => schema?.drop());

  const world: World = async () => {
    await schema.empty();
    return remote(schema.open(), begun);
  };

  it.each(Object.entries(scenarios))("%s: with a fault, and with several by chance", { timeout: 3_000_000 }, async (_name, scenario) => {
    const { calls } = await play(scenario, [], world);
    const random = new Random(1);
    const all = process.env["FAULTS"] === "all";
    for (const fault of faults) {
      for (let call = 1; call <= calls.length; call++) if (all || random.chance(0.06)) await told([{ call, fault }], scenario, world);
    }
    for (let seed = 1; seed <= (all ? 100 : 5); seed++) {
      const chance = new Random(seed);
      let left = 6;
      await told((_call) => (left > 0 && chance.chance(0.12) ? (left--, chance.pick(faults)) : undefined), scenario, world);
    }
  });
});
