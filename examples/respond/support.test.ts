import { testEngine } from "deflow/testing";
import { expect, it } from "vitest";
import { processes } from "../processes.ts";
import { message, support } from "./support.ts";

it("hands out the answers of a turn, those before and after a step", async () => {
  const engine = testEngine({ flows: { support }, steps: { open: () => "T-1" } });
  const run = await engine.start(support, ["Ann"]);
  expect(run.responses).toEqual(["Hello Ann, what is it about?"]);
  const next = await engine.continue(run, message, "an invoice", { eventId: "m1" });
  expect(next.responses).toEqual(["Thank you.", 'I open a ticket for "an invoice".', "It is T-1. Is there more?"]);
  const again = await engine.continue(run, message, "an invoice", { eventId: "m1" });
  expect([again.duplicate, again.responses]).toEqual([true, next.responses]);
  expect((await engine.get(run)).responses).toEqual(next.responses);
  expect(await engine.continue(run, message, "no")).toMatchObject({ status: "completed", responses: [], value: "no" });
  await engine.close();
});

it("keeps the answers of the last turn for other processes", async () => {
  await processes({ flows: { support } }, async ({ next }) => {
    const run = await next().start(support, ["Ann"], { id: "chat" });
    expect((await next().get("chat")).responses).toEqual(run.responses);
  });
});
