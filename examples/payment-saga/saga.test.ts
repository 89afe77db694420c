import { testEngine } from "deflow/testing";
import { beforeEach, expect, it, vi } from "vitest";
import { showsWhatItPrints } from "../console.ts";
import { processes } from "../processes.ts";
import { book, declined, world } from "./booking.ts";

showsWhatItPrints(new URL(".", import.meta.url));

const done: string[] = [];
const services = {
  book: vi.fn(async (what: string) => what),
  release: vi.fn(async (booking: string, _key: string) => void done.push(`release ${booking}`)),
  charge: vi.fn(async (_card: string, _amount: number, key: string) => `receipt ${key}`),
};

beforeEach(() => {
  done.length = 0;
  for (const service of Object.values(services)) service.mockClear();
  world.services = services;
});

const trip = { from: "Graz", to: "Udine", card: "c" };

it("gives nothing back when all is paid", async () => {
  const engine = testEngine({ flows: { book } });
  expect(await engine.start(book, [trip], { id: "t" })).toMatchObject({ status: "completed", value: { receipt: "receipt t:3" } });
  expect(done).toEqual([]);
  await engine.close();
});

it("gives everything back, the last first, when the card is declined", async () => {
  services.charge.mockRejectedValueOnce(declined("c"));
  const engine = testEngine({ flows: { book } });
  expect(await engine.start(book, [trip])).toMatchObject({ status: "failed", error: { code: "FATAL" } });
  expect([services.charge.mock.calls.length, done]).toEqual([1, ["release room in Udine", "release seat Graz-Udine"]]);
  await engine.close();
});

it("gives back what a cancelled run has booked", async () => {
  services.charge.mockRejectedValue(new Error("down"));
  const engine = testEngine({ flows: { book } });
  const run = await engine.start(book, [trip]);
  expect(run.status).toBe("waiting");
  expect(await engine.cancel(run, "changed my mind")).toMatchObject({ status: "cancelled" });
  expect(done).toHaveLength(2);
  await engine.close();
  services.charge.mockReset();
});

it("goes on giving back after a crash, each under its own key", async () => {
  services.charge.mockRejectedValueOnce(declined("c"));
  services.release.mockImplementationOnce(async (booking) => void done.push(`release ${booking}`)).mockImplementationOnce(() => new Promise(() => {}));
  await processes({ flows: { book } }, async ({ next }) => {
    void next().start(book, [trip], { id: "t" });
    await vi.waitFor(() => expect(services.release).toHaveBeenCalledTimes(2), 20_000);
    const second = next(31_000);
    await second.tick();
    expect(await second.get("t")).toMatchObject({ status: "failed", error: { code: "FATAL" } });
  });
  expect(done).toEqual(["release room in Udine", "release seat Graz-Udine"]);
  const keys = services.release.mock.calls.map(([, key]) => key);
  expect([keys.length, new Set(keys).size, keys[1]]).toEqual([3, 2, keys[2]]);
});
