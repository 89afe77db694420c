// Whatever is refused is refused with a typed error that says what to do, and leaves the run as it was.

import { describe, expect, it } from "vitest";
import { onEachStore } from "./engines.ts";
import { approve, caller, decision, failing, flow, hello, holding, loop, unstorable, word } from "./flows.ts";
import { listen } from "../../runtime/api/listen.ts";

const flows = { approve, caller, failing, hello, holding, loop, unstorable };

onEachStore(flows, (bench) => {
  /** The error, after the run was found unchanged and able to go on. */
  async function refused(call: Promise<unknown>): Promise<{ code: string; hint: string; docs: string; runId?: string }> {
    return call.then(() => expect.unreachable("it was taken"), (error) => {
      expect(error).toMatchObject({ code: expect.any(String), hint: expect.stringMatching(/\w/), docs: expect.stringMatching(/\w/) });
      return error;
    });
  }

  describe("continue refuses", () => {
    it("an unknown run", async () => {
      const engine = bench().engine();
      for (const call of [
        () => engine.continue("no", word, "x"), () => engine.send("no", word, "x"), () => engine.get("no"), () => engine.inspect("no"), () => engine.cancel("no"),
        () => engine.kill("no"), () => engine.retry("no"),
      ]) {
        expect(await refused(call())).toMatchObject({ code: "NOT_FOUND", runId: "no" });
      }
    });

    it("another context, another permit, other data: and the run goes on", async () => {
      const engine = bench().engine();
      const run = await engine.start(approve, [1, "secret"]);
      expect(run.waits).toEqual([{ kind: "listen", operation: 1, context: "decision", permit: true }]);
      const before = await bench().store.load(run.id);
      expect(await refused(engine.continue(run, word, "x"))).toMatchObject({ code: "NOT_LISTENING", message: expect.stringContaining("`decision`") });
      expect(await refused(engine.continue(run, decision, { ok: true }))).toMatchObject({ code: "WRONG_PERMIT" });
      expect(await refused(engine.continue(run, decision, { ok: true }, { permit: "guess" }))).toMatchObject({ code: "WRONG_PERMIT" });
      const wrong = { ok: "yes" } as never;
      expect(await refused(engine.continue(run, decision, wrong, { permit: "secret" }))).toMatchObject({ code: "INVALID_INPUT", issues: [expect.stringContaining("ok")] });
      expect(await refused(engine.send(run, decision, wrong))).toMatchObject({ code: "INVALID_INPUT" });
      expect(await bench().store.load(run.id)).toEqual(before);
      expect(JSON.stringify(before)).not.toContain("secret");
      expect(await engine.continue(run, decision, { ok: false }, { permit: "secret" })).toMatchObject({ status: "completed" });
    });

    it("an ended run, which stays as it is", async () => {
      const engine = bench().engine();
      const run = await engine.continue(await engine.start(hello, ["Ann"]), word, "cheese");
      const before = await bench().store.load(run.id);
      for (const call of [() => engine.continue(run, word, "more"), () => engine.send(run, word, "more"), () => engine.cancel(run), () => engine.kill(run)]) {
        expect(await refused(call())).toMatchObject({ code: "RUN_ENDED", message: expect.stringContaining("completed") });
      }
      expect(await bench().store.load(run.id)).toEqual(before);
    });

    it("input that is too large, too deep or cannot be stored", async () => {
      const engine = bench().engine({ limits: { event: 1000, depth: 5 } });
      const run = await engine.start(loop, []);
      expect(await refused(engine.continue(run, "word", "x".repeat(1001)))).toMatchObject({ code: "INVALID_INPUT", message: expect.stringContaining("the limit is") });
      expect(await refused(engine.continue(run, "word", [[[[[["deep"]]]]]]))).toMatchObject({ code: "INVALID_INPUT", message: expect.stringContaining("5 levels") });
      const cycle: unknown[] = [];
      cycle.push(cycle);
      expect(await refused(engine.send(run, "word", cycle))).toMatchObject({ code: "INVALID_INPUT" });
      expect(await refused(engine.send(run, "word", new WeakMap()))).toMatchObject({ code: "NOT_SERIALIZABLE" });
      expect(await engine.continue(run, word, "end")).toMatchObject({ status: "completed" });
    });

    it("a turn whose locals cannot be stored, naming the local", async () => {
      const engine = bench().engine();
      const run = await engine.start(unstorable, []);
      const before = await bench().store.load(run.id);
      const error = await refused(engine.continue(run, word, "x"));
      expect(error).toMatchObject({ code: "NOT_SERIALIZABLE", message: expect.stringContaining("socket") });
      expect(await bench().store.load(run.id)).toEqual(before);
      expect(await engine.get(run)).toMatchObject({ status: "waiting", waits: [{ context: "word" }] });
    });

    it("names that no store keeps", async () => {
      const engine = bench().engine();
      expect(await refused(engine.start(hello, ["Ann"], { id: "a\u0000b" }))).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(await refused(engine.start(hello, ["Ann"], { id: "" }))).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(await refused(engine.start(hello, ["Ann"], { id: "\ud800" }))).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(await refused(engine.start(hello, ["Ann"], { index: { "deflow:x": 1 } }))).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(await refused(engine.start((() => {}) as never, []))).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(await refused(engine.find({ limit: 0 }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    });
  });

  describe("a run that this program cannot read", () => {
    it("of an unknown flow, an unknown point, or with a damaged frame, is left alone and goes on elsewhere", async () => {
      const engine = bench().engine();
      const run = await engine.start(loop, []);
      const without = bench().engine({ flows: { hello } });
      const said = { code: "UNKNOWN_FLOW", message: "This engine was not given the flow `loop`; it has `hello`", hint: expect.stringMatching(/^Name it in createEngine/) };
      expect(await refused(without.continue(run, word, "x"))).toMatchObject(said);
      expect(await refused(without.start(loop, []))).toMatchObject(said);
      const row = await bench().store.load(run.id);
      const { id, version, status, state, waits, frame } = row ?? expect.unreachable();
      const rewrite = async (text: string, from: number) => bench().store.commit([{ id, version: from, now: 0, status, state, waits, frame: text, looked: 0, wake: null }]);
      await rewrite(frame.slice(0, -5), version);
      expect(await refused(engine.continue(run, word, "x"))).toMatchObject({ code: "CORRUPT_FRAME" });
      await rewrite(frame.replace("listen:word", "listen:gone"), version + 1);
      expect(await refused(engine.continue(run, word, "x"))).toMatchObject({ code: "UNKNOWN_POINT" });
      await rewrite(frame, version + 2);
      expect(await engine.continue(run, word, "end")).toMatchObject({ status: "completed" });
    });

    it("is not tried again and again by a worker", async () => {
      const engine = bench().engine();
      const run = await engine.start(loop, []);
      const { version, status, state, waits } = await bench().store.load(run.id) ?? expect.unreachable();
      await bench().store.commit([{ id: run.id, version, now: 0, status, state, waits, frame: "broken", looked: 0, wake: 0 }]);
      expect(await engine.tick()).toMatchObject({ done: 1 });
      expect(await engine.tick()).toMatchObject({ done: 0, nextAt: new Date(bench().clock.now() + 60_000) });
      expect(bench().warnings("error")).toHaveLength(1);
    });
  });

  it("two flows of one name are refused when the engine is made", () => {
    const twin = () => flow("twin", { "": () => ({ at: "x", on: listen(word), locals: {} }) });
    expect(() => bench().engine({ flows: { one: twin(), other: twin() } })).toThrow(expect.objectContaining({ code: "DUPLICATE_FLOW" }));
    expect(() => bench().engine({ flows: { plain: (async () => {}) as never } })).toThrow(expect.objectContaining({ code: "NOT_COMPILED" }));
  });

  it("a closed engine takes nothing more", async () => {
    const engine = bench().engine();
    await engine.close();
    expect(await refused(engine.start(hello, ["Ann"]))).toMatchObject({ code: "ENGINE_CLOSED" });
  });

  it("a token that is wrong, and one that is used, are told alike", async () => {
    const engine = bench().engine();
    const run = await engine.start(caller, []);
    const token = String(run.responses[0]);
    const unknown = await refused(engine.settle("0".repeat(64), { ok: true }));
    expect(unknown).toMatchObject({ code: "UNKNOWN_TOKEN" });
    expect(await refused(engine.settle(token, { ok: 1 }))).toMatchObject({ code: "INVALID_INPUT" });
    expect(await engine.settle(token, { ok: true })).toMatchObject({ status: "completed", value: { ok: true } });
    expect(await refused(engine.settle(token, { ok: true }))).toMatchObject({ code: "UNKNOWN_TOKEN", message: (unknown as unknown as Error).message });
    expect((await engine.get(run)).index).toEqual({});
  });
});
