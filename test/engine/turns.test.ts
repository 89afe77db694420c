// Turns by start, continue and send: what they give, and that each event counts once.

import { describe, expect, it } from "vitest";
import { approve, decision, effects, failing, hello, loop, paid, sleeper, word } from "./flows.ts";
import { onEachStore } from "./engines.ts";

onEachStore({ approve, failing, hello, loop, sleeper }, (bench) => {
  describe("start and continue", () => {
    it("give the state after the turn", async () => {
      const engine = bench().engine();
      const run = await engine.start(hello, ["Ann"], { index: { customer: 7 } });
      expect(run).toMatchObject({ status: "waiting", flow: "hello", turn: 1, responses: ["Hello Ann"], index: { customer: 7 }, waits: [{ kind: "listen", context: "word" }] });
      const next = await engine.continue(run, word, "cheese");
      expect(next).toMatchObject({ id: run.id, status: "completed", value: "cheese", turn: 2, responses: ["Ann said cheese"], waits: [] });
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: "cheese", responses: ["Ann said cheese"] });
      expect(await run.result()).toBe("cheese");
    });

    it("remember the ids of events for as long as `dedupe` says at least, and of older ones so many at most", async () => {
      const minute = 60_000;
      for (const [dedupe, remembered] of [["1 hour", false], [undefined, true]] as const) {
        const engine = bench().engine(dedupe === undefined ? {} : { dedupe });
        const run = await engine.start(loop, []);
        const seen = async (n: number) => (await bench().store.load(run.id, `e${n}`))?.seen;
        for (let n = 1; n <= 200; n++) {
          await engine.continue(run, word, "on", { eventId: `e${n}` });
          expect([await seen(n), await seen(Math.max(1, n - 60))]).toEqual([true, true]);
          if (n > 60 + 32) expect(await seen(n - 60 - 32)).toBe(remembered);
          await bench().clock.advance(minute);
        }
        expect(await engine.continue(run, word, "on", { eventId: "e1" })).toMatchObject(remembered ? { duplicate: true, turn: 201 } : { turn: 202 });
      }
    });

    it("go on in another engine", async () => {
      const run = await bench().engine().start(loop, []);
      for (let n = 1; n <= 5; n++) {
        expect((await bench().engine().continue(run.id, word, n === 5 ? "end" : "on")).responses).toEqual([n]);
      }
      expect(await bench().engine().get(run)).toMatchObject({ status: "completed", value: 5 });
    });

    it("run steps after a commit that holds them, with one key", async () => {
      paid.length = 0;
      const engine = bench().engine();
      const run = await engine.start(approve, [10]);
      const next = await engine.continue(run, decision, { ok: true });
      expect(next).toMatchObject({ status: "completed", value: "paid" });
      expect(paid).toEqual([{ key: `${run.id}:2`, attempt: 1, fence: 2 }]);
    });

    it("give the failure of a flow as its state", async () => {
      const engine = bench().engine();
      const run = await engine.start(failing, []);
      expect(run).toMatchObject({ status: "failed", error: { name: "Error", message: "no" } });
      await expect(run.result()).rejects.toThrow("no");
      effects.pay = () => {
        throw new TypeError("no money");
      };
      const second = await engine.start(approve, [10]);
      expect(await engine.continue(second, decision, { ok: true })).toMatchObject({ status: "failed", error: { name: "TypeError", message: "no money" } });
      effects.pay = () => "paid";
    });

    it("with an id that is taken give the run that is there, or say whose it is", async () => {
      const engine = bench().engine();
      const run = await engine.start(hello, ["Ann"], { id: "one" });
      expect(await engine.start(hello, ["Bob"], { id: "one" })).toMatchObject({ id: "one", duplicate: true, responses: run.responses });
      await expect(engine.start(loop, [], { id: "one" })).rejects.toMatchObject({ code: "RUN_EXISTS" });
      const both = await Promise.all([engine.start(hello, ["Ann"], { id: "two" }), engine.start(hello, ["Bob"], { id: "two" })]);
      expect(both.filter(({ duplicate }) => duplicate)).toHaveLength(1);
    });
  });

  describe("events", () => {
    it("sent before the listen are consumed once, in order", async () => {
      const engine = bench().engine();
      const run = await engine.start(approve, [1]);
      await engine.send(run, word, "for nobody");
      await engine.send(run, decision, { ok: false }, { eventId: "e1" });
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: "refused", refused: [{ context: "word", code: "RUN_ENDED" }] });
      const other = await engine.start(loop, []);
      await engine.send(other, word, "a");
      await engine.send(other, word, "b");
      expect(await engine.get(other)).toMatchObject({ status: "waiting", turn: 3, responses: [2] });
    });

    it("with the same id count once", async () => {
      const engine = bench().engine();
      const run = await engine.start(loop, []);
      expect(await engine.continue(run, word, "a", { eventId: "e1" })).toMatchObject({ turn: 2, responses: [1] });
      expect(await engine.continue(run, word, "a", { eventId: "e1" })).toMatchObject({ turn: 2, responses: [1], duplicate: true });
      expect(await engine.send(run, word, "a", { eventId: "e1" })).toEqual({ duplicate: true });
      expect(await engine.send(run, word, "b", { eventId: "e2" })).toEqual({ duplicate: false });
      expect(await engine.send(run, word, "b", { eventId: "e2" })).toEqual({ duplicate: true });
      expect(await engine.continue(run, word, "end", { eventId: "e3" })).toMatchObject({ status: "completed", value: 3 });
      expect(await engine.continue(run, word, "end", { eventId: "e3" })).toMatchObject({ status: "completed", value: 3, responses: [3], duplicate: true });
    });

    it("at the same time are taken one by one", async () => {
      const engine = bench().engine();
      const run = await engine.start(loop, []);
      const answers = await Promise.all(Array.from({ length: 20 }, () => engine.continue(run, word, "x")));
      expect(answers.map(({ responses }) => Number(responses[0])).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    });

    it("at the same time in several engines are taken one by one", async () => {
      const engines = [bench().engine(), bench().engine(), bench().engine()];
      const run = await bench().engine().start(loop, []);
      const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => engines[n % 3]?.continue(run, word, "x")));
      expect(answers.map((answer) => Number(answer?.responses[0])).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
    });
  });
});
