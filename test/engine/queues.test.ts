// Queues: what workers take, and what they leave.

import { context, deflow, listen, sleep, start, step } from "deflow";
import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../runtime/realm/clock.ts";
import { onEachStore } from "./engines.ts";

const word = context<string>("word");
const under = { way: 0, most: 0, gates: [] as (() => void)[] };

const job = deflow(async function job(name: string) {
  await step("work", async () => {
    under.most = Math.max(under.most, ++under.way);
    await new Promise<void>((resolve) => under.gates.push(resolve));
    under.way--;
  });
  return name;
});

const napping = deflow(async function napping() {
  await sleep("1 minute");
  return await listen(word);
});

/** Held by an ordinary promise: nothing of it is stored meanwhile. */
const slow = deflow(async function slow() {
  await new Promise<void>((resolve) => under.gates.push(resolve));
});

function reset(): void {
  Object.assign(under, { way: 0, most: 0, gates: [] });
}

async function opened(): Promise<void> {
  await vi.waitFor(() => expect(under.gates.length).toBeGreaterThan(0));
  under.gates.shift()?.();
}

onEachStore({ job, napping, slow }, (bench) => {
  it("a paused queue keeps its runs until it goes on, for the workers of all processes", async () => {
    reset();
    const [engine, other] = [bench().engine(), bench().engine()];
    expect(await other.queue("mail").pause()).toEqual({ paused: true, concurrency: null, leased: 0, due: 0 });
    const run = await engine.start(job, ["a"], { queue: "mail" });
    const elsewhere = await engine.start(job, ["b"], { queue: "other" });
    const worker = engine.work({ poll: "1 day" });
    await opened();
    expect(await elsewhere.result()).toBe("b");
    expect(await engine.get(run)).toMatchObject({ status: "queued" });
    expect(await engine.queue("mail").state()).toMatchObject({ paused: true, due: 1 });
    await engine.queue("mail").resume();
    await opened();
    expect(await run.result()).toBe("a");
    await worker.stop();
  });

  it("a pause keeps due timers too, but not those who continue a run", async () => {
    const engine = bench().engine();
    const run = await engine.start(napping, [], { queue: "naps" });
    await engine.tick();
    await engine.queue("naps").pause();
    await bench().clock.advance(60_000);
    expect(await engine.tick()).toMatchObject({ done: 0 });
    await engine.queue("naps").resume();
    expect(await engine.tick()).toMatchObject({ done: 1 });
    await engine.queue("naps").pause();
    expect(await engine.continue(run, word, "up")).toMatchObject({ status: "completed", value: "up" });
  });

  it("a limited queue has so many runs under way in all processes together, and none waits for a poll", async () => {
    reset();
    const [engine, other] = [bench().engine(), bench().engine()];
    await engine.queue("mail").limit(2);
    const runs = await Promise.all(["a", "b", "c", "d", "e"].map((name) => engine.start(job, [name], { queue: "mail" })));
    const workers = [engine.work({ poll: "1 day" }), other.work({ poll: "1 day" })];
    for (const _ of runs) await opened();
    // Who asks in the other process is told by a look of its own.
    await vi.waitFor(async () => expect((await engine.find({ status: "completed" })).runs).toHaveLength(5));
    expect((await Promise.all(runs.map((run) => run.result()))).toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    expect(under.most).toBe(2);
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  it("drain resolves when nothing of the queue is under way", async () => {
    reset();
    const engine = bench().engine();
    for (const name of ["a", "b"]) await engine.start(job, [name], { queue: "mail" });
    await engine.queue("mail").limit(1);
    const worker = engine.work({ poll: "1 day" });
    await vi.waitFor(() => expect(under.gates).toHaveLength(1));
    let drained = false;
    const draining = bench().engine().queue("mail").drain().then(() => (drained = true));
    await bench().clock.advance(1_000);
    expect(drained).toBe(false);
    await opened();
    await vi.waitFor(async () => {
      await bench().clock.advance(1_000);
      expect(drained).toBe(true);
    });
    await draining;
    expect((await engine.find({ status: "completed" })).runs).toHaveLength(1);
    expect((await engine.find({ status: "queued" })).runs).toHaveLength(1);
    await worker.stop();
  });

  it("a direct start does not ask its queue; what comes after its first turn does", async () => {
    const engine = bench().engine();
    await engine.queue("default").pause();
    const run = await engine.start(napping, []);
    expect(run).toMatchObject({ status: "waiting" });
    await bench().clock.advance(60_000);
    expect(await engine.tick()).toMatchObject({ done: 0 });
    expect(await engine.queue("default").state()).toMatchObject({ paused: true, due: 1 });
    await engine.queue("default").resume();
    expect(await engine.tick()).toMatchObject({ done: 1 });
  });

  it("direct starts count as under way once their steps run, beyond any limit", async () => {
    reset();
    const engine = bench().engine();
    await engine.queue("default").limit(1);
    const direct = ["a", "b"].map((name) => engine.start(job, [name]));
    await vi.waitFor(() => expect(under.gates).toHaveLength(2));
    const queued = await engine.start(job, ["c"], { queue: "default" });
    expect(await engine.queue("default").state()).toEqual({ paused: false, concurrency: 1, leased: 2, due: 1 });
    expect(await engine.tick()).toMatchObject({ done: 0 });
    await opened();
    await direct[0];
    expect(await engine.tick()).toMatchObject({ done: 0 });
    await opened();
    await direct[1];
    const last = engine.tick();
    await opened();
    expect(await last).toMatchObject({ done: 1 });
    expect(await queued.result()).toBe("c");
  });

  it("drain waits for a turn of this engine that holds no lease", async () => {
    reset();
    const engine = bench().engine();
    const starting = engine.start(slow, []);
    await vi.waitFor(() => expect(under.gates).toHaveLength(1));
    let drained = false;
    const draining = engine.queue("default").drain().then(() => (drained = true));
    await bench().clock.advance(1_000);
    expect([drained, (await engine.queue("default").state()).leased]).toEqual([false, 0]);
    under.gates.shift()?.();
    expect(await starting).toMatchObject({ status: "completed" });
    await bench().clock.advance(1_000);
    await draining;
  });

  describe("refuses", () => {
    it("a limit that is no number of runs", async () => {
      const queue = bench().engine().queue("mail");
      for (const limit of [0, -1, 1.5, Number.NaN]) expect(() => queue.limit(limit)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error);
    });
  });
});

/** A flow that is due again at once, for ever: it must not keep its worker. */
const restless = deflow(async function restless() {
  for (;;) {
    under.way++;
    await sleep(0);
  }
});

const asked = deflow(async function asked() {
  return "answer";
});

const asking = deflow(async function asking() {
  const child = await start(asked, [], { id: "child", queue: "mail" });
  return await child.result();
});

onEachStore({ asked, asking, restless, job, napping }, (bench) => {
  const turns = async (count: number): Promise<void> => {
    const from = under.way;
    await vi.waitFor(() => expect(under.way).toBeGreaterThanOrEqual(from + count));
  };

  it("a run that is due again at once leaves its worker to others, and lets it stop", async () => {
    reset();
    const engine = bench().engine({ clock: systemClock });
    const worker = engine.work({ concurrency: 1, poll: "1 day" });
    const run = await engine.start(restless, [], { queue: "mail" });
    await turns(5);
    const other = await engine.start(napping, [], { queue: "naps" });
    await vi.waitFor(async () => expect(await engine.get(other)).toMatchObject({ status: "waiting" }));
    await turns(5);
    await worker.stop();
    const seen = under.way;
    expect(await engine.get(run)).toMatchObject({ status: "waiting", turn: seen });
    expect(under.way).toBe(seen);
  });

  it("a run that is due again at once asks its queue each time", async () => {
    reset();
    const engine = bench().engine({ clock: systemClock });
    const worker = engine.work({ poll: "1 day" });
    const run = await engine.start(restless, [], { queue: "mail" });
    await turns(5);
    await engine.queue("mail").drain();
    await vi.waitFor(async () => expect((await engine.get(run)).turn).toBe(under.way));
    const seen = under.way;
    await engine.start(napping, [], { queue: "naps" });
    await vi.waitFor(async () => expect((await engine.find({ status: "queued" })).runs).toHaveLength(0));
    expect(under.way).toBe(seen);
    await engine.queue("mail").resume();
    await turns(3);
    await worker.stop();
  });

  it("a run that is left to workers is not begun by who asks for its end", async () => {
    const engine = bench().engine();
    const run = await engine.start(asking, []);
    await engine.idle();
    expect(await engine.get("child")).toMatchObject({ status: "queued" });
    expect(await engine.tick({ queues: ["mail"] })).toMatchObject({ done: 1 });
    await engine.tick();
    expect(await engine.get(run)).toMatchObject({ status: "completed", value: "answer" });
  });
});
