// The engine with flows as their authors write them.

import { callback, context, createEngine, deflow, listen, memory, respond, run, sleep, start, step, type RunHandle } from "deflow";
import { SimulatedClock } from "deflow/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { onEachStore } from "./engines.ts";

const decision = context("answer", z.object({ ok: z.boolean() }));
const mails: string[] = [];
const bank = { pay: (amount: number, { key }: { key: string }) => `${amount} by ${key.split(":")[1]}` };

const approval = deflow(async function approval(expense: { amount: number; manager: string }) {
  respond({ type: "chat", text: `Approve ${expense.amount}?` });
  for (let reminders = 0; reminders < 3; reminders++) {
    const answer = await listen(decision, { timeout: "2 days", default: null });
    if (answer) return answer.ok ? await step("pay", ({ key }) => bank.pay(expense.amount, { key })) : "refused";
    await step("remind", () => void mails.push(expense.manager));
  }
  return "expired";
});

const fanOut = deflow(async function fanOut(names: string[]) {
  const handles = await Promise.all(names.map((name) => start(approval, [{ amount: name.length, manager: name }], { id: `expense:${name}` })));
  const results = await Promise.all(handles.map((handle: RunHandle<string>) => handle.result()));
  return results.join(", ");
});

const racing = deflow(async function racing() {
  const token = callback<string>({ timeout: "1 hour" });
  respond(token.token);
  const first = await Promise.race([token, sleep("1 minute"), listen("word")]);
  return first ?? "slept";
});

const day = 24 * 3600 * 1000;

const talkative = deflow(async function talkative() {
  run.log("begins", 1);
  run.log.debug("in detail");
  return await step("work", ({ log }) => {
    log.warn("slow", 7);
    log.error("broken");
    log("done");
  });
});

onEachStore({ talkative, approval, fanOut, racing }, (bench) => {
  it("says what it logs to the logger, with its level", async () => {
    const { id } = await bench().engine().start(talkative, []);
    expect(bench().said.map(({ level, message }) => `${level} ${message}`)).toEqual(["info begins 1", "debug in detail", "warn slow 7", "error broken", "info done"]);
    expect(bench().said.map(({ fields }) => fields)).toMatchObject([{ runId: id, values: ["begins", 1] }, { runId: id }, { runId: id, step: "work", attempt: 1, values: ["slow", 7] }, {}, {}]);
  });

  it("reminds three times, then expires", async () => {
    mails.length = 0;
    const engine = bench().engine();
    const run = await engine.start(approval, [{ amount: 10, manager: "ann" }]);
    expect(run.responses).toEqual([{ type: "chat", text: "Approve 10?" }]);
    for (let n = 1; n <= 3; n++) {
      await bench().clock.advance(2 * day);
      await engine.tick();
      expect(mails).toHaveLength(n);
    }
    expect(await engine.get(run)).toMatchObject({ status: "completed", value: "expired" });
  });

  it("pays after a reminder", async () => {
    const engine = bench().engine();
    const run = await engine.start(approval, [{ amount: 10, manager: "ann" }]);
    await bench().clock.advance(2 * day);
    await engine.tick();
    expect(await bench().engine().continue(run, decision, { ok: true })).toMatchObject({ status: "completed", value: "10 by 4" });
  });

  it("waits for many child runs at once", async () => {
    const engine = bench().engine();
    const run = await engine.start(fanOut, [["a", "bb", "ccc"]]);
    await engine.idle();
    expect((await engine.waits({ context: decision })).waits.map(({ runId }) => runId)).toEqual(["expense:a", "expense:bb", "expense:ccc"]);
    for (const { runId } of (await engine.waits({ context: decision })).waits) await engine.continue(runId, decision, { ok: false });
    await engine.idle();
    expect(await engine.get(run)).toMatchObject({ status: "completed", value: "refused, refused, refused" });
  });

  it("races a callback, a timer and an event; the losers are withdrawn", async () => {
    const engine = bench().engine();
    const [one, two, three] = [await engine.start(racing, []), await engine.start(racing, []), await engine.start(racing, [])];
    expect(await engine.settle(String(one.responses[0]), "token")).toMatchObject({ status: "completed", value: "token" });
    expect(await engine.continue(two, "word", "event")).toMatchObject({ value: "event", waits: [] });
    await bench().clock.advance(60_000);
    await engine.tick();
    expect(await engine.get(three)).toMatchObject({ value: "slept" });
    await expect(engine.settle(String(three.responses[0]), "late")).rejects.toMatchObject({ code: "UNKNOWN_TOKEN" });
  });
});

describe("the types", () => {
  it("follow flow and context", async () => {
    const engine = createEngine({ store: memory(), flows: { approval }, clock: new SimulatedClock() });
    const run = await engine.start(approval, [{ amount: 1, manager: "x" }]);
    const value: Promise<string | undefined> = run.result().catch(() => undefined);
    // @ts-expect-error -- the flow takes an expense
    await engine.start(approval, [5]).catch(() => {});
    // @ts-expect-error -- the context takes { ok: boolean }
    await engine.continue(run, decision, { no: 1 }).catch(() => {});
    const next = await engine.continue(run, decision, { ok: false });
    if (next.status === "completed") {
      const text: string = next.value;
      expect(text).toBe("refused");
    }
    expect(await value).toBe("refused");
    await engine.close();
  });
});
