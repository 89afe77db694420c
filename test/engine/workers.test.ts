// Time, letters, queues and the dead: what moves a run when nobody waits for it.

import { describe, expect, it, vi } from "vitest";
import { inProcess } from "../../runtime/dispatchers/in-process.ts";
import { onEachStore } from "./engines.ts";
import { approve, both, decision, fan, gate, hello, holding, loop, paid, sleeper, word, worker, works } from "./flows.ts";
import { isCall } from "../stores/calls.ts";

const flows = { approve, both, fan, hello, holding, loop, sleeper, worker };
const second = 1000;

onEachStore(flows, (bench) => {
  describe("timers", () => {
    it("fire in a worker, at their time and not before", async () => {
      const engine = bench().engine();
      const work = engine.work({ poll: "1 day" });
      const run = await engine.start(sleeper, [3 * second]);
      await bench().clock.advance(3 * second - 1);
      expect(await engine.get(run)).toMatchObject({ status: "waiting", nextAt: new Date(bench().clock.now() + 1) });
      await bench().clock.advance(1);
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: "awake" });
      await work.stop();
    });

    it("fire in tick", async () => {
      const engine = bench().engine();
      const due = bench().clock.now() + 3 * second;
      const run = await engine.start(sleeper, [3 * second]);
      expect(await engine.tick()).toEqual({ done: 0, nextAt: new Date(due) });
      await bench().clock.advance(3 * second);
      expect(await engine.tick()).toEqual({ done: 1, nextAt: undefined });
      expect(await run.result()).toBe("awake");
    });

    it("with nobody to fire them are warned of, once", async () => {
      const engine = bench().engine();
      await engine.start(sleeper, [second]);
      await engine.start(sleeper, [second]);
      expect(bench().warnings()).toEqual([expect.stringContaining("engine.work()")]);
      const attended = bench().engine();
      const work = attended.work({ poll: "1 day" });
      await attended.start(sleeper, [second]);
      expect(bench().warnings()).toHaveLength(1);
      await work.stop();
    });

    it("between attempts hold no worker", async () => {
      const attempts: number[] = [];
      works.run = ({ attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error("not yet");
        return "done";
      };
      const engine = bench().engine();
      const run = await engine.start(worker, []);
      expect(run).toMatchObject({ status: "waiting", nextAt: new Date(bench().clock.now() + second) });
      expect((await bench().store.load(run.id))?.wake).toMatchObject({ owner: null });
      await bench().clock.advance(second);
      await engine.tick();
      await bench().clock.advance(2 * second);
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: "done", responses: ["done"] });
      expect(attempts).toEqual([1, 2, 3]);
    });
  });

  describe("queues", () => {
    it("are begun by workers, of their queues only, higher priority first", async () => {
      const engine = bench().engine();
      const low = await engine.start(hello, ["low"], { queue: "mail" });
      const high = await engine.start(hello, ["high"], { queue: "mail", priority: 5, index: { vip: true } });
      const other = await engine.start(hello, ["other"], { queue: "slow" });
      expect(low).toMatchObject({ status: "queued", turn: 0 });
      expect(await engine.tick({ limit: 1, queues: ["mail"] })).toMatchObject({ done: 1 });
      expect((await engine.find({ status: "waiting" })).runs.map(({ id }) => id)).toEqual([high.id]);
      expect(await engine.get(high)).toMatchObject({ responses: ["Hello high"], index: { vip: true } });
      await engine.tick({ queues: ["mail"] });
      expect((await engine.get(low)).status).toBe("waiting");
      expect((await engine.get(other)).status).toBe("queued");
    });

    it("keep runs until `startAt`, and what was sent meanwhile", async () => {
      const engine = bench().engine();
      const run = await engine.start(hello, ["Ann"], { startAt: "1 hour" });
      await engine.send(run, word, "early");
      expect(await engine.tick()).toMatchObject({ nextAt: new Date(bench().clock.now() + 3600 * second) });
      await bench().clock.advance(3600 * second);
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: "early" });
    });

    it("a queued run can be cancelled and killed, and takes no answers yet", async () => {
      const engine = bench().engine();
      const run = await engine.start(hello, ["Ann"], { queue: "q" });
      await expect(engine.continue(run, word, "x")).rejects.toMatchObject({ code: "NOT_LISTENING" });
      expect(await engine.cancel(run, "no need")).toMatchObject({ status: "cancelled", error: { name: "CancelledError" } });
      expect(await engine.kill(await engine.start(hello, ["Ann"], { queue: "q" }))).toMatchObject({ status: "killed" });
      expect(await engine.tick()).toMatchObject({ done: 0 });
    });
  });

  describe("a run whose step is under way", () => {
    it("takes what is sent to it through its inbox, at once", async () => {
      const step = gate();
      works.run = () => step.promise.then(() => "work");
      const [engine, other] = [bench().engine(), bench().engine()];
      const starting = engine.start(both, []);
      await vi.waitFor(async () => expect((await engine.find({ status: "running" })).runs).toHaveLength(1));
      const { id } = (await engine.find()).runs[0] ?? expect.unreachable();
      expect((await bench().store.load(id))?.wake?.owner).not.toBeNull();
      await expect(other.continue(id, decision, { ok: true })).rejects.toMatchObject({ code: "NOT_LISTENING" });
      const sent = engine.continue(id, word, "heard");
      await vi.waitFor(async () => expect((await engine.get(id)).waits.map(({ kind }) => kind)).toEqual(["step"]));
      step.open();
      expect(await starting).toMatchObject({ status: "completed", value: "work heard" });
      expect(await sent).toMatchObject({ status: "completed", value: "work heard" });
    });

    it("takes it at a heartbeat when another process stored it", async () => {
      const step = gate();
      works.run = () => step.promise.then(() => "work");
      const [engine, other] = [bench().engine(), bench().engine()];
      const starting = engine.start(both, []);
      await vi.waitFor(async () => expect((await engine.find({ status: "running" })).runs).toHaveLength(1));
      const { id } = (await engine.find()).runs[0] ?? expect.unreachable();
      await other.send(id, word, "heard");
      expect((await engine.get(id)).waits).toHaveLength(2);
      await bench().clock.advance(10 * second);
      await vi.waitFor(async () => expect((await engine.get(id)).waits).toHaveLength(1));
      const late = await other.continue(id, word, "too late").catch((error: { code: string }) => error.code);
      expect(late).toBe("NOT_LISTENING");
      step.open();
      expect(await starting).toMatchObject({ value: "work heard" });
    });

    it("answers `accepted` to a continue that does not wait", async () => {
      const step = gate();
      works.run = () => step.promise.then(() => "work");
      const [engine, other] = [bench().engine(), bench().engine()];
      const starting = engine.start(both, []);
      await vi.waitFor(async () => expect((await engine.find({ status: "running" })).runs).toHaveLength(1));
      const { id } = (await engine.find()).runs[0] ?? expect.unreachable();
      expect(await other.continue(id, word, "x", { wait: 0, eventId: "e" })).toMatchObject({ status: "running", accepted: true });
      expect(await other.continue(id, word, "x", { wait: 0, eventId: "e" })).toMatchObject({ duplicate: true });
      step.open();
      await starting;
      await engine.idle();
      expect(await engine.get(id)).toMatchObject({ value: "work x" });
    });

    it("keeps its lease by heartbeats, and is stopped by close() only when it is done", async () => {
      const step = gate();
      works.run = () => step.promise.then(() => "work");
      const [engine, other] = [bench().engine(), bench().engine()];
      const starting = engine.start(worker, []);
      await vi.waitFor(async () => expect((await engine.find({ status: "running" })).runs).toHaveLength(1));
      for (let beat = 0; beat < 10; beat++) await bench().clock.advance(10 * second);
      expect(await other.tick()).toMatchObject({ done: 0 });
      let closed = false;
      const closing = engine.close().then(() => (closed = true));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(closed).toBe(false);
      step.open();
      expect(await starting).toMatchObject({ status: "completed", value: "work" });
      await closing;
    });

    it("is cancelled: its step gets the signal and its grace time, and its result is dropped", async () => {
      const step = gate();
      let signal: AbortSignal | undefined;
      works.run = (info) => {
        signal = info.signal;
        return step.promise.then(() => "dropped");
      };
      const engine = bench().engine();
      const starting = engine.start(worker, []);
      await vi.waitFor(() => expect(signal).toBeDefined());
      const { id } = (await engine.find()).runs[0] ?? expect.unreachable();
      const cancelling = engine.cancel(id, "enough");
      await vi.waitFor(() => expect(signal?.aborted).toBe(true));
      expect(signal?.reason).toMatchObject({ code: "CANCELLED", reason: "enough" });
      await bench().clock.advance(5 * second - 1);
      expect(await engine.get(id)).toMatchObject({ status: "running" });
      await bench().clock.advance(1);
      expect(await cancelling).toMatchObject({ status: "cancelled", error: { code: "CANCELLED" } });
      expect(await starting).toMatchObject({ status: "cancelled" });
      step.open();
      expect(await engine.get(id)).toMatchObject({ status: "cancelled" });
    });

    it("is cancelled at once when its step heeds the signal", async () => {
      const begun = gate();
      works.run = ({ signal }) => new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
        begun.open();
      });
      const engine = bench().engine();
      const starting = engine.start(worker, []);
      await begun.promise;
      const { id } = (await engine.find()).runs[0] ?? expect.unreachable();
      expect(await engine.cancel(id, "enough")).toMatchObject({ status: "cancelled" });
      expect(await starting).toMatchObject({ status: "cancelled" });
    });

    it("asks a store that hangs for its lease twice, and other runs keep theirs", async () => {
      const step = gate();
      works.run = () => step.promise.then(() => "work");
      const { store } = bench();
      const asked: string[] = [];
      const hanging = new Proxy(store, {
        get: (target, name: keyof typeof store) => (!isCall(name) ? target[name] : (...given: never[]) => {
          if (name === "extend") asked.push((given[0] as unknown as { id: string }[]).map(({ id }) => id).join());
          if (name === "extend" && asked.at(-1)?.includes("a")) return new Promise<never>(() => {});
          return (target[name] as (...all: never[]) => unknown).apply(target, given);
        }),
      });
      const engine = bench().engine({ store: hanging });
      const begin = async (id: string): Promise<{ starting: Promise<unknown> }> => {
        const starting = engine.start(worker, [], { id }).catch((error: { code: string }) => error.code);
        await vi.waitFor(async () => expect(await store.load(id)).toMatchObject({ status: "running" }));
        return { starting };
      };
      const stuck = await begin("a");
      for (let beat = 0; beat < 2; beat++) await bench().clock.advance(10 * second);
      const well = await begin("b");
      for (let beat = 0; beat < 6; beat++) await bench().clock.advance(10 * second);
      expect(asked).toEqual(["a", "a", "b", "b", "b", "b", "b", "b"]);
      expect((await store.claim({ owner: "other", now: bench().clock.now(), duration: second, limit: 9 })).runs.map(({ id }) => id)).toEqual(["a"]);
      step.open();
      expect(await stuck.starting).toMatchObject({ status: "running", accepted: true });
      expect(await well.starting).toMatchObject({ status: "completed" });
    });

    it("keeps its lease though the store leaves a heartbeat without an answer, each time that it does", async () => {
      const step = gate();
      works.run = () => step.promise.then(() => "work");
      let asked = 0;
      const { store } = bench();
      const deaf = Object.assign(Object.create(store) as typeof store, {
        extend: (...given: Parameters<typeof store.extend>) => (asked++ % 3 === 0 ? new Promise<never>(() => {}) : store.extend(...given)),
      });
      for (const method of ["load", "commit", "deliver", "claim", "outbox", "find", "remove"] as const) {
        Object.assign(deaf, { [method]: (...given: never[]) => (store[method] as (...all: never[]) => unknown)(...given) });
      }
      const starting = bench().engine({ store: deaf }).start(worker, []);
      await vi.waitFor(async () => expect((await store.find({ limit: 1, status: ["running"] }))).toHaveLength(1));
      for (let beat = 0; beat < 9; beat++) await bench().clock.advance(10 * second);
      expect(await bench().engine().tick()).toMatchObject({ done: 0 });
      expect(asked).toBe(9);
      expect(bench().warnings().filter((text) => text.includes("has not answered a heartbeat"))).toHaveLength(3);
      step.open();
      expect(await starting).toMatchObject({ status: "completed", value: "work" });
    });

    it("runs as many steps at once as the engine says", async () => {
      expect(() => bench().engine({ stepConcurrency: 0 })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error);
      let [now, most] = [0, 0];
      works.run = async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return "done";
      };
      expect(await bench().engine({ stepConcurrency: 3 }).start(fan, [10])).toMatchObject({ status: "completed", value: 10 });
      expect(most).toBe(3);
    });

    it("is killed: its worker cannot commit any more", async () => {
      const step = gate();
      works.run = () => step.promise.then(() => "late");
      const [engine, other] = [bench().engine(), bench().engine()];
      const starting = engine.start(worker, []).catch((error: { code: string }) => error.code);
      await vi.waitFor(async () => expect((await engine.find({ status: "running" })).runs).toHaveLength(1));
      const { id } = (await engine.find()).runs[0] ?? expect.unreachable();
      expect(await other.kill(id)).toMatchObject({ status: "killed" });
      step.open();
      expect(await starting).toMatchObject({ status: "killed", accepted: true });
      expect(await engine.get(id)).toMatchObject({ status: "killed" });
    });
  });

  describe("a run whose worker died", () => {
    it("is taken over when the lease has run out: the same key, a higher fence; the dead one cannot commit", async () => {
      const seen: { key: string; fence: number }[] = [];
      const step = gate();
      works.run = ({ key, fence }) => {
        seen.push({ key, fence });
        return seen.length === 1 ? step.promise.then(() => "zombie") : "alive";
      };
      // A process that stands still: its heartbeats do not come.
      const standing = { now: () => bench().clock.now(), after: () => () => {} };
      const zombie = bench().engine({ clock: standing });
      const starting = zombie.start(worker, []).catch((error: { code: string }) => error.code);
      await vi.waitFor(() => expect(seen).toHaveLength(1));
      const engine = bench().engine();
      await bench().clock.advance(29 * second);
      expect(await engine.tick()).toMatchObject({ done: 0 });
      await bench().clock.advance(second);
      expect(await engine.tick()).toMatchObject({ done: 1 });
      const { id } = (await engine.find()).runs[0] ?? expect.unreachable();
      expect(await engine.get(id)).toMatchObject({ status: "completed", value: "alive" });
      step.open();
      expect(await starting).toMatchObject({ value: "alive", accepted: true });
      expect(await engine.get(id)).toMatchObject({ value: "alive" });
      expect(seen[1]?.key).toBe(seen[0]?.key);
      expect(seen[1]?.fence).toBeGreaterThan(seen[0]?.fence ?? Infinity);
    });

    it("five times has failed, and can be tried again", async () => {
      const stop = new Promise(() => {});
      works.run = () => stop;
      const standing = { now: () => bench().clock.now(), after: () => () => {} };
      void bench().engine({ clock: standing }).start(worker, []);
      await vi.waitFor(async () => expect((await bench().store.find({ status: ["running"], limit: 9 }))).toHaveLength(1));
      bench().engines.length = 0;
      const engine = bench().engine();
      for (let crash = 1; crash < 5; crash++) {
        await bench().clock.advance(30 * second);
        const { runs } = await bench().store.claim({ owner: `dying ${crash}`, now: bench().clock.now(), duration: 30 * second, limit: 1 });
        expect(runs).toMatchObject([{ attempt: crash }]);
      }
      await bench().clock.advance(30 * second);
      expect(await engine.tick()).toMatchObject({ done: 1 });
      const { id } = (await engine.find()).runs[0] ?? expect.unreachable();
      expect(await engine.get(id)).toMatchObject({ status: "failed", error: { code: "TURN_CRASHED" } });
      works.run = () => "again";
      expect(await engine.retry(id)).toMatchObject({ status: "completed", value: "again" });
    });
  });

  it("a worker that stops finishes its turns and takes no more", async () => {
    const step = gate();
    works.run = () => step.promise.then(() => "work");
    const engine = bench().engine();
    const work = engine.work({ concurrency: 1, poll: "1 day" });
    const first = await engine.start(worker, [], { queue: "q" });
    const next = await engine.start(worker, [], { queue: "q" });
    await vi.waitFor(async () => expect((await engine.get(first)).status).toBe("running"));
    const stopping = work.stop();
    step.open();
    await stopping;
    expect(await engine.get(first)).toMatchObject({ status: "completed" });
    expect(await engine.get(next)).toMatchObject({ status: "queued" });
  });

  it("a worker that stops within a time gives up what is under way then, and others go on with it at once", async () => {
    const step = gate();
    const seen: { attempt: number; fence: number; signal: AbortSignal }[] = [];
    works.run = (info) => {
      seen.push(info);
      return seen.length === 1 ? step.promise.then(() => "late") : "work";
    };
    const engine = bench().engine();
    const work = engine.work({ poll: "1 day" });
    const stepping = await engine.start(worker, [], { queue: "q" });
    const quick = await engine.start(sleeper, [second], { queue: "q" });
    await vi.waitFor(async () => expect(await engine.get(stepping)).toMatchObject({ status: "running" }));
    let stopped = false;
    const stopping = work.stop({ within: "5 seconds" }).then(() => (stopped = true));
    await bench().clock.advance(5 * second - 1);
    expect([stopped, seen[0]?.signal.aborted]).toEqual([false, false]);
    await bench().clock.advance(1);
    await stopping;
    expect(seen[0]?.signal.aborted).toBe(true);
    const other = bench().engine();
    await other.tick();
    expect(await other.get(stepping)).toMatchObject({ status: "completed", value: "work" });
    expect([seen[1]?.attempt, seen.length]).toEqual([2, 2]);
    expect(await other.get(quick)).toMatchObject({ status: "completed" });
    step.open();
    await engine.idle();
    expect(await other.get(stepping)).toMatchObject({ value: "work" });
    await expect(work.stop({ within: "soon" as never })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("so it does with a turn that holds on to an ordinary promise, and one that has not begun", async () => {
    const dispatcher = inProcess();
    const engine = bench().engine({ dispatcher });
    const work = engine.work({ poll: "1 day" });
    await engine.start(holding, [], { id: "held", queue: "q" });
    await vi.waitFor(async () => expect((await engine.get("held")).waits).toHaveLength(1));
    await bench().store.deliver([{ to: "held", kind: "event", body: '{"v":1,"context":"word","data":"x"}', now: bench().clock.now() }]);
    const stopping = vi.waitFor(async () => expect((await bench().store.load("held"))?.wake?.owner).toEqual(expect.any(String)));
    void dispatcher.ring({ at: 0 });
    await stopping;
    const over = work.stop({ within: 0 });
    await bench().clock.advance(1);
    await over;
    expect(await bench().store.load("held")).toMatchObject({ status: "waiting", wake: { owner: null, attempt: 0 }, inbox: [{ seq: 1 }] });
    expect(bench().warnings("error")).toEqual([]);
  });

  it("approves with a permit in a worker, refusing events without it", async () => {
    paid.length = 0;
    const engine = bench().engine();
    const run = await engine.start(approve, [5, "secret"], { queue: "q" });
    await engine.send(run, decision, { ok: true });
    await engine.tick();
    expect(await engine.get(run)).toMatchObject({ status: "waiting", refused: [{ context: "decision", code: "WRONG_PERMIT" }] });
    await engine.send(run, decision, { ok: true }, { permit: "secret" });
    expect(await engine.get(run)).toMatchObject({ status: "completed", value: "paid" });
    expect(paid).toHaveLength(1);
  });
});
