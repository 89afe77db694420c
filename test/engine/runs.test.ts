// Runs that start runs, fail and are tried again, are cancelled, looked at and removed.

import { describe, expect, it, vi } from "vitest";
import { onEachStore } from "./engines.ts";
import { approve, caller, cleaning, decision, effects, failing, gate, hello, holding, loop, paid, parent, saga, sleeper, undone, unstorable, word, worker, works } from "./flows.ts";

const flows = { approve, caller, cleaning, failing, hello, holding, loop, parent, saga, sleeper, unstorable, worker };
const second = 1000;

onEachStore(flows, (bench) => {
  describe("child runs", () => {
    it("are started once, and awaited without holding anything", async () => {
      const engine = bench().engine();
      const run = await engine.start(parent, [hello, ["Ann"]]);
      const child = `${run.id}:1`;
      expect(run).toMatchObject({ status: "waiting", responses: [child], waits: [{ kind: "effect", name: "result" }] });
      await engine.idle();
      expect(await engine.get(child)).toMatchObject({ status: "waiting", responses: ["Hello Ann"] });
      expect((await bench().store.load(run.id))?.wake).toBeNull();
      await engine.continue(child, word, "cheese");
      await engine.idle();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: "cheese" });
      expect(await bench().store.outbox(9)).toEqual([]);
    });

    it("that had ended before are answered at once; that fail, fail the waiter with their error", async () => {
      const engine = bench().engine();
      const run = await engine.start(parent, [failing, [], { id: "child" }]);
      await engine.idle();
      expect(await engine.get(run)).toMatchObject({ status: "failed", error: { message: "no" } });
      const late = await engine.start(parent, [failing, [], { id: "child" }]);
      await engine.idle();
      expect(await engine.get(late)).toMatchObject({ status: "failed", error: { message: "no" } });
      expect((await engine.find({ flow: failing })).runs).toHaveLength(1);
    });

    it("that are killed or removed tell their waiters; an abandoned child of a killed parent goes on", async () => {
      const engine = bench().engine();
      const run = await engine.start(parent, [hello, ["Ann"], { id: "a" }]);
      await engine.idle();
      await engine.kill("a");
      await engine.idle();
      expect(await engine.get(run)).toMatchObject({ status: "failed", error: { code: "KILLED" } });
      const other = await engine.start(parent, [hello, ["Bob"], { id: "b", onCancel: "abandon" }]);
      await engine.idle();
      await engine.kill(other);
      expect(await engine.continue("b", word, "x")).toMatchObject({ status: "completed" });
      await engine.idle();
      expect(await engine.get(other)).toMatchObject({ status: "killed" });
      expect(await bench().store.outbox(9)).toEqual([]);
    });

    it("of workers in other processes are awaited all the same", async () => {
      const [engine, other] = [bench().engine(), bench().engine()];
      const run = await engine.start(parent, [hello, ["Ann"], { id: "c", queue: "far" }]);
      await engine.idle();
      await other.tick();
      await other.continue("c", word, "far away");
      await other.idle();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: "far away" });
    });

    it("that wait for time do not count as failed", async () => {
      const engine = bench().engine();
      const run = await engine.start(parent, [sleeper, [second]]);
      await engine.idle();
      await bench().clock.advance(second);
      await engine.tick();
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: "awake" });
    });
  });

  describe("a run that failed", () => {
    it("is tried again from its last commit, with the event that is not in it", async () => {
      const engine = bench().engine();
      paid.length = 0;
      effects.pay = () => {
        throw new Error("no money");
      };
      const run = await engine.start(approve, [1, "secret"]);
      const failed = await engine.continue(run, decision, { ok: true }, { permit: "secret", eventId: "e" });
      expect(failed).toMatchObject({ status: "failed", error: { message: "no money" } });
      effects.pay = () => "paid";
      expect(await engine.retry(run)).toMatchObject({ status: "completed", value: "paid" });
      expect(paid.map(({ key }) => key)).toEqual([`${run.id}:2`, `${run.id}:2`]);
      await expect(engine.retry(run)).rejects.toMatchObject({ code: "NOT_RETRYABLE" });
    });

    it("is tried again from its start", async () => {
      const engine = bench().engine();
      const run = await engine.start(failing, [], { index: { k: 1 } });
      expect(await engine.retry(run)).toMatchObject({ status: "failed", error: { message: "no" }, index: { k: 1 } });
      const queued = await engine.start(failing, [], { queue: "q" });
      await engine.tick();
      expect(await engine.get(queued)).toMatchObject({ status: "failed" });
      expect(await engine.retry(queued)).toMatchObject({ status: "failed" });
    });

    it("in a turn without a commit of its own is given its event again", async () => {
      const engine = bench().engine();
      const run = await engine.start(unstorable, []);
      await engine.send(run, word, "x");
      expect(await engine.get(run)).toMatchObject({ status: "failed", error: { code: "NOT_SERIALIZABLE" } });
      expect((await bench().store.load(run.id))?.inbox).toHaveLength(1);
      expect(await engine.retry(run)).toMatchObject({ status: "failed", error: { code: "NOT_SERIALIZABLE" } });
      expect((await bench().store.load(run.id))?.inbox).toHaveLength(1);
    });

    it("and was undone is not tried again", async () => {
      undone.length = 0;
      const engine = bench().engine();
      const run = await engine.start(saga, []);
      expect(await engine.continue(run, word, "x")).toMatchObject({ status: "failed", error: { message: "too late" } });
      expect(undone).toEqual(["undone"]);
      await expect(engine.retry(run)).rejects.toMatchObject({ code: "NOT_RETRYABLE" });
    });
  });

  describe("a turn that holds on to an ordinary promise", () => {
    it("is ended after turnTimeout: the run is unchanged", async () => {
      const engine = bench().engine({ turnTimeout: "10 seconds" });
      const run = await engine.start(holding, []);
      const going = engine.continue(run, word, "x").catch((error: { code: string }) => error.code);
      await vi.waitFor(() => expect(bench().clock.pending).toBeGreaterThan(0));
      await bench().clock.advance(10 * second);
      expect(await going).toBe("TURN_TIMEOUT");
      expect(await engine.get(run)).toMatchObject({ status: "waiting", turn: 1 });
    });
  });

  describe("callbacks", () => {
    it("time out", async () => {
      const engine = bench().engine();
      const run = await engine.start(caller, []);
      await bench().clock.advance(60 * second);
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ status: "failed", error: { code: "TIMEOUT" } });
      await expect(engine.settle(String(run.responses[0]), { ok: true })).rejects.toMatchObject({ code: "UNKNOWN_TOKEN" });
    });

    it("settled twice at the same time are settled once", async () => {
      const engine = bench().engine();
      const run = await engine.start(caller, []);
      const token = String(run.responses[0]);
      const results = await Promise.allSettled([engine.settle(token, { ok: true }), engine.settle(token, { ok: false })]);
      expect(results.filter(({ status }) => status === "fulfilled").length).toBeGreaterThanOrEqual(1);
      // Over a network either may come first.
      const value = await run.result();
      expect([{ ok: true }, { ok: false }]).toContainEqual(value);
      expect(await engine.get(run)).toMatchObject({ status: "completed", value });
    });
  });

  it("cancel throws into the wait; what the flow does then is its last turn", async () => {
    const engine = bench().engine();
    const run = await engine.start(cleaning, []);
    expect(run.index).toEqual({ stage: 1 });
    expect(await engine.cancel(run, "no need")).toMatchObject({ status: "cancelled", error: { message: "Cancelled: no need" } });
    await expect(run.result()).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("result() waits for the end, in whichever engine that comes", async () => {
    const [engine, other] = [bench().engine(), bench().engine()];
    const run = await engine.start(hello, ["Ann"]);
    const result = run.result();
    await other.continue(run, word, "far");
    await bench().clock.advance(10 * second);
    expect(await result).toBe("far");
  });

  describe("looking", () => {
    it("find filters and pages, in the order of creation", async () => {
      const engine = bench().engine();
      for (let n = 0; n < 5; n++) await engine.start((n % 2 ? loop : hello) as typeof hello, ["x"], { id: `r${n}`, index: { even: n % 2 === 0 } });
      const ids = async (query: object) => (await engine.find(query)).runs.map(({ id }) => id);
      expect(await ids({ flow: hello })).toEqual(["r0", "r2", "r4"]);
      expect(await ids({ flow: "loop", status: "waiting" })).toEqual(["r1", "r3"]);
      expect(await ids({ index: { even: true }, limit: 2 })).toEqual(["r0", "r2"]);
      const first = await engine.find({ limit: 3 });
      const rest = await engine.find({ limit: 3, ...(first.cursor === undefined ? {} : { cursor: first.cursor }) });
      expect(rest).toMatchObject({ runs: [{ id: "r3" }, { id: "r4" }], cursor: undefined });
    });

    it("every answer tells when the run was created; a fork is created by itself", async () => {
      const engine = bench().engine();
      const createdAt = new Date(bench().clock.now());
      expect(await engine.start(loop, [], { id: "a" })).toMatchObject({ createdAt });
      expect(await engine.start(loop, [], { id: "b", queue: "q" })).toMatchObject({ createdAt });
      await bench().clock.advance(1_000);
      await engine.tick();
      expect([await engine.continue("a", word, "x"), await engine.continue("b", word, "x"), await engine.get("a"), await engine.kill("b")]).toMatchObject([{ createdAt }, { createdAt }, { createdAt }, { createdAt }]);
      expect((await engine.find()).runs).toMatchObject([{ createdAt }, { createdAt }]);
      const forkedAt = new Date(bench().clock.now());
      expect([await engine.fork("a", { id: "f" }), await engine.get("f")]).toMatchObject([{ createdAt: forkedAt }, { createdAt: forkedAt }]);
    });

    it("waits lists what runs listen for", async () => {
      const engine = bench().engine();
      await engine.start(hello, ["Ann"], { id: "a", index: { k: 1 } });
      await engine.start(approve, [1, "secret"], { id: "b", index: { k: 1 } });
      expect((await engine.waits()).waits).toHaveLength(2);
      expect((await engine.waits({ context: decision })).waits).toEqual([{
        runId: "b", flow: "approve", kind: "listen", operation: 1, context: "decision", permit: true,
        jsonSchema: { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] },
      }]);
      expect((await engine.waits({ context: "word", index: { k: 2 } })).waits).toEqual([]);
    });

    it("inspect shows where each strand stands", async () => {
      const engine = bench().engine();
      const run = await engine.start(hello, ["Ann"]);
      expect((await engine.inspect(run)).strands).toEqual([
        { flow: "hello", point: "listen:word", file: "flows.ts", line: 1, column: 1, locals: { name: "Ann" }, waitsFor: "listen(word)" },
      ]);
      const queued = await engine.start(hello, ["Bob"], { queue: "q" });
      expect((await engine.inspect(queued)).strands).toEqual([{ flow: "hello", file: "flows.ts", locals: { args: ["Bob"] } }]);
    });

    it("inspect replaces what must not be seen", async () => {
      const engine = bench().engine();
      const people = [{ name: "Ann", iban: "DE1" }];
      const run = await engine.start(hello, [{ people, byId: new Map([["iban", 2]]), again: people } as never]);
      const { strands } = await engine.inspect(run, { redact: (name, value) => (name === "iban" ? "…" : value) });
      const shown = [{ name: "Ann", iban: "…" }];
      expect(strands[0]?.locals).toEqual({ name: { people: shown, byId: new Map([["iban", "…"]]), again: shown } });
      const name = strands[0]?.locals["name"] as { people: unknown; again: unknown } | undefined;
      expect(name?.people).toBe(name?.again);
      expect((await engine.inspect(run)).strands[0]?.locals).toMatchObject({ name: { people } });
    });

    it("prune removes what ended before, and nothing else", async () => {
      const engine = bench().engine();
      await engine.start(hello, ["Ann"], { id: "open" });
      await engine.start(failing, [], { id: "failed" });
      await engine.continue(await engine.start(hello, ["Ann"], { id: "done" }), word, "x");
      await bench().clock.advance(10 * second);
      expect(await engine.prune({ before: "10 seconds" })).toEqual([]);
      expect(await engine.prune({ before: "9 seconds", status: "completed", dryRun: true })).toEqual(["done"]);
      expect(await engine.prune({ before: "9 seconds", status: "completed" })).toEqual(["done"]);
      expect((await engine.find()).runs.map(({ id }) => id)).toEqual(["open", "failed"]);
    });
  });

  it("a failed first commit prevents the start", async () => {
    const engine = bench().engine();
    const broken = Object.assign(Object.create(bench().store), { commit: () => Promise.reject(new Error("disk")), load: (id: string) => bench().store.load(id) });
    const other = bench().engine({ store: broken });
    paid.length = 0;
    await expect(other.start(approve, [1], { id: "x" })).rejects.toThrow("disk");
    await expect(engine.get("x")).rejects.toMatchObject({ code: "NOT_FOUND" });
    const run = await engine.start(approve, [1]);
    await expect(other.continue(run, decision, { ok: true })).rejects.toThrow("disk");
    expect(paid).toEqual([]);
    expect(await engine.continue(run, decision, { ok: true })).toMatchObject({ value: "paid" });
    expect(paid).toHaveLength(1);
  });

  it("steps of many runs go on side by side in one worker", async () => {
    const step = gate();
    let underWay = 0;
    works.run = () => (underWay++, step.promise.then(() => "ok"));
    const engine = bench().engine();
    const work = engine.work({ concurrency: 8, poll: "1 day" });
    const runs = await Promise.all(Array.from({ length: 8 }, () => engine.start(worker, [], { queue: "q" })));
    await vi.waitFor(() => expect(underWay).toBe(8));
    step.open();
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual(Array.from({ length: 8 }, () => "ok"));
    await work.stop();
  });
});
