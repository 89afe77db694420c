// Machines whose clocks differ by hours over one Postgres: leases go by the database's clock.

import { createEngine, deflow, type Engine, step, systemClock, type Clock } from "deflow";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";
import { gate } from "./flows.ts";

const hour = 3_600_000;
const lease = 1_500;
const began: { attempt: number; fence: number }[] = [];
const holds = { open: gate() };

const work = deflow(async function clocksWork() {
  return await step("work", async ({ attempt, fence }) => {
    began.push({ attempt, fence });
    await holds.open.promise;
    return attempt;
  });
});

describePostgres("workers whose clocks differ by hours", () => {
  let schema: Schema;
  const stores: Store[] = [];
  const engines: Engine[] = [];
  beforeAll(async () => {
    schema = await newSchema();
  });
  beforeEach(() => schema.empty());
  afterEach(async () => {
    holds.open.open();
    for (const engine of engines.splice(0)) await engine.close();
    for (const store of stores.splice(0)) await store.close();
  });
  afterAll(() => schema?.drop());

  function machine(offset: number): { engine: Engine; store: Store } {
    const clock: Clock = { now: () => systemClock.now() + offset, after: systemClock.after };
    const store = schema.open({ leaseClock: "database" });
    const engine = createEngine({ store, flows: { work }, clock, lease, logger: { debug() {}, info() {}, warn() {}, error() {} } });
    stores.push(store);
    engines.push(engine);
    return { engine, store };
  }

  it.each([-hour, hour])("leave each other's runs alone while they are held, and take them when the lease is over: %s ms", async (offset) => {
    began.length = 0;
    holds.open = gate();
    const [holder, other, right] = [machine(offset), machine(-offset), machine(0)];
    const { id } = await holder.engine.start(work, [], { queue: "q" });
    const held = holder.engine.work({ poll: 20, queues: ["q"] });
    await vi.waitFor(() => expect(began).toHaveLength(1), { timeout: 10_000 });
    for (const { engine } of [other, right]) engine.work({ poll: 20, queues: ["q"] });
    await new Promise((resolve) => setTimeout(resolve, 2 * lease));
    expect(began).toHaveLength(1);
    // Its heartbeats end, as when it dies.
    vi.spyOn(holder.store, "extend").mockRejectedValue(new Error("away"));
    vi.spyOn(holder.store, "claim").mockRejectedValue(new Error("away"));
    await vi.waitFor(() => expect(began).toHaveLength(2), { timeout: 10_000 });
    expect(began.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(began[1]?.fence).toBeGreaterThan(began[0]?.fence ?? Infinity);
    holds.open.open();
    await vi.waitFor(async () => expect(await right.engine.get(id)).toMatchObject({ status: "completed", value: 2 }), { timeout: 10_000 });
    await held.stop();
    expect(began).toHaveLength(2);
  });
});
