import { memory } from "deflow";
import { SimulatedClock } from "deflow/testing";
import { expect, it, vi } from "vitest";
import { confirmed, forgetCancelled, newsletter, subscribe } from "./newsletter.ts";

const day = 24 * 3_600_000;

it("workers and ticks remove what has been over for long enough, by status; prune does it by hand", async () => {
  const clock = new SimulatedClock();
  const engine = newsletter({ store: memory(), clock, logger: { debug() {}, info() {}, warn() {}, error: console.error } });
  for (const id of ["done", "late", "gone", "open"]) await engine.start(subscribe, [`${id}@example.org`], { id });
  await engine.continue("done", confirmed, true);
  await engine.cancel("gone");
  const ids = async () => (await engine.find()).runs.map(({ id }) => id);

  await clock.advance(2 * day);
  vi.spyOn(console, "log").mockReturnValue();
  expect(await forgetCancelled(engine)).toEqual(["gone"]);
  expect(console.log).toHaveBeenCalledWith(["gone"]);

  await clock.advance(6 * day);
  await engine.continue("open", confirmed, false);
  await engine.tick();
  expect((await engine.find({ status: "failed" })).runs.map(({ id }) => id)).toEqual(["late"]);
  await clock.advance(23 * day);
  await engine.tick();
  expect(await ids()).toEqual(["late", "open"]);
  await clock.advance(70 * day);
  await engine.tick();
  expect(await ids()).toEqual([]);
  await expect(engine.get("late")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await engine.close();
});
