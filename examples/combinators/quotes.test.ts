import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { free, mail, quote, repair } from "./quotes.ts";

vi.spyOn(mail, "ask").mockResolvedValue();
const [workshops, trucks] = [["North", "South"], ["T1", "T2"]];
let engine: ReturnType<typeof testEngine>;

beforeEach(() => void (engine = testEngine({ flows: { repair } })));
afterEach(() => engine.close());

it("goes on when all have settled", async () => {
  const run = await engine.start(repair, [workshops, trucks]);
  expect(run.waits.map(({ kind }) => kind)).toEqual(["timer", "listen", "listen"]);
  await engine.continue(run, quote, 300, { permit: "South" });
  const tow = await engine.continue(run, quote, 200, { permit: "North" });
  expect(tow.waits).toMatchObject([{ context: "free" }, { context: "free" }]);
  await engine.continue(run, free, false, { permit: "T1" });
  expect(await engine.continue(run, free, true, { permit: "T2" })).toMatchObject({ value: "T2 to North, 200 EUR" });
});

it("goes on with what is there when the time is over; the others are not listened for any more", async () => {
  const run = await engine.start(repair, [workshops, trucks]);
  await engine.continue(run, quote, 300, { permit: "South" });
  await engine.advance("1 day");
  expect((await engine.get(run)).waits.filter(({ context }) => context === "free")).toHaveLength(2);
  expect(await engine.continue(run, free, true, { permit: "T1" })).toMatchObject({ value: "T1 to South, 300 EUR" });
});

it("any throws an AggregateError when nobody can", async () => {
  const run = await engine.start(repair, [["South"], trucks]);
  await engine.continue(run, quote, 300, { permit: "South" });
  await engine.continue(run, free, false, { permit: "T1" });
  expect(await engine.continue(run, free, false, { permit: "T2" })).toMatchObject({ status: "failed", error: { name: "AggregateError" } });
});

it("each strand goes on where it is, in another process", async () => {
  await processes({ flows: { repair } }, async ({ next }) => {
    const run = await next().start(repair, [workshops, trucks]);
    await next().continue(run.id, quote, 300, { permit: "South" });
    await next().continue(run.id, quote, 200, { permit: "North" });
    expect(await next().continue(run.id, free, true, { permit: "T1" })).toMatchObject({ value: "T1 to North, 200 EUR" });
  });
});
