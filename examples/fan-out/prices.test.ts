import { FatalError } from "deflow";
import { testEngine } from "deflow/testing";
import { beforeEach, expect, it, vi } from "vitest";
import { showsWhatItPrints } from "../console.ts";
import { processes } from "../processes.ts";
import { compare, shops } from "./prices.ts";

showsWhatItPrints(new URL(".", import.meta.url));

const ask = vi.spyOn(shops, "ask");
const askedOf = (shop: string): number => ask.mock.calls.filter(([name]) => name === shop).length;

beforeEach(() => void ask.mockReset());

it("has what came, and why the rest did not", async () => {
  ask.mockImplementation(async (shop) => {
    if (shop === "none") throw new FatalError("not sold here");
    if (shop === "down" || (shop === "late" && askedOf(shop) < 4)) throw new Error("down");
    return shop.length;
  });
  const engine = testEngine({ flows: { compare } });
  const run = await engine.start(compare, ["lamp", ["corner", "none", "mall", "down", "late"]]);
  expect(run).toMatchObject({ status: "waiting", progress: "3 of 5" });
  await engine.advance("20 seconds");
  expect(await engine.get(run)).toMatchObject({
    status: "completed", progress: "5 of 5",
    value: { best: { shop: "mall", price: 4 }, prices: { mall: 4, late: 4, corner: 6 }, failed: { none: "not sold here", down: "no answer in 20 seconds" } },
  });
  expect(["none", "late", "down"].map(askedOf)).toEqual([1, 4, 4]);
  await engine.close();
});

it("no shop, no price", async () => {
  const engine = testEngine({ flows: { compare } });
  expect(await engine.start(compare, ["lamp", []])).toMatchObject({ status: "completed", value: { best: undefined, prices: {}, failed: {} } });
  await engine.close();
});

it("takes the process away while eight are asked: answers that were stored are not asked for again", async () => {
  ask.mockImplementation((shop) => (Number(shop) <= 4 || ask.mock.calls.length > 12 ? Promise.resolve(Number(shop)) : new Promise(() => {})));
  await processes({ flows: { compare }, stepConcurrency: 8, lease: "5 seconds" }, async ({ next }) => {
    const first = next();
    void first.start(compare, ["lamp", Array.from({ length: 12 }, (_, n) => `${n + 1}`)], { id: "lamp" });
    await vi.waitFor(async () => expect((await first.get("lamp")).progress).toBe("4 of 12"), 20_000);
    const second = next(6_000);
    await second.tick();
    expect(await second.get("lamp")).toMatchObject({ status: "completed", value: { best: { shop: "1", price: 1 }, failed: {} } });
  });
  expect(Array.from({ length: 12 }, (_, n) => askedOf(`${n + 1}`))).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
});
