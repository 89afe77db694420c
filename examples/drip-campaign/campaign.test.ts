import { testEngine } from "deflow/testing";
import { beforeEach, expect, it, vi } from "vitest";
import { showsWhatItPrints } from "../console.ts";
import { processes } from "../processes.ts";
import { bought, campaign, daytimeAt, post } from "./campaign.ts";

showsWhatItPrints(new URL(".", import.meta.url));

const send = vi.spyOn(post, "send");
const subjects = (): string[] => send.mock.calls.map(([, subject]) => subject);

beforeEach(() => void send.mockReset().mockResolvedValue());

const ann = { name: "Ann", zone: 2 };
const signedUp = new Date("2026-01-01T09:00:00Z");
const day = 24 * 3_600_000;

it("sends four mails in three weeks, and ends", async () => {
  const engine = testEngine({ flows: { campaign }, now: signedUp });
  const run = await engine.start(campaign, [ann, signedUp]);
  for (const [days, mails] of [[0, 1], [1, 1], [1, 2], [4, 2], [1, 3], [13, 3], [1, 4]] as const) {
    await engine.advance(days * day);
    expect(subjects()).toHaveLength(mails);
  }
  expect(await engine.get(run)).toMatchObject({ status: "completed", value: { sent: 4 }, progress: "4 of 4: A voucher for you" });
  await engine.close();
});

it("stops at a purchase: one more mail, and no timer is left", async () => {
  const engine = testEngine({ flows: { campaign }, now: signedUp });
  const run = await engine.start(campaign, [ann, signedUp]);
  await engine.advance(0);
  expect(await engine.continue(run, bought, { product: "lamp" })).toMatchObject({ status: "completed", value: { sent: 1, product: "lamp" }, nextAt: undefined });
  await engine.advance("30 days");
  expect(subjects()).toEqual(["Welcome", "Thank you for the lamp"]);
  await engine.close();
});

it("goes on in another process, after one that died over a mail", async () => {
  send.mockResolvedValueOnce().mockImplementationOnce(() => new Promise(() => {}));
  await processes({ flows: { campaign } }, async ({ next }) => {
    await next().start(campaign, [ann, signedUp], { id: "Ann" });
    await next(1 * day).tick();
    void next(2 * day).tick();
    await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(2), 20_000);
    await next(31_000).tick();
    await next(30 * day).tick();
    await next(1 * day).tick();
  });
  expect(subjects()).toEqual(["Welcome", "Three things to try", "Three things to try", "What others make of it", "A voucher for you"]);
  expect(send.mock.calls[1]?.[2]).toBe(send.mock.calls[2]?.[2]);
});

it.each([
  ["2026-01-01T09:00:00Z", 0, "2026-01-01T09:00:00.000Z"], ["2026-01-01T20:00:00Z", 0, "2026-01-02T08:00:00.000Z"], ["2026-01-01T07:59:59Z", 0, "2026-01-01T08:00:00.000Z"],
  ["2026-01-01T21:30:00Z", 1, "2026-01-02T07:00:00.000Z"], ["2025-12-31T22:00:00Z", 5.5, "2026-01-01T02:30:00.000Z"], ["2026-01-01T02:00:00Z", -8, "2026-01-01T02:00:00.000Z"],
])("daytime of %s, %f hours ahead, is %s", (time, zone, expected) => {
  expect(daytimeAt(Date.parse(time), zone).toISOString()).toBe(expected);
});
