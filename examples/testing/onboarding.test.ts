import { testEngine } from "deflow/testing";
import { expect, it } from "vitest";
import { onboard, profile } from "./onboarding.ts";

it("is ready when the profile comes in time", async () => {
  const t = testEngine({ flows: { onboard }, steps: { welcome: () => "sent", call: () => "called" } });
  const run = await t.start(onboard, ["ann@example.org"]);
  await t.advance("2 days");
  expect(await t.continue(run, profile, { company: "Acme" })).toMatchObject({ status: "completed", value: "Acme is ready" });
  expect(t.steps("call")).toEqual([]);
  await t.close();
});

it("is called when it does not", async () => {
  const t = testEngine({ flows: { onboard }, steps: { welcome: () => "sent", call: () => "called" }, now: new Date("2026-01-01T00:00:00Z") });
  const run = await t.start(onboard, ["ann@example.org"]);
  await t.advance("1 week");
  expect(t.steps("call")).toMatchObject([{ attempt: 1, status: "completed", value: "called", at: new Date("2026-01-04T00:00:00Z") }]);
  expect(await t.get(run)).toMatchObject({ value: "somebody calls" });
  await t.close();
});

it("tries the welcome three times", async () => {
  const t = testEngine({
    flows: { onboard },
    steps: {
      welcome: ({ attempt }) => {
        if (attempt < 3) throw new Error("no mail today");
        return "sent";
      },
    },
  });
  const run = await t.start(onboard, ["ann@example.org"]);
  expect(run).toMatchObject({ status: "waiting", waits: [{ kind: "step", name: "welcome" }] });
  await t.advance("1 minute");
  expect(t.steps("welcome").map(({ attempt, status }) => [attempt, status])).toEqual([[1, "failed"], [2, "failed"], [3, "completed"]]);
  await t.close();
});

it("a stand-in for a step that nobody has is an error", async () => {
  const t = testEngine({ flows: { onboard }, steps: { welcom: () => "sent" } });
  expect(() => t.steps("cal")).toThrow("there are `welcome`, `call`");
  await expect(t.close()).rejects.toMatchObject({ code: "UNKNOWN_STEP" });
});
