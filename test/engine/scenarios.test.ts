// Scenarios of the systems before this one that need an engine: several runs, several processes, time. SCENARIOS.md says which id is tested where.

import { deflow, type Flow, listen, respond, run, type RunHandle, sleep, sleepUntil, start, step } from "deflow";
import { describe, expect, it, vi } from "vitest";
import { onEachStore } from "./engines.ts";

const made: string[] = [];
const hands: { act: (name: string, attempt: number) => unknown } = { act: (name) => name };
const second = 1000;

const act = async (name: string, attempt: number): Promise<unknown> => {
  made.push(`${name} ${attempt}`);
  return await hands.act(name, attempt);
};

const child = deflow(async function seedChild(context: string) {
  respond("c1");
  const said = await listen(context);
  if (said === "bad") throw new RangeError(`${context} is bad`);
  respond("c2");
  return said;
});

const quick = deflow(async function seedQuick(n: number) {
  return n * 10;
});

const parent = deflow(async function seedParent() {
  const handle = await start(child, ["word"], { id: "child" });
  respond("p1");
  const value = await handle.result();
  respond("p2");
  return value;
});

const atOnce = deflow(async function seedAtOnce(withDefault: boolean) {
  if (!withDefault) return await (await start(quick, [4])).result();
  const handle = await start(child, ["word"], { id: "child" });
  return await Promise.race([handle.result(), sleep(0).then(() => "default")]);
});

const first = deflow(async function seedFirst() {
  const handles: RunHandle<unknown>[] = [];
  for (const id of ["r1", "r2", "r3"]) handles.push(await start(child, [id], { id }));
  const raced = async () => await Promise.race(handles.map(async (handle, index) => [index, await handle.result()]));
  const [one, again] = [await raced(), await raced()];
  const late = await Promise.race([handles[0]?.result(), sleep("5 days").then(() => "default")]);
  return [one, again, late];
});

const collect = deflow(async function seedCollect(stopAt: number, deadline?: boolean) {
  const ended: Record<string, unknown> = {};
  const handles: RunHandle<unknown>[] = [];
  for (const id of ["r1", "r2", "r3"]) handles.push(await start(child, [id], { id }));
  const order: string[] = [];
  const collecting = async () => {
    let open = handles.map((handle) => handle.id);
    while (open.length > 3 - stopAt) {
      const [id, value] = await Promise.race(handles.filter((handle) => open.includes(handle.id)).map(async (handle) => [handle.id, await handle.result()] as const));
      ended[id] = value;
      order.push(id);
      open = open.filter((one) => one !== id);
    }
  };
  await (deadline === true ? Promise.race([sleep("1 hour"), collecting()]) : collecting());
  return { ...ended, order };
});

const itself: Flow<[waits: boolean], string> = deflow(async function seedItself(waits: boolean): Promise<string> {
  const own = await start(itself, [waits], { id: run.id });
  await listen("word");
  if (waits) await own.result();
  return own.id;
});

const undoing = deflow(async function seedUndoing() {
  try {
    return await step("pay", ({ attempt }) => act("pay", attempt));
  } catch (error) {
    await step("undo", ({ key }) => act(`undo ${key}`, 1));
    throw error;
  }
});

const inside: { call: (id: string) => Promise<unknown> } = { call: async () => {} };
const meddling = deflow(async function seedMeddling() {
  const { id } = run;
  await listen("word");
  return await step("meddle", async () => String(await inside.call(id).then(() => "done", (error: { code?: string }) => error.code)));
});

const indexed = deflow(async function seedIndexed() {
  run.index({ changing: 0, fixed: "x" });
  for (let n = 1; n <= 2; n++) {
    await listen("word");
    run.index({ changing: n });
  }
  await listen("word");
});

const timer = deflow(async function seedTimer(until: number, fails: boolean) {
  await sleepUntil(new Date(until));
  if (fails) throw new Error("no");
  return "awake";
});

const ten = deflow(async function seedTen() {
  for (let n = 1; n <= 10; n++) await step("act", ({ attempt }) => act(`act ${n}`, attempt));
});

const asleep = deflow(async function seedAsleep() {
  await sleep("1 day");
});

const family = deflow(async function seedFamily(depth: number, n: number): Promise<number[]> {
  if (depth === 0) return [n];
  const below = await (await start(family, [depth - 1, n * 10 ** depth])).result() as number[];
  return [n, ...below];
});

const three = deflow(async function seedThree() {
  const values: unknown[] = [];
  for (const n of [1, 2, 3]) values.push(await (await start(quick, [n])).result());
  try {
    await (await start(child, ["word"], { id: "child" })).result();
  } catch (error) {
    values.push((error as Error).name, (error as Error).message);
  }
  return values;
});

const flaky = deflow(async function seedFlaky(attempts: number, caught: boolean) {
  const options = attempts > 1 ? { retry: { attempts, delay: 10, backoff: "exponential" as const, jitter: false } } : {};
  try {
    return Number(await step("flaky", ({ attempt }) => act("flaky", attempt), options)) * 3;
  } catch (error) {
    if (!caught) throw error;
    return { error: true, message: (error as Error).message };
  }
});

const five = deflow(async function seedFive() {
  const results: unknown[] = [];
  for (let n = 1; n <= 5; n++) results.push(await step("act", ({ attempt }) => act(`act ${n}`, attempt)));
  results.push(await listen("word"));
  return results;
});

const bounded = deflow(async function seedBounded() {
  const handle = await start(child, ["word"], { id: "child" });
  const told = await Promise.race([handle.result(), sleep("1 hour").then(() => "too late")]);
  await listen("end");
  return told;
});

const asks = deflow(async function seedAsks() {
  return await listen("answer", { timeout: 0, default: "nobody" });
});

const flows = { asks, asleep, atOnce, bounded, child, collect, family, first, five, flaky, indexed, itself, meddling, parent, quick, ten, three, timer, undoing };

onEachStore(flows, (bench) => {
  const fresh = () => {
    made.length = 0;
    hands.act = (name) => name;
    return bench().engine();
  };

  describe("runs that wait for runs", () => {
    it("R27 each has its own answers; only the one that listens can be continued; the end of the child goes on with the parent", async () => {
      const engine = fresh();
      const run = await engine.start(parent, []);
      await engine.idle();
      expect(await engine.get(run)).toMatchObject({ status: "waiting", responses: ["p1"] });
      const before = await bench().store.load(run.id);
      await expect(engine.continue(run, "word", 1)).rejects.toMatchObject({ code: "NOT_LISTENING" });
      expect(await bench().store.load(run.id)).toEqual(before);
      expect(await engine.get("child")).toMatchObject({ status: "waiting", responses: ["c1"] });
      expect(await engine.continue("child", "word", "child-result")).toMatchObject({ status: "completed", responses: ["c2"] });
      await engine.idle();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: "child-result", responses: ["p2"] });
    });

    it("R28 a child that never stops: the parent ends by itself; a deadline that is over gives the default", async () => {
      const engine = fresh();
      const run = await engine.start(atOnce, [false]);
      await engine.idle();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: 40 });
      const late = await engine.start(atOnce, [true]);
      await engine.tick();
      await engine.idle();
      expect(await engine.get(late)).toMatchObject({ status: "completed", value: "default" });
      expect(await engine.get("child")).toMatchObject({ status: "waiting" });
    });

    it("R29 D8 the first of three, and again when it is over; raced with a sleep", async () => {
      const engine = fresh();
      const run = await engine.start(first, []);
      await engine.idle();
      await engine.continue("r2", "r2", "two");
      await engine.idle();
      expect(await engine.get(run)).toMatchObject({ status: "waiting" });
      await bench().clock.advance(5 * 86_400 * second);
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: [[1, "two"], [1, "two"], "default"] });
    });

    it.each([[3, { r1: 1, r2: 2, r3: 3, order: ["r2", "r1", "r3"] }], [2, { r2: 2, r1: 1, order: ["r2", "r1"] }]])("R30 the results of %i of three, in the order in which they ended", async (count, value) => {
      const engine = fresh();
      const run = await engine.start(collect, [count]);
      await engine.idle();
      for (const [id, n] of [["r2", 2], ["r1", 1], ["r3", 3]] as const) {
        await engine.continue(id, id, n);
        await engine.idle();
      }
      expect(await engine.get(run)).toMatchObject({ status: "completed", value });
    });

    it("R30 a deadline after the first; the others can still end", async () => {
      const engine = fresh();
      const run = await engine.start(collect, [3, true]);
      await engine.idle();
      await engine.continue("r2", "r2", 2);
      await engine.idle();
      await bench().clock.advance(3600 * second);
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: { r2: 2, order: ["r2"] } });
      expect(await engine.continue("r3", "r3", 3)).toMatchObject({ status: "completed", value: 3 });
    });

    it("R31 R32 a run holds its own handle across stops; waiting for itself it can be cancelled", async () => {
      const engine = fresh();
      await engine.start(itself, [false], { id: "own" });
      await engine.idle();
      expect(await bench().engine().continue("own", "word", null)).toMatchObject({ status: "completed", value: "own" });
      await engine.start(itself, [true], { id: "waits" });
      await engine.idle();
      await engine.continue("waits", "word", null);
      expect(await engine.cancel("waits")).toMatchObject({ status: "cancelled" });
    });

    it("I13 children of children, one after the other, and one that throws", async () => {
      const engine = fresh();
      const deep = await engine.start(family, [2, 3]);
      await engine.idle();
      expect(await engine.get(deep)).toMatchObject({ status: "completed", value: [3, 300, 3000] });
      const run = await engine.start(three, []);
      await engine.idle();
      await engine.continue("child", "word", "bad");
      await engine.idle();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: [10, 20, 30, "RangeError", "word is bad"] });
    });

    it("D10 a wait for a child that takes too long is told; the child goes on", async () => {
      const engine = fresh();
      const run = await engine.start(bounded, []);
      await engine.idle();
      await bench().clock.advance(3600 * second);
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ waits: [{ context: "end" }] });
      expect(await engine.continue("child", "word", 1)).toMatchObject({ status: "completed" });
      await engine.idle();
      expect(await engine.continue(run, "end", null)).toMatchObject({ status: "completed", value: "too late" });
    });
  });

  describe("what may not be", () => {
    it("R4 a run that is killed is over; killing what is over is refused", async () => {
      const engine = fresh();
      const run = await engine.start(asleep, []);
      expect(await engine.kill(run, "enough")).toMatchObject({ status: "killed" });
      await expect(engine.kill(run)).rejects.toMatchObject({ code: "RUN_ENDED" });
      const done = await engine.start(quick, [1]);
      await expect(engine.kill(done)).rejects.toMatchObject({ code: "RUN_ENDED" });
    });

    it("R4 a run that a step of its own kills is killed, and its turn is told", async () => {
      const engine = fresh();
      inside.call = (id) => engine.kill(id);
      const run = await engine.start(meddling, []);
      expect(await engine.continue(run, "word", null)).toMatchObject({ status: "killed", accepted: true });
      expect(await engine.get(run)).toMatchObject({ status: "killed" });
    });

    it("R48 continue from inside a step of the same run is refused: nothing waits for itself", async () => {
      const engine = fresh();
      inside.call = (id) => engine.continue(id, "word", 1, { wait: 0 });
      const run = await engine.start(meddling, []);
      expect(await engine.continue(run, "word", null)).toMatchObject({ status: "completed", value: "NOT_LISTENING" });
      expect(await engine.get(run)).toMatchObject({ status: "completed" });
    });
  });

  it("R5 a run is found by its index as it is at each stage", async () => {
    const engine = fresh();
    const run = await engine.start(indexed, []);
    for (let n = 0; n <= 2; n++) {
      expect((await engine.find({ index: { changing: n, fixed: "x" } })).runs.map(({ id }) => id)).toEqual([run.id]);
      expect((await engine.find({ index: { changing: n + 1 } })).runs).toEqual([]);
      if (n < 2) await engine.continue(run, "word", null);
    }
  });

  it("R44 D18 a sweep takes what is due, at most its batch; one that fails keeps no other back", async () => {
    const engine = fresh();
    const due = bench().clock.now() + 30 * second;
    expect(await engine.tick()).toMatchObject({ done: 0 });
    const runs = [];
    for (let n = 0; n < 5; n++) runs.push(await engine.start(timer, [due, n === 1]));
    expect(await engine.tick()).toEqual({ done: 0, nextAt: new Date(due) });
    await bench().clock.advance(30 * second);
    expect(await engine.tick({ limit: 3 })).toMatchObject({ done: 3 });
    expect(await engine.tick({ limit: 3 })).toMatchObject({ done: 2 });
    expect(await engine.tick()).toMatchObject({ done: 0 });
    const statuses = await Promise.all(runs.map(async (run) => (await engine.get(run)).status));
    expect(statuses).toEqual(["completed", "failed", "completed", "completed", "completed"]);
  });

  it("D20 a timeout of 0 gives the default at once", async () => {
    const engine = fresh();
    const run = await engine.start(asks, []);
    await engine.tick();
    expect(await engine.get(run)).toMatchObject({ status: "completed", value: "nobody" });
  });

  it("I2 what a catch undoes before it throws on; retry goes on behind what failed, and makes the last step again under its key", async () => {
    const engine = fresh();
    hands.act = (name) => {
      if (name === "pay") throw new Error("refused");
    };
    const run = await engine.start(undoing, []);
    expect(run).toMatchObject({ status: "failed", error: { message: "refused" } });
    expect(made).toEqual(["pay 1", expect.stringMatching(/^undo /)]);
    expect(await engine.retry(run)).toMatchObject({ status: "failed", error: { message: "refused" } });
    expect(made.filter((name) => name.startsWith("pay"))).toEqual(["pay 1"]);
    expect(new Set(made).size).toBe(2);
  });

  it("I7 workers that stop one after the other in the midst of a run leave it whole; the next goes on", async () => {
    fresh();
    const run = await bench().engine().start(five, [], { queue: "q" });
    for (let shutdown = 0; shutdown < 3; shutdown++) {
      const engine = bench().engine();
      const worker = engine.work({ poll: "1 day" });
      await vi.waitFor(() => expect(made.length).toBeGreaterThan(0));
      await worker.stop();
      expect(["queued", "running", "waiting"]).toContain((await engine.get(run)).status);
    }
    expect(await bench().engine().continue(run, "word", "w")).toMatchObject({ status: "completed", value: ["act 1", "act 2", "act 3", "act 4", "act 5", "w"] });
    expect(made).toHaveLength(5);
  });

  it("I12 cancel in a sleep, before the first turn, and in the midst of ten steps; asked afterwards it says so", async () => {
    const engine = fresh();
    const sleeping = await engine.start(asleep, []);
    const queued = await engine.start(quick, [1], { queue: "q" });
    for (const run of [sleeping.id, queued.id]) {
      expect(await engine.cancel(run, "enough")).toMatchObject({ status: "cancelled" });
      expect(await bench().engine().get(run)).toMatchObject({ status: "cancelled", error: { code: "CANCELLED", message: expect.stringContaining("enough") as string } });
    }
    let go = (): void => {};
    const held = new Promise<void>((resolve) => (go = resolve));
    hands.act = async (name) => void (name === "act 4" && await held);
    const run = await engine.start(ten, [], { queue: "q" });
    const ticking = engine.tick();
    await vi.waitFor(() => expect(made).toHaveLength(4));
    const cancelling = engine.cancel(run, "enough");
    await vi.waitFor(async () => expect((await bench().store.load(run.id))?.delivered).toBe(1));
    // The turn reads it.
    await bench().clock.advance(0);
    go();
    await Promise.all([cancelling, ticking]);
    expect(await engine.get(run)).toMatchObject({ status: "cancelled", error: { message: expect.stringContaining("enough") as string } });
    expect(made).toHaveLength(4);
  });

  it("I14 D13 a step that fails twice and then works; one that never does, caught and not; without a policy there is one attempt", async () => {
    const engine = fresh();
    const ticks = async () => {
      for (let round = 0; round < 4; round++) {
        await bench().clock.advance(20);
        await engine.tick();
      }
    };
    hands.act = (_name, attempt) => {
      if (attempt < 3) throw Object.assign(new Error("not yet"), { data: { attempt } });
      return 42;
    };
    const works = await engine.start(flaky, [3, false]);
    const began = bench().clock.now();
    expect(made).toEqual(["flaky 1"]);
    await ticks();
    expect(await engine.get(works)).toMatchObject({ status: "completed", value: 126 });
    expect(made).toEqual(["flaky 1", "flaky 2", "flaky 3"]);
    expect(bench().clock.now() - began).toBeGreaterThanOrEqual(30);
    const caught = await engine.start(flaky, [2, true]);
    await ticks();
    expect(await engine.get(caught)).toMatchObject({ status: "completed", value: { error: true, message: "not yet" } });
    made.length = 0;
    expect(await engine.start(flaky, [1, false])).toMatchObject({ status: "failed", error: { message: "not yet" } });
    expect(made).toEqual(["flaky 1"]);
  });

  it("I17 a process that is gone after three of five steps, and in a listen: the next one repeats none that was stored", async () => {
    fresh();
    hands.act = (name) => (name === "act 4" && made.filter((one) => one.startsWith("act 4")).length === 1 ? new Promise(() => {}) : name);
    const standing = { now: () => bench().clock.now(), after: () => () => {} };
    void bench().engine({ clock: standing }).start(five, [], { id: "f" }).catch(() => {});
    await vi.waitFor(() => expect(made).toHaveLength(4));
    bench().engines.length = 0;
    await bench().clock.advance(30 * second);
    const next = bench().engine();
    await next.tick();
    expect(made).toEqual(["act 1 1", "act 2 1", "act 3 1", "act 4 1", "act 4 2", "act 5 1"]);
    // Sent before another process is there to take it.
    await bench().store.deliver([{ to: "f", kind: "event", now: bench().clock.now(), body: '{"v":1,"context":"word","data":"w"}' }]);
    await bench().engine().tick();
    expect(await next.get("f")).toMatchObject({ status: "completed", value: ["act 1", "act 2", "act 3", "act 4", "act 5", "w"] });
    expect(made).toHaveLength(6);
  });
});
