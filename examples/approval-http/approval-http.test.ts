import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { showsWhatItPrints } from "../console.ts";
import { appOf } from "./app.ts";
import { approve, bank } from "./approve.ts";

showsWhatItPrints(new URL(".", import.meta.url));

let engine: ReturnType<typeof testEngine>;
let app: ReturnType<typeof appOf>;

beforeEach(() => {
  engine = testEngine({ flows: { approve } });
  app = appOf(engine);
});

afterEach(() => engine.close());

const tokens = { ann: "Bearer ann-7f3a", bob: "Bearer bob-91cc", max: "Bearer max-e04d", nobody: "" };

async function ask(user: keyof typeof tokens, path: string, body?: object) {
  const headers = { authorization: tokens[user], "content-type": "application/json" };
  const response = await app.request(path, body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() as Record<string, unknown> };
}

const claim = (amount = 100) => ({ flow: "approve", args: [{ what: "taxi", amount }] });
const yes = { context: "decision", data: { ok: true } };

it("Hono answers what is its own", async () => {
  expect(await (await app.request("/")).text()).toBe("Expenses");
});

it("is paid once a manager says yes, under one key", async () => {
  const pay = vi.spyOn(bank, "pay").mockRejectedValueOnce(new Error("busy"));
  const { body: { id } } = await ask("ann", "/runs", claim());
  expect(await ask("max", `/runs/${String(id)}/continue`, yes)).toMatchObject({ status: 200, body: { status: "waiting", progress: "is being paid" } });
  await engine.advance("1 minute");
  expect(await ask("ann", `/runs/${String(id)}`)).toMatchObject({ body: { status: "completed", value: { paid: true } } });
  expect(new Set(pay.mock.calls.map(([, key]) => key)).size).toBe(1);
  expect(pay).toHaveBeenCalledTimes(2);
});

it("is refused when nobody answers", async () => {
  const { body: { id } } = await ask("ann", "/runs", claim());
  await engine.advance("2 days");
  expect((await ask("ann", `/runs/${String(id)}`)).body).toMatchObject({ value: { paid: false, note: "nobody answered" } });
});

it("everybody has their own part in it", async () => {
  const { body: { id } } = await ask("ann", "/runs", claim());
  const { body: { id: own } } = await ask("max", "/runs", claim());
  const run = `/runs/${String(id)}`;
  const none = await ask("ann", "/runs/none");
  expect(none.status).toBe(404);
  expect(await Promise.all([
    ask("nobody", "/runs", claim()), ask("nobody", run), ask("bob", run), ask("bob", `${run}/events`), ask("ann", `${run}/continue`, yes), ask("bob", `${run}/cancel`, {}),
    ask("max", `/runs/${String(own)}/continue`, yes), ask("max", `${run}/send`, yes), ask("ann", "/runs/settle", { token: "x" }),
  ])).toEqual(Array.from({ length: 9 }, () => none));
  expect((await engine.find({ status: "waiting" })).runs.map(({ index }) => index)).toEqual([{ owner: "ann" }, { owner: "max" }]);
  expect(await ask("ann", `${run}/cancel`, { reason: "my mistake" })).toMatchObject({ status: 200, body: { status: "cancelled" } });
});

it("takes no expense that is none", async () => {
  expect(await ask("ann", "/runs", claim(-5))).toMatchObject({ status: 422, body: { code: "INVALID_INPUT", detail: expect.stringContaining("amount") } });
  expect((await engine.find()).runs).toEqual([]);
});
