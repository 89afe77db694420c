// The engine that users test their flows with, used as they would.

import { context, deflow, listen, respond, sleep, start, step } from "deflow";
import { testEngine } from "deflow/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";

interface Expense {
  readonly amount: number;
  readonly manager: string;
}

const decision = context("testDecision", z.object({ ok: z.boolean() }));
const expense = { amount: 10, manager: "Ann" };
const sent: string[] = [];

const testedApproval = deflow(async function testedApproval({ amount, manager }: Expense) {
  respond(`Approve ${amount}?`);
  for (let reminders = 0; reminders < 3; reminders++) {
    const answer = await listen(decision, { timeout: "2 days", default: null });
    if (answer) return answer.ok ? await step("pay", async () => Promise.reject(new Error("the bank was called"))) : "refused";
    await step("remind", () => void sent.push(manager));
  }
  return "expired";
});

const flaky = deflow(async function flaky() {
  const paid = step("charge", ({ attempt }) => {
    if (attempt < 3) throw new Error(`attempt ${attempt}`);
    return "charged";
  }, { retry: { attempts: 3, delay: "10 s", jitter: false } });
  await sleep("1 day");
  return paid;
});

const child = deflow(async function testedChild(by: string) {
  return await step("work", () => `done by ${by}`);
});

const queued = deflow(async function testedQueued() {
  return await step("work", () => 1);
});

const parent = deflow(async function testedParent() {
  return await (await start(child, ["the child"])).result();
});

describe("testEngine", () => {
  it("moves time, replaces steps, and shows what was performed", async () => {
    sent.length = 0;
    const t = testEngine({ flows: { testedApproval }, steps: { pay: async () => "paid" } });
    const run = await t.start(testedApproval, [expense]);
    expect(run).toMatchObject({ status: "waiting", responses: ["Approve 10?"] });
    await t.advance("2 days");
    expect(t.steps("remind")).toHaveLength(1);
    expect(sent).toEqual(["Ann"]);
    expect(t.steps("pay")).toEqual([]);
    expect(await t.continue(run.id, decision, { ok: true })).toMatchObject({ status: "completed", value: "paid" });
    expect(t.steps("pay")).toMatchObject([{ name: "pay", attempt: 1, status: "completed", value: "paid" }]);
    await t.close();
  });

  it("stops time exactly where it is told, and never before a timer is due", async () => {
    const t = testEngine({ flows: { testedApproval }, now: new Date("2026-01-01T00:00:00Z") });
    await t.start(testedApproval, [expense]);
    await t.advance("47 hours");
    expect(t.steps("remind")).toEqual([]);
    await t.advance("1 hour");
    expect(t.steps("remind")).toMatchObject([{ at: new Date("2026-01-03T00:00:00Z") }]);
    await t.advance("5 days");
    expect((await t.find({ flow: testedApproval })).runs).toMatchObject([{ status: "completed", value: "expired" }]);
    expect(t.clock.now()).toBe(Date.UTC(2026, 0, 8));
    await t.close();
  });

  it("shows each attempt of a step under one key", async () => {
    const t = testEngine({ flows: { flaky } });
    const run = await t.start(flaky, []);
    await t.advance("1 day");
    expect(await t.get(run)).toMatchObject({ status: "completed", value: "charged" });
    const charged = t.steps("charge");
    expect(charged.map(({ attempt, status }) => [attempt, status])).toEqual([[1, "failed"], [2, "failed"], [3, "completed"]]);
    expect(new Set(charged.map(({ key }) => key)).size).toBe(1);
    expect(charged.map(({ at }) => at.getTime() - t.clock.now() + 24 * 3_600_000)).toEqual([0, 10_000, 30_000]);
    await t.close();
  });

  it("gives a flow the results of the runs that it started without time having to pass, and leaves queued ones until it does", async () => {
    const t = testEngine({ flows: { parent, child, queued } });
    const run = await t.start(parent, []);
    await t.start(queued, [], { id: "queued", queue: "q" });
    expect(await run.result()).toBe("done by the child");
    await t.idle();
    expect(await t.get("queued")).toMatchObject({ status: "queued" });
    await t.advance(0);
    expect(await t.get("queued")).toMatchObject({ status: "completed" });
    expect(t.clock.now()).toBe(Date.UTC(2000, 0, 1));
    await t.close();
  });

  it("says nothing of timers that nobody sees to: the test does", async () => {
    const said: string[] = [];
    const t = testEngine({ flows: { flaky }, logger: { debug() {}, info() {}, warn: (text) => void said.push(text), error: (text) => void said.push(text) } });
    await t.start(flaky, []);
    expect(said).toEqual([]);
    await t.close();
  });

  it("refuses names of steps that no flow has", async () => {
    const t = testEngine({ flows: { testedApproval }, steps: { pya: async () => "paid" } });
    expect(() => t.steps("remnid")).toThrow("No flow of this test has a step `remnid`; there are `pay`, `remind`");
    await expect(t.close()).rejects.toMatchObject({ code: "UNKNOWN_STEP", message: expect.stringContaining("`pya`") });
  });

  it("lets a stand-in fail, and sees it refused", async () => {
    const t = testEngine({ flows: { testedApproval }, steps: { pay: () => { throw new Error("no money"); } } });
    const run = await t.start(testedApproval, [expense]);
    expect(await t.continue(run, decision, { ok: true })).toMatchObject({ status: "failed", error: { message: "no money" } });
    expect(t.steps("pay")).toMatchObject([{ status: "failed", error: { message: "no money" } }]);
    await t.close();
  });
});
