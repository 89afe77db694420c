// What runtime/engine/COST.md says of the calls to a store is what they are: counted here, on memory and on SQLite. UPDATE=1 writes the
// page's table.

import { readFileSync, writeFileSync } from "node:fs";
import { callback, createEngine, deflow, type Engine, type Flow, listen, memory, respond, sleep, start, step, type Store } from "deflow";
import { SimulatedClock } from "deflow/testing";
import { expect, it } from "vitest";
import { SqliteStore } from "../../runtime/stores/sqlite.ts";
import { open } from "../../runtime/stores/sqlite/open.ts";
import { isCall } from "../stores/calls.ts";

const page = new URL("../../runtime/engine/COST.md", import.meta.url);

const ends = deflow(async function costEnds() {});

const waits = deflow(async function costWaits() {
  for (;;) await listen("word");
});

const answers = deflow(async function costAnswers() {
  for (;;) {
    await listen("word");
    respond("a", "b", "c");
  }
});

const steps = deflow(async function costSteps(count: number) {
  for (let n = 0; n < count; n++) await step("act", () => n);
});

const wide = deflow(async function costWide(count: number) {
  await Promise.all(Array.from({ length: count }, (_, n) => step("act", () => n)));
});

const once = deflow(async function costOnce() {
  await step.once("act", () => 1);
});

const tx = deflow(async function costTx() {
  await step.tx("act", () => 1);
});

const fails = deflow(async function costFails() {
  await step("act", ({ attempt }) => {
    if (attempt === 1) throw new Error("not yet");
  }, { retry: { attempts: 2, delay: "1 minute", jitter: false } });
});

const sleeps = deflow(async function costSleeps() {
  await sleep("1 minute");
});

const asks = deflow(async function costAsks() {
  const answer = callback();
  respond(answer.token);
  await answer;
});

const parent = deflow(async function costParent() {
  await start(ends, []);
});

const waitingParent = deflow(async function costWaitingParent() {
  await (await start(ends, [])).result();
});

const flows: Readonly<Record<string, Flow<never[], unknown>>> = { ends, waits, answers, steps, wide, once, tx, fails, sleeps, asks, parent, waitingParent };

interface Scene {
  readonly engine: Engine;
  readonly clock: SimulatedClock;
}

interface Case {
  /** What comes before, and is not counted; gives what `act` needs. */
  readonly before?: (scene: Scene) => Promise<string>;
  readonly act: (scene: Scene, given: string) => Promise<unknown>;
  /** On stores with transactions alone. */
  readonly transactions?: true;
}

const minute = 60_000;
const isThere = (flow: Flow<[], unknown>) => async ({ engine }: Scene): Promise<string> => (await engine.start(flow, [], { id: "r" })).id;
const aMinuteAfter = (flow: Flow<[], unknown>) => async (scene: Scene): Promise<string> => {
  const id = await isThere(flow)(scene);
  await scene.engine.tick();
  await scene.clock.advance(minute);
  return id;
};

const cases: Readonly<Record<string, Case>> = {
  "`start`, the run ends at once": { act: ({ engine }) => engine.start(ends, []) },
  "`start`, the run waits": { act: ({ engine }) => engine.start(waits, []) },
  "`start` with an `id`": { act: ({ engine }) => engine.start(waits, [], { id: "r" }) },
  "`start` with an `id` that is there": { before: isThere(waits), act: ({ engine }) => engine.start(waits, [], { id: "r" }) },
  "`start` with a `queue`: stored, not begun": { act: ({ engine }) => engine.start(waits, [], { queue: "q" }) },
  "`continue`, the run waits again": { before: isThere(waits), act: ({ engine }, id) => engine.continue(id, "word", 1) },
  "the same with an `eventId`": { before: isThere(waits), act: ({ engine }, id) => engine.continue(id, "word", 1, { eventId: "e" }) },
  "the same again: a repetition": {
    before: async ({ engine }) => (await engine.continue(await engine.start(waits, [], { id: "r" }), "word", 1, { eventId: "e" })).id,
    act: ({ engine }, id) => engine.continue(id, "word", 1, { eventId: "e" }),
  },
  "`continue` that is refused": { before: isThere(waits), act: ({ engine }, id) => engine.continue(id, "other", 1).catch(() => {}) },
  "`continue`, the flow responds three times": { before: isThere(answers), act: ({ engine }, id) => engine.continue(id, "word", 1) },
  "`send` to a run that listens": { before: isThere(waits), act: ({ engine }, id) => engine.send(id, "word", 1) },
  "`send` to a run that does not": { before: isThere(waits), act: ({ engine }, id) => engine.send(id, "other", 1) },
  "`settle`": {
    before: async ({ engine }) => String((await engine.start(asks, [], { id: "r" })).responses[0]),
    act: ({ engine }, token) => engine.settle(token, 1),
  },
  "`start`, one step": { act: ({ engine }) => engine.start(steps, [1]) },
  "`start`, ten steps in a row": { act: ({ engine }) => engine.start(steps, [10]) },
  "`start`, ten steps at once": { act: ({ engine }) => engine.start(wide, [10]) },
  "`start`, one `step.once`": { act: ({ engine }) => engine.start(once, []) },
  "`start`, one `step.tx`": { transactions: true, act: ({ engine }) => engine.start(tx, []) },
  "`start`, a step that fails and has attempts left": { act: ({ engine }) => engine.start(fails, []) },
  "`tick`, its next attempt": { before: aMinuteAfter(fails), act: ({ engine }) => engine.tick() },
  "`start`, a sleep": { act: ({ engine }) => engine.start(sleeps, []) },
  "`tick`, the sleep is over": { before: aMinuteAfter(sleeps), act: ({ engine }) => engine.tick() },
  "`tick`, nothing is due": { before: aMinuteAfter(waits), act: ({ engine }) => engine.tick() },
  "`start`, a child run that nobody waits for": { act: ({ engine }) => engine.start(parent, []) },
  "`start`, a child run and its result": { act: ({ engine }) => engine.start(waitingParent, []) },
  "`fork`": { before: isThere(waits), act: ({ engine }, id) => engine.fork(id) },
  "`cancel`": { before: isThere(waits), act: ({ engine }, id) => engine.cancel(id) },
  "`kill`": { before: isThere(waits), act: ({ engine }, id) => engine.kill(id) },
  "`get`, `inspect`, `logs`, `history`, all four": {
    before: isThere(waits),
    act: async ({ engine }, id) => [await engine.get(id), await engine.inspect(id), await engine.logs(id), await engine.history(id)],
  },
  "`find`, `waits`, a page of each": { before: isThere(waits), act: async ({ engine }) => [await engine.find(), await engine.waits()] },
};

const reading: ReadonlySet<string> = new Set(["load", "find", "outbox", "shapes"]);

/** Counts the calls of `store`, by method, from each `reset` on. */
function counted(store: Store): { readonly store: Store; reset(): void; told(those: (method: string) => boolean): string } {
  const calls = new Map<string, number>();
  const count = (method: string): void => void calls.set(method, (calls.get(method) ?? 0) + 1);
  const { transactions } = store;
  const counting = new Proxy(store, {
    get(target, name: keyof Store) {
      if (name === "transactions") return transactions && { ...transactions, transact: (...args: Parameters<typeof transactions.transact>) => (count("transact"), transactions.transact(...args)) };
      if (!isCall(name)) return undefined;
      return (...args: unknown[]) => (count(name), (target[name] as (...args: unknown[]) => unknown).apply(target, args));
    },
  });
  return {
    store: counting,
    reset: () => calls.clear(),
    told: (those) => [...calls].filter(([method]) => those(method)).toSorted().map(([method, times]) => (times === 1 ? method : `${times} ${method}`)).join(", "),
  };
}

const beforeCounting = new WeakMap<Store, () => void>();

/** Reads and writes, as the page has them. */
async function cost({ before, act }: Case, store: Store): Promise<string> {
  const calls = counted(store);
  const clock = new SimulatedClock(1_700_000_000_000);
  const engine = createEngine({ store: calls.store, flows, clock, logger: { debug() {}, info() {}, warn() {}, error() {} } });
  const given = await before?.({ engine, clock }) ?? "";
  await engine.idle();
  calls.reset();
  beforeCounting.get(store)?.();
  await act({ engine, clock }, given);
  await engine.idle();
  const told = `${calls.told((method) => reading.has(method))} | ${calls.told((method) => !reading.has(method))}`;
  await engine.close();
  return told;
}

/** On SQLite, with how many rows were inserted, updated and deleted. */
async function costOnSqlite(one: Case): Promise<{ told: string; rows: number }> {
  const database = open(":memory:", {});
  const store = new SqliteStore(database, ":memory:");
  const total = (): number => Number(database.prepare("select total_changes() as changes").get()?.["changes"]);
  let start = 0;
  beforeCounting.set(store, () => void (start = total()));
  const told = await cost(one, store);
  const rows = total() - start;
  await store.close();
  return { told, rows };
}

async function line(what: string, one: Case): Promise<string> {
  const { told, rows } = await costOnSqlite(one);
  // The engine asks both for the same.
  if (!one.transactions) expect(await cost(one, memory()), what).toBe(told);
  const [reads, writes] = told.split(" | ");
  return `| ${what} | ${reads} | ${writes} | ${rows} |`.replaceAll("|  |", "| |");
}

it("a call costs what its page says", async () => {
  const lines: string[] = [];
  for (const [what, one] of Object.entries(cases)) lines.push(await line(what, one));
  const table = /(?<=\| rows \|\n\|[-| ]+\n)(?:\|.*\n)+/;
  const text = readFileSync(page, "utf8");
  if (process.env["UPDATE"]) writeFileSync(page, text.replace(table, () => `${lines.join("\n")}\n`));
  expect(table.exec(readFileSync(page, "utf8"))?.[0]).toBe(`${lines.join("\n")}\n`);
});
