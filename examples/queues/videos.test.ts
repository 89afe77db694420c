import { testEngine } from "deflow/testing";
import { expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { configure, convert, converter, makeRoomForUpdate, upload } from "./videos.ts";

it("keeps to the limit in all processes together, higher priorities first", async () => {
  const under: (() => void)[] = [];
  const begun: string[] = [];
  let slow = true;
  vi.spyOn(converter, "convert").mockImplementation(async (file) => {
    begun.push(file);
    if (slow) await new Promise<void>((resolve) => under.push(resolve));
    return `${file}.webm`;
  });
  await processes({ flows: { convert } }, async ({ next }) => {
    const [first, second] = [next(), next()];
    expect(await configure(first)).toEqual({ paused: false, concurrency: 2, leased: 0, due: 0 });
    for (const file of ["a", "b", "c"]) await upload(first, file, false);
    expect(await upload(first, "paid", true)).toMatchObject({ status: "queued" });
    const ticks = [first.tick(), second.tick()];
    await vi.waitFor(() => expect(begun).toHaveLength(2));
    expect(begun).toContain("paid");
    expect(await second.queue("videos").state()).toEqual({ paused: false, concurrency: 2, leased: 2, due: 2 });
    slow = false;
    for (const end of under) end();
    await Promise.all(ticks);
    await first.tick();
    expect((await first.find({ status: "completed" })).runs.map(({ id }) => id)).toEqual(["a", "b", "c", "paid"]);
  });
});

it("a paused queue keeps what is due", async () => {
  const engine = testEngine({ flows: { convert }, steps: { convert: () => "done" } });
  await makeRoomForUpdate(engine);
  const run = await upload(engine, "a", false);
  await engine.advance("1 hour");
  expect(await engine.get(run)).toMatchObject({ status: "queued" });
  expect(await engine.queue("videos").resume()).toMatchObject({ paused: false, due: 1 });
  await engine.advance(0);
  expect(await engine.get(run)).toMatchObject({ status: "completed", value: "done" });
  expect(() => engine.queue("videos").limit(0)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error);
  await engine.close();
});
