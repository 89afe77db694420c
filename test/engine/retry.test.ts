// retry: what a run that failed finds when it goes on.

import { deflow, step } from "deflow";
import { beforeEach, expect, it } from "vitest";
import { onEachStore } from "./engines.ts";

const world = { made: [] as string[], works: false };

beforeEach(() => {
  Object.assign(world, { made: [], works: false });
});

function act(name: string, { key, attempt }: { key: string; attempt: number }): string {
  world.made.push(`${name} ${key.split(":")[1]}.${attempt}`);
  if (!world.works) throw new Error(`no ${name}`);
  return name;
}

const stubborn = deflow(async function stubborn() {
  return await step("pay", (context) => act("pay", context), { retry: { attempts: 2, delay: 0 } });
});

const beside = deflow(async function beside() {
  const slow = step("slow", async (context) => {
    world.made.push(`slow ${context.attempt}`);
    await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
  }, { retry: 1 });
  await Promise.all([slow, step("pay", (context) => act("pay", context))]);
});

const once = deflow(async function once() {
  return await step.once("sms", (context) => act("sms", context));
});

onEachStore({ stubborn, beside, once }, (bench) => {
  it("a step that used up its attempts gets as many again, under its key", async () => {
    const engine = bench().engine();
    await engine.start(stubborn, [], { id: "r" });
    await engine.tick();
    expect(await engine.get("r")).toMatchObject({ status: "failed", error: { message: "no pay" } });
    await engine.retry("r");
    await bench().engine().tick();
    expect(await engine.get("r")).toMatchObject({ status: "failed", error: { message: "no pay" } });
    world.works = true;
    expect(await bench().engine().retry("r")).toMatchObject({ status: "completed", value: "pay" });
    expect(world.made).toEqual(["pay 1.1", "pay 1.2", "pay 1.1", "pay 1.2", "pay 1.1"]);
  });

  it("one that was under way when another ended the run too", async () => {
    const engine = bench().engine();
    expect(await engine.start(beside, [], { id: "r" })).toMatchObject({ status: "failed", error: { message: "no pay" } });
    expect(await engine.retry("r")).toMatchObject({ status: "failed", error: { message: "no pay" } });
    expect(world.made).toEqual(["slow 1", "pay 2.1", "slow 1", "pay 2.1"]);
  });

  it("step.once is not made a second time", async () => {
    const engine = bench().engine({ history: {} });
    expect(await engine.start(once, [], { id: "r" })).toMatchObject({ status: "failed", error: { message: "no sms" } });
    world.works = true;
    expect(await engine.retry("r")).toMatchObject({ status: "failed", error: { code: "STEP_OUTCOME_UNKNOWN" } });
    expect(world.made).toEqual(["sms 1.1"]);
    // Of the attempt no more is known than before.
    expect((await engine.history("r")).map(({ what, ...more }) => `${what} ${"stage" in more ? more.stage : ""}`.trim())).toEqual(["started", "step begun", "step failed", "ended", "retry", "ended"]);
  });
});
