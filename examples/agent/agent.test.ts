import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { showsWhatItPrints } from "../console.ts";
import { processes } from "../processes.ts";
import { agent, review, world } from "./agent.ts";
import { entriesOf, model, toolsOf } from "./office.ts";

showsWhatItPrints(new URL(".", import.meta.url));

let folder: string;
let ledger: string;
let thoughts: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-"));
  ledger = join(folder, "ledger.jsonl");
  thoughts = [];
  world.model = (transcript, key) => (thoughts.push(key), model(transcript));
  world.tools = toolsOf(ledger);
});

afterEach(() => rmSync(folder, { recursive: true }));

const calls = (): string[] => entriesOf(ledger).map(({ tool, input }) => `${tool} ${input}`);

it("takes a hundred turns, with two questions to people", async () => {
  const engine = testEngine({ flows: { agent } });
  const first = await engine.start(agent, ["go"]);
  expect(first).toMatchObject({ status: "waiting", responses: ["Pay invoice 20, 12400 EUR?"], progress: "turn 40: pay 20" });
  const second = await engine.continue(first, review, { ok: true });
  expect(second).toMatchObject({ responses: ["Pay invoice 41, 8900 EUR?"], progress: "turn 82: pay 41" });
  expect(await engine.continue(first, review, { ok: false })).toMatchObject({ status: "completed", value: { turns: 100, answer: "49 invoices are paid, 1 not" } });
  expect([calls().length, thoughts.length, new Set(calls()).size, new Set(thoughts).size]).toEqual([99, 101, 99, 101]);
  await engine.close();
});

it("does not pay when nobody looks for a week", async () => {
  const engine = testEngine({ flows: { agent } });
  const run = await engine.start(agent, ["go"]);
  await engine.advance("7 days");
  await engine.advance("7 days");
  expect(await engine.get(run)).toMatchObject({ status: "completed", value: { answer: "48 invoices are paid, 2 not" } });
  await engine.close();
});

it("tells the model when a tool fails for good, or is not there", async () => {
  const moves = ["dig", "read"];
  world.model = async (transcript) => (moves.length > 0 ? { tool: moves.shift() ?? "", input: 1 } : { done: transcript.filter(({ from }) => from === "tool").map(({ text }) => text).join("; ") });
  world.tools = { read: { call: async () => { throw new Error("torn"); } } };
  const engine = testEngine({ flows: { agent } });
  const run = await engine.start(agent, ["go"]);
  await engine.advance("1 hour");
  expect(await engine.get(run)).toMatchObject({ value: { turns: 2, answer: "failed: Error: there is no tool dig; failed: Error: torn" } });
  await engine.close();
});

it.each([1, 2, 17, 38, 39])("dies inside call %i: that one is made again under its key, and no other", async (deadly) => {
  let isDead = false;
  const hangs = new Promise<void>(() => {});
  const tools = toolsOf(ledger);
  world.tools = Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, {
    ...tool,
    async call(input: number, key: string, attempt: number) {
      const result = await tool.call(input, key, attempt);
      if (!isDead && entriesOf(ledger).length === deadly) {
        isDead = true;
        await hangs;
      }
      return result;
    },
  }]));
  await processes({ flows: { agent } }, async ({ next }) => {
    void next().start(agent, ["go"], { id: "a" });
    await vi.waitFor(() => expect(isDead).toBe(true), { timeout: 20_000 });
    const second = next(31_000);
    await second.tick();
    expect(await second.get("a")).toMatchObject({ status: "waiting", progress: "turn 40: pay 20" });
  });
  const entries = entriesOf(ledger);
  expect([entries.length, new Set(calls()).size]).toEqual([40, 39]);
  expect(entries.filter(({ attempt }) => attempt === 2).map(({ key }) => key)).toEqual([entries[deadly - 1]?.key]);
  expect(new Set(thoughts).size).toBe(thoughts.length);
});
