import { testEngine } from "deflow/testing";
import { expect, it } from "vitest";
import { processes } from "../processes.ts";
import { position, ride } from "./ride.ts";

it("gives what the promise gives, if it comes in time", async () => {
  const engine = testEngine({ flows: { ride }, steps: { notify: () => {} } });
  const run = await engine.start(ride, []);
  await engine.advance("9 minutes");
  await engine.continue(run, position, 300);
  expect(await engine.continue(run, position, 20)).toMatchObject({ status: "completed", value: "there" });
  expect(engine.steps("notify")).toHaveLength(1);
  await engine.close();
});

it("throws TimeoutError else; the deadline is that of the call, in any process", async () => {
  await processes({ flows: { ride } }, async ({ next }) => {
    const run = await next().start(ride, []);
    await next(9 * 60_000).continue(run.id, position, 3000);
    await next(30_000).tick();
    expect(await next().get(run.id)).toMatchObject({ status: "waiting" });
    await next(30_000).tick();
    expect(await next().get(run.id)).toMatchObject({ status: "completed", value: "free of charge" });
  });
});
