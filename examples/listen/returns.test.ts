import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { processes } from "../processes.ts";
import { arrived, returns } from "./returns.ts";

const order = { id: "O-7", total: 80 };
const permit = "key of the warehouse";
let engine: ReturnType<typeof testEngine>;

beforeEach(() => void (engine = testEngine({ flows: { returns } })));
afterEach(() => engine.close());

it("is answered by who has the permit, with what the schema takes", async () => {
  const run = await engine.start(returns, [order, permit]);
  expect(run).toMatchObject({ status: "waiting", waits: [{ kind: "listen", context: "arrived", permit: true, label: "parcel", metadata: { team: "warehouse" } }] });
  expect((await engine.inspect(run)).strands).toMatchObject([{ point: "parcel", waitsFor: "listen(arrived)" }]);
  await expect(engine.continue(run, arrived, { condition: "damaged" })).rejects.toMatchObject({ code: "WRONG_PERMIT" });
  await expect(engine.continue(run, "arrived", { condition: "gone" }, { permit })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(engine.continue(run, "departed", {})).rejects.toMatchObject({ code: "NOT_LISTENING" });
  const done = await engine.continue(run, arrived, { condition: "damaged" }, { permit });
  expect(done).toMatchObject({ status: "completed", value: { refund: 40, because: "damaged" } });
  await expect(engine.continue(run, arrived, { condition: "damaged" }, { permit })).rejects.toMatchObject({ code: "RUN_ENDED" });
});

it("gives its default when the time is over, and not before", async () => {
  const run = await engine.start(returns, [order, permit]);
  await engine.advance("13 days");
  expect(await engine.get(run)).toMatchObject({ status: "waiting" });
  await engine.advance("1 day");
  expect(await engine.get(run)).toMatchObject({ status: "completed", value: { because: "nothing came" } });
});

it("takes an answer that comes late, but before anybody fired the timeout", async () => {
  const run = await engine.start(returns, [order, permit]);
  await engine.clock.advance(15 * 24 * 3_600_000);
  expect(await engine.continue(run, arrived, { condition: "as new" }, { permit })).toMatchObject({ value: { refund: 80 } });
});

it("goes on in another process", async () => {
  await processes({ flows: { returns } }, async ({ next }) => {
    const run = await next().start(returns, [order, permit]);
    expect(await next().continue(run.id, arrived, { condition: "as new" }, { permit })).toMatchObject({ value: { refund: 80 } });
  });
});
