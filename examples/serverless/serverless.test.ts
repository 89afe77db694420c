import { memory, type Store } from "deflow";
import { SimulatedClock } from "deflow/testing";
import { beforeEach, expect, it, vi } from "vitest";
import { showsWhatItPrints } from "../console.ts";
import { functionsOf } from "./functions.ts";
import { office, trial } from "./trial.ts";

showsWhatItPrints(new URL(".", import.meta.url));

const act = vi.spyOn(office, "do");
let store: Store;
let now: number;

beforeEach(() => {
  act.mockReset().mockResolvedValue();
  store = memory();
  now = Date.UTC(2026, 0, 1);
});

const day = 24 * 3_600_000;
/** An instance, so much later; its clock stands still. */
const instance = (later = 0) => functionsOf({ store, secret: "s", clock: new SimulatedClock((now += later)) });
const tick = async (at: { cron: (request: Request) => Promise<Response> }, secret = "s") => await at.cron(new Request("http://h/cron", { headers: { authorization: `Bearer ${secret}` } }));
const done = async (response: Response): Promise<unknown> => (await response.json() as { done: number }).done;

it("goes on by the host's timer alone", async () => {
  await instance().engine.start(trial, ["ann"], { id: "ann" });
  for (const [days, went] of [[9, 0], [1, 1], [3, 0], [1, 1], [1, 0]] as const) expect(await done(await tick(instance(days * day)))).toBe(went);
  expect(act.mock.calls.map(([what]) => what)).toEqual(["welcome", "remind", "invoice"]);
  expect(await instance().engine.get("ann")).toMatchObject({ status: "completed", value: "customer" });
});

it("is nothing to those who do not know the secret", async () => {
  await instance().engine.start(trial, ["ann"]);
  const response = await tick(instance(20 * day), "guess");
  expect([response.status, await response.text(), act.mock.calls.length]).toEqual([404, "", 1]);
  expect((await instance().runs(new Request("http://h/runs/x"))).status).toBe(404);
});

it("two calls at once do nothing twice", async () => {
  for (let n = 0; n < 20; n++) await instance().engine.start(trial, [`${n}`]);
  act.mockClear();
  now += 10 * day;
  const went = await Promise.all([instance(), instance(), instance()].map(async (at) => await done(await tick(at)) as number));
  expect(went.reduce((sum, more) => sum + more)).toBe(20);
  expect([act.mock.calls.length, new Set(act.mock.calls.map(([, whom]) => whom)).size]).toEqual([20, 20]);
});

it("what an instance leaves half done, a later call takes on under the same key", async () => {
  await instance().engine.start(trial, ["ann"], { id: "ann" });
  act.mockImplementationOnce(() => new Promise(() => {}));
  void tick(instance(10 * day));
  await vi.waitFor(() => expect(act).toHaveBeenCalledTimes(2), 20_000);
  expect(await done(await tick(instance(20_000)))).toBe(0);
  expect(await done(await tick(instance(11_000)))).toBe(1);
  expect(act.mock.calls[1]).toEqual(act.mock.calls[2]);
});
