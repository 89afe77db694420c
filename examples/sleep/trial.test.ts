import { testEngine } from "deflow/testing";
import { expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { mail, trial } from "./trial.ts";

const day = 24 * 3_600_000;

it("wakes at its deadlines, never before", async () => {
  const engine = testEngine({ flows: { trial }, steps: { remind: () => {}, invoice: () => {} }, now: new Date("2026-01-10T09:00:00Z") });
  const run = await engine.start(trial, ["ann@example.org", new Date("2026-02-01T00:00:00Z")]);
  expect(run).toMatchObject({ status: "waiting", nextAt: new Date("2026-01-21T09:00:00Z") });
  await engine.advance("30 days");
  expect([...engine.steps("remind"), ...engine.steps("invoice")].map(({ at }) => at)).toEqual([new Date("2026-01-21T09:00:00Z"), new Date("2026-02-01T00:00:00Z")]);
  expect(await run.result()).toBe("customer");
  await engine.close();
});

it("a time that is past wakes at once", async () => {
  const engine = testEngine({ flows: { trial }, steps: { remind: () => {}, invoice: () => {} } });
  const run = await engine.start(trial, ["ann@example.org", new Date(0)]);
  await engine.advance("14 days");
  expect(await run.result()).toBe("customer");
  await engine.close();
});

it("is fired by whichever process is there, as late as that one is", async () => {
  const sent = vi.spyOn(mail, "send").mockResolvedValue();
  await processes({ flows: { trial } }, async ({ next }) => {
    await next().start(trial, ["ann@example.org", new Date("2026-02-01T00:00:00Z")], { id: "ann" });
    expect(await next(10 * day).tick()).toMatchObject({ done: 0, nextAt: new Date("2026-01-12T00:00:00Z") });
    await next(5 * day).tick();
    expect(sent).toHaveBeenCalledTimes(1);
    expect(await next().get("ann")).toMatchObject({ status: "waiting", nextAt: new Date("2026-01-19T00:00:00Z") });
  });
});
