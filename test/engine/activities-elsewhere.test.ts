// Activities with a queue: each call is a run of its own, which whoever serves the queue and knows the name carries out.

import { deflow, FatalError, isDeflowError, listen, begin, sleep, type Engine } from "deflow";
import { activity, activityContext, cancel } from "deflow/patterns";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { shared } from "../../runtime/realm/shared.ts";
import { gate } from "./flows.ts";
import { type Bench, onEachStore } from "./engines.ts";

const second = 1_000;

/** What the activity does, with what it was told. */
const world = { seen: [] as { text: string; key: string; attempt: number; fence: number; signal: AbortSignal }[], act: async (text: string): Promise<unknown> => text.toUpperCase() };

const act = (text: string): Promise<unknown> => {
  const { key, attempt, fence, signal } = activityContext();
  world.seen.push({ text, key, attempt, fence, signal });
  return world.act(text);
};
const render = activity("render", act, { queue: "gpu", retry: { attempts: 3, delay: second, jitter: false, when: (error) => !(error instanceof FatalError) } });
const charge = activity("charge", act, { queue: "gpu", idempotent: false });
const brief = activity("brief", act, { queue: "gpu", timeout: "5 seconds" });
const beating = activity("beating", act, { queue: "gpu", heartbeat: "20 seconds" });

const one = deflow(async function elsewhereOne(text: string) {
  try {
    return await render(text);
  } catch (error) {
    return isDeflowError(error) ? error.code : `thrown: ${(error as Error).message}`;
  }
});
const once = deflow(async function elsewhereOnce(text: string) {
  try {
    return await charge(text);
  } catch (error) {
    return isDeflowError(error) ? error.code : `thrown: ${(error as Error).message}`;
  }
});
const timed = deflow(async function elsewhereTimed() {
  return await brief("x");
});
const alive = deflow(async function elsewhereAlive() {
  return await beating("x");
});
const many = deflow(async function elsewhereMany(texts: string[]) {
  return await Promise.all(texts.map((text) => render(text)));
});
const raced = deflow(async function elsewhereRaced() {
  const first = await Promise.race([render("slow"), listen("word")]);
  await listen("more");
  return first;
});
const stopped = deflow(async function elsewhereStopped() {
  const rendering = render("slow");
  await listen("word");
  cancel(rendering, "enough");
  return await rendering.catch((error: Error) => error.message);
});
const late = deflow(async function elsewhereLate() {
  const rendering = render("late");
  await sleep(3 * second);
  return await rendering;
});
const flows = { one, once, timed, alive, many, raced, stopped, late };

beforeEach(() => {
  world.seen.length = 0;
  world.act = async (text) => text.toUpperCase();
});

/** The engine of the flows, which does not serve the queue, and one that has no flows. */
function two(bench: Bench): { app: Engine; gpu: Engine; settle: () => Promise<void> } {
  const [app, gpu] = [bench.engine(), bench.engine({ flows: {} })];
  return {
    app, gpu,
    async settle() {
      for (let round = 0; round < 4; round++) {
        await gpu.tick({ queues: ["gpu"] });
        await app.tick({ queues: ["default"] });
      }
    },
  };
}

onEachStore(flows, (bench) => {
  it("are carried out by another engine, and not in the caller's turn, which holds no worker meanwhile", async () => {
    const { app, gpu, settle } = two(bench());
    const run = await app.start(one, ["lamp"], { id: "r" });
    expect(run).toMatchObject({ status: "waiting", waits: [{ kind: "effect", name: "activity:render", operation: 1 }] });
    await app.idle();
    expect(world.seen).toEqual([]);
    expect(await app.tick({ queues: ["default"] })).toMatchObject({ done: 0 });
    expect(await gpu.queue("gpu").state()).toMatchObject({ due: 1 });
    expect(await gpu.get("r:1")).toMatchObject({ flow: "activity:render", status: "queued" });
    await settle();
    expect(await app.get(run)).toMatchObject({ status: "completed", value: "LAMP" });
    expect(world.seen).toMatchObject([{ text: "lamp", key: "r:1:1", attempt: 1 }]);
    expect(await gpu.get("r:1")).toMatchObject({ status: "completed", value: "LAMP" });
    // What a call costs: two commits of the caller, three of the activity's run.
    expect([(await bench().store.load("r"))?.version, (await bench().store.load("r:1"))?.version]).toEqual([2, 3]);
    expect(await bench().store.outbox(1)).toEqual([]);
  });

  it("that many are asked for are answered each", async () => {
    const { app, settle } = two(bench());
    const run = await app.start(many, [["a", "b", "c"]]);
    await settle();
    expect(await app.get(run)).toMatchObject({ status: "completed", value: ["A", "B", "C"] });
    expect(world.seen.map(({ text }) => text).sort()).toEqual(["a", "b", "c"]);
  });

  it("throw into the flow what they throw, after their attempts, under one key", async () => {
    world.act = async () => {
      throw new Error("no light");
    };
    const { app, settle } = two(bench());
    const run = await app.start(one, ["lamp"], { id: "r" });
    await settle();
    expect(await app.get(run)).toMatchObject({ status: "waiting" });
    for (const wait of [1, 2]) {
      await bench().clock.advance(wait * second);
      await settle();
    }
    expect(await app.get(run)).toMatchObject({ status: "completed", value: "thrown: no light" });
    expect(world.seen.map(({ key, attempt }) => [key, attempt])).toEqual([["r:1:1", 1], ["r:1:1", 2], ["r:1:1", 3]]);
  });

  it("are timed out", async () => {
    world.act = () => new Promise(() => {});
    const { app, gpu, settle } = two(bench());
    const run = await app.start(timed, []);
    await app.idle();
    const working = gpu.tick({ queues: ["gpu"] });
    await vi.waitFor(() => expect(world.seen).toHaveLength(1));
    await bench().clock.advance(5 * second);
    await working;
    await settle();
    expect(world.seen[0]?.signal.aborted).toBe(true);
    expect(await app.get(run)).toMatchObject({ status: "failed", error: { name: "TimeoutError" } });
  });

  it("keep their lease by heartbeats for as long as they take, and their own heartbeat bounds their silence", async () => {
    const open = gate();
    let beat = (): void => {};
    world.act = () => {
      beat = activityContext().heartbeat;
      return open.promise.then(() => "done");
    };
    const { app, gpu, settle } = two(bench());
    const run = await app.start(alive, []);
    await app.idle();
    const working = gpu.tick({ queues: ["gpu"] });
    await vi.waitFor(() => expect(world.seen).toHaveLength(1));
    for (let n = 0; n < 12; n++) {
      await bench().clock.advance(10 * second);
      beat();
    }
    expect(await bench().engine({ flows: {} }).tick()).toMatchObject({ done: 0 });
    open.open();
    await working;
    await settle();
    expect(await app.get(run)).toMatchObject({ status: "completed", value: "done" });
    expect(world.seen).toHaveLength(1);
  });

  describe("whose worker dies", () => {
    /** An engine whose clock never moves again: its activity hangs, its lease runs out, what it wants to store later is refused. */
    async function dies(app: Engine, start: () => Promise<{ id: string }>): Promise<{ id: string; revive: () => void }> {
      const open = gate();
      const other = bench().engine({ flows: {} });
      const extend = vi.spyOn(bench().store, "extend").mockRejectedValue(new Error("away"));
      world.act = (text) => open.promise.then(() => `${text} of the dead`);
      const run = await start();
      await app.idle();
      void other.tick({ queues: ["gpu"] }).catch(() => {});
      await vi.waitFor(() => expect(world.seen).toHaveLength(1));
      world.act = async (text) => `${text} again`;
      await bench().clock.advance(31 * second);
      extend.mockRestore();
      return { id: run.id, revive: open.open };
    }

    it("are made again by another, as the next attempt under the same key, and the result of the dead one is nobody's", async () => {
      const { app, settle } = two(bench());
      const { id, revive } = await dies(app, () => app.start(one, ["lamp"], { id: "r" }));
      await settle();
      revive();
      await settle();
      expect(await app.get(id)).toMatchObject({ status: "completed", value: "lamp again" });
      expect(world.seen.map(({ key, attempt }) => [key, attempt])).toEqual([["r:1:1", 1], ["r:1:1", 2]]);
      expect(world.seen[1]?.fence).toBeGreaterThan(world.seen[0]?.fence ?? Infinity);
    });

    it("are unknown if they must not happen twice", async () => {
      const { app, settle } = two(bench());
      const { id, revive } = await dies(app, () => app.start(once, ["lamp"]));
      await settle();
      revive();
      await settle();
      expect(await app.get(id)).toMatchObject({ status: "completed", value: "STEP_OUTCOME_UNKNOWN" });
      expect(world.seen).toHaveLength(1);
    });
  });

  it("that end five processes fail, which the flow is told", async () => {
    const { app, settle } = two(bench());
    const run = await app.start(one, ["lamp"], { id: "r" });
    await app.idle();
    for (let n = 0; n < 5; n++) {
      expect((await bench().store.claim({ owner: `dead ${n}`, now: bench().clock.now(), duration: second, limit: 1, queues: ["gpu"] })).runs).toHaveLength(1);
      await bench().clock.advance(2 * second);
    }
    await settle();
    expect(await app.get(run)).toMatchObject({ status: "completed", value: "TURN_CRASHED" });
    expect(world.seen).toEqual([]);
  });

  it("are left by workers that do not know the name", async () => {
    const { app, gpu, settle } = two(bench());
    const entry = shared.activities.get("render");
    const run = await app.start(one, ["lamp"]);
    await app.idle();
    try {
      shared.activities.delete("render");
      expect(await gpu.tick({ queues: ["gpu"] })).toMatchObject({ done: 0 });
      await bench().clock.advance(3600 * second);
      expect(await gpu.tick({ queues: ["gpu"] })).toMatchObject({ done: 0 });
    } finally {
      if (entry) shared.activities.set("render", entry);
    }
    await settle();
    expect(await app.get(run)).toMatchObject({ status: "completed", value: "LAMP" });
  });

  describe("that are no longer waited for", () => {
    const running = async (app: Engine, gpu: Engine, flow: typeof raced | typeof stopped, id: string): Promise<{ over: Promise<unknown> }> => {
      world.seen.length = 0;
      world.act = () => new Promise((_, reject) => {
        const { signal } = activityContext();
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
      await app.start(flow, [], { id });
      await app.idle();
      const worker = gpu.work({ queues: ["gpu"], poll: 20 });
      await vi.waitFor(async () => {
        await bench().clock.advance(20);
        expect(world.seen).toHaveLength(1);
      });
      return { over: worker.stop() };
    };
    const gone = async (gpu: Engine, id: string): Promise<void> => {
      await vi.waitFor(async () => {
        await bench().clock.advance(10 * second);
        expect(world.seen[0]?.signal.aborted).toBe(true);
        expect(await gpu.get(`${id}:1`)).toMatchObject({ status: "cancelled" });
      });
    };

    it("get their signal when their run is cancelled, or killed", async () => {
      for (const end of ["cancel", "kill"] as const) {
        const { app, gpu } = two(bench());
        const { over } = await running(app, gpu, raced, end);
        expect(await app[end](end, "enough")).toMatchObject({ status: end === "kill" ? "killed" : "cancelled" });
        await app.idle();
        await gone(gpu, end);
        await over;
      }
    });

    it("when another wins the race, or the flow cancels them", async () => {
      for (const flow of [raced, stopped]) {
        const { app, gpu, settle } = two(bench());
        const id = flow.deflow.id;
        const { over } = await running(app, gpu, flow, id);
        await app.continue(id, "word", "first");
        await app.idle();
        await gone(gpu, id);
        await over;
        if (flow === raced) await app.continue(id, "more", "x");
        await settle();
        expect(await app.get(id)).toMatchObject({ status: "completed", value: flow === raced ? "first" : expect.stringContaining("enough") });
      }
    });

    it("do not even begin", async () => {
      const { app, gpu } = two(bench());
      const { id } = await app.start(raced, [], { id: "r" });
      await app.idle();
      await app.continue(id, "word", "first");
      await app.idle();
      await gpu.tick({ queues: ["gpu"] });
      expect(world.seen).toEqual([]);
      expect(await gpu.get("r:1")).toMatchObject({ status: "cancelled" });
    });
  });

  it("answer a run that waits for something else meanwhile, and one that has failed and is tried again", async () => {
    const { app, settle } = two(bench());
    const run = await app.start(late, []);
    await settle();
    expect(await app.get(run)).toMatchObject({ status: "waiting" });
    await bench().clock.advance(3 * second);
    await settle();
    expect(await app.get(run)).toMatchObject({ status: "completed", value: "LATE" });
  });

  it("are made once though each message is delivered twice", async () => {
    const { app, settle } = two(bench());
    const outbox = bench().store.outbox.bind(bench().store);
    const kept: Awaited<ReturnType<typeof outbox>>[number][] = [];
    vi.spyOn(bench().store, "outbox").mockImplementation(async (limit, after = 0) => {
      const rows = await outbox(limit, after);
      const again = after === 0 ? kept.splice(0) : [];
      kept.push(...rows);
      return [...again.filter(({ id }) => rows.every((row) => row.id !== id)), ...rows];
    });
    const run = await app.start(many, [["a", "b"]]);
    await settle();
    expect(await app.get(run)).toMatchObject({ status: "completed", value: ["A", "B"] });
    expect(world.seen).toHaveLength(2);
  });

  it("keep their run from being forked", async () => {
    const { app } = two(bench());
    const run = await app.start(one, ["lamp"]);
    await expect(app.fork(run)).rejects.toMatchObject({ code: "NOT_FORKABLE", message: expect.stringContaining("activity:render") });
  });
});

it("need an engine, and a queue that is a name", async () => {
  await expect(begin(one, ["lamp"])).resolves.toMatchObject({ status: "completed", value: "NEEDS_ENGINE" });
  expect(() => activity("no queue", () => 1, { queue: "" })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error);
});
