import { isDeflowError } from "deflow";
import { testEngine } from "deflow/testing";
import { beforeEach, expect, it, vi } from "vitest";
import { showsWhatItPrints } from "../console.ts";
import { processes } from "../processes.ts";
import { type Document, missing, opinion, receive, sorting, world } from "./pipeline.ts";
import { office, reader } from "./rules.ts";

showsWhatItPrints(new URL(".", import.meta.url));

let done: string[];

beforeEach(() => {
  done = [];
  world.reader = { ...reader };
  world.office = office((text) => void done.push(text));
});

const start = async (text: string) => {
  const engine = testEngine({ flows: { receive } });
  return { engine, run: await engine.start(receive, [{ name: "d", text } satisfies Document]) };
};

it.each([
  ["invoice of 50 EUR", "invoice", "paid 50 EUR", ["pay 50 EUR for d", "archive d"]],
  ["we agree. Clause 1: May. Clause 2: June", "contract", "signed, 2 clauses", ["archive d"]],
  ["it is broken", "complaint", "answered", ["answer d", "archive d"]],
  ["it is broken, answer immediately", "complaint", "answered by a person", ["answer d today", "archive d"]],
  ["hello", "other", "nothing to do", ["archive d"]],
])("%s: %s, %s", async (text, kind, outcome, effects) => {
  const { engine, run } = await start(text);
  expect([run, done]).toMatchObject([{ status: "completed", value: { kind, outcome }, index: { document: "d" }, progress: kind }, effects]);
  await engine.close();
});

it("asks for what an invoice does not say, and sends it back after five days", async () => {
  const { engine, run } = await start("invoice");
  expect(run.waits).toMatchObject([{ context: "missing amount", prompt: "What is the amount of d?" }]);
  await expect(engine.continue(run, missing, { amount: -1 })).rejects.toSatisfy((error) => isDeflowError(error, "INVALID_INPUT"));
  await engine.advance("5 days");
  expect(await engine.get(run)).toMatchObject({ value: { outcome: "sent back: no amount" } });
  expect(done).toEqual(["archive d"]);
  await engine.close();
});

it("a clerk knows better than a classifier", async () => {
  const { engine, run } = await start("agree to pay");
  expect(run.waits).toMatchObject([{ context: "sorting" }]);
  expect(await engine.continue(run, sorting, { kind: "complaint" })).toMatchObject({ value: { kind: "complaint" } });
  await engine.close();
});

it("what nobody minds is cancelled after thirty days, and archived", async () => {
  const { engine, run } = await start("agree. Clause 1: perpetual");
  await engine.advance("30 days");
  expect(await engine.get(run)).toMatchObject({ status: "cancelled" });
  await expect(engine.continue(run, opinion, { sign: true })).rejects.toMatchObject({ code: "RUN_ENDED" });
  expect(done).toEqual(["archive d"]);
  await engine.close();
});

it("a contract of forty clauses goes on where the process died, with the judgements that were stored", async () => {
  const risk = vi.fn(async (clause: string): Promise<"low" | "high"> => (risk.mock.calls.length === 38 ? await new Promise<never>(() => {}) : reader.risk(clause)));
  world.reader = { ...reader, risk };
  const text = `agree ${Array.from({ length: 40 }, (_, n) => `Clause ${n + 1}: ${n === 6 ? "perpetual" : "May"}.`).join(" ")}`;
  await processes({ flows: { receive } }, async ({ next }) => {
    void next().start(receive, [{ name: "d", text }], { id: "d" });
    await vi.waitFor(() => expect(risk.mock.calls.length).toBe(40), 20_000);
    await vi.waitFor(async () => expect((await next().get("d")).waits.filter(({ kind }) => kind === "step")).toHaveLength(1), 20_000);
    const second = next(31_000);
    await second.tick();
    expect((await second.get("d")).waits).toMatchObject([{ context: "opinion", prompt: "Sign d? Clause 7: perpetual." }]);
    expect(await second.continue("d", opinion, { sign: true })).toMatchObject({ value: { outcome: "signed in spite of 1 of 40 clauses" } });
  });
  expect(risk).toHaveBeenCalledTimes(41);
});
