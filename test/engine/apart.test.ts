// Large runs are stored in parts: what a commit did not change is not written again, and nothing else is different.

import { deflow, listen, run, sleep, step } from "deflow";
import { expect, it } from "vitest";
import { memory } from "../../runtime/stores/memory.ts";
import { createEngine } from "../../runtime/engine/engine.ts";
import type { Store } from "../../runtime/store.ts";
import { onEachStore } from "./engines.ts";
import { countWritten, sum } from "./written.ts";

const rowsOf = (count: number) => Array.from({ length: count }, (_, id) => ({ id, name: `row number ${id}`, tags: ["a", "b", `tag ${id}`] }));

const unchanged = deflow(async function unchanged(commits: number) {
  const rows = rowsOf(15_500);
  let sum = 0;
  for (let n = 0; n < commits; n++) sum += await step("add", () => 1);
  const word = await listen("word");
  return [rows.length, sum, word];
});

const paid = deflow(async function paid() {
  const orders = Array.from({ length: 2_000 }, (_, id) => ({ id, status: "open" }));
  const ids: number[] = [];
  for (;;) {
    const id = await listen("pay") as number;
    if (id < 0) break;
    const order = orders.find((one) => one.id === id) as (typeof orders)[number];
    order.status = "paid";
    await step("charge", () => 1);
    await step("mail", () => 1);
    ids.push(order.id);
    await step("report", () => 1);
  }
  return [ids, orders.filter(({ status }) => status === "paid").map(({ id }) => id)];
});

/** Each step ends by itself, one commit for each. */
let waiting: (() => void)[] = [];

const fan = deflow(async function fan(count: number, inTurn: boolean) {
  const one = async (item: { n: number }): Promise<string> => await step("work", async () => {
    if (inTurn) await new Promise<void>((resolve) => waiting.push(resolve));
    return `result ${item.n}`;
  });
  return (await Promise.all(Array.from({ length: count }, (_, n) => one({ n })))).join(" ");
});

const growing = deflow(async function growing(count: number) {
  const results: string[] = [];
  for (let n = 0; n < count; n++) results.push(await step("next", () => `the result of step number ${n}, ${"and more ".repeat(10)}`));
  return results.length;
});

const shared = deflow(async function shared() {
  const rows = rowsOf(300) as { id: number; name: string; tags: string[]; self?: unknown }[];
  const tenth = rows[10] as (typeof rows)[number];
  tenth.self = rows;
  const when = new Map([[tenth, new Date(7)]]);
  const rename = (name: string): void => void (tenth.name = name);
  const one = async (n: number): Promise<boolean> => {
    rename(await listen(`name ${n}`) as string);
    return rows[10] === tenth && tenth.self === rows;
  };
  const same = await Promise.all(Array.from({ length: 20 }, (_, n) => one(n)));
  return [same.every(Boolean), rows[10]?.name, when.get(rows[10] as typeof tenth)?.getTime()];
});

const growsAndShrinks = deflow(async function growsAndShrinks() {
  run.index({ size: "small" });
  let note = await listen("a") as string;
  const first = note.length;
  const more = await listen("b") as string;
  note = note.slice(0, 1) + more;
  await sleep("1 minute");
  return [first, note.length];
});

const flows = { unchanged, fan, growing, shared, growsAndShrinks, paid };

async function partsOf(store: Store, id: string): Promise<number> {
  return (await store.load(id))?.parts.size ?? -1;
}

onEachStore(flows, (bench) => {
  it("what is changed by way of a variable that is there for a while stays changed", async () => {
    const { id } = await bench().engine().start(paid, []);
    for (const order of [5, 6, 7]) await bench().engine().continue(id, "pay", order);
    expect(await bench().engine().continue(id, "pay", -1)).toMatchObject({ status: "completed", value: [[5, 6, 7], [5, 6, 7]] });
  });

  it("a megabyte that does not change costs under 1 KB of each later commit", async () => {
    const written = countWritten(bench().store, "r");
    const engine = bench().engine();
    expect(await engine.start(unchanged, [6], { id: "r" })).toMatchObject({ status: "waiting" });
    expect(written.largest).toBeGreaterThan(1_000_000);
    expect(written.commits).toHaveLength(7);
    expect(Math.max(...written.commits.slice(1))).toBeLessThan(1_024);
    expect(await bench().engine().continue("r", "word", "x")).toMatchObject({ status: "completed", value: [15_500, 6, "x"] });
    expect(await partsOf(bench().store, "r")).toBe(0);
    expect(bench().warnings().filter((message) => message.includes("KB"))).toHaveLength(1);
  });

  it("a fan-out writes little more than its largest state, also where each step is a commit of its own", async () => {
    for (const inTurn of [false, true]) {
      const id = `fan ${inTurn}`;
      const written = countWritten(bench().store, id);
      const count = 120;
      waiting = [];
      const started = bench().engine().start(fan, [count, inTurn], { id });
      if (inTurn) {
        for (let ended = 0; ended < count; ended++) {
          while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
          const { length } = written.commits;
          waiting.shift()?.();
          while (written.commits.length === length) await new Promise((resolve) => setImmediate(resolve));
        }
      }
      expect(await started).toMatchObject({ status: "completed", value: expect.stringContaining("result 119") });
      expect(written.commits.length).toBeGreaterThan(inTurn ? count : 3);
      expect(sum(written.commits) / written.largest).toBeLessThan(inTurn ? 20 : 5);
    }
  });

  it("a list that grows costs its end", async () => {
    const written = countWritten(bench().store, "r");
    await bench().engine().start(growing, [300], { id: "r" });
    expect(sum(written.commits) / 301).toBeLessThan(written.largest / 8);
    expect(Math.max(...written.commits.slice(-20))).toBeLessThan(4_096);
  });

  it("identity holds across parts, from process to process", async () => {
    await bench().engine().start(shared, [], { id: "r" });
    expect(await partsOf(bench().store, "r")).toBeGreaterThan(10);
    for (let n = 19; n > 0; n--) expect(await bench().engine().continue("r", `name ${n}`, `called ${n}`)).toMatchObject({ status: "waiting" });
    expect(await bench().engine().continue("r", "name 0", "last")).toMatchObject({ status: "completed", value: [true, "last", 7] });
  });

  it("a run may grow large and small again", async () => {
    const engine = bench().engine();
    await engine.start(growsAndShrinks, [], { id: "r" });
    expect(await partsOf(bench().store, "r")).toBe(0);
    await engine.continue("r", "a", "x".repeat(50_000));
    expect(await partsOf(bench().store, "r")).toBe(1);
    await engine.continue("r", "b", "y");
    expect(await partsOf(bench().store, "r")).toBe(0);
    await bench().clock.advance(60_000);
    await engine.tick();
    expect(await engine.get("r")).toMatchObject({ status: "completed", value: [50_000, 2] });
  });

  it("many waits are found, inspected, forked", async () => {
    const engine = bench().engine();
    await engine.start(manyListens, [250], { id: "r" });
    expect(await partsOf(bench().store, "r")).toBeGreaterThan(50);
    const { runs } = await engine.find({ status: "waiting" });
    expect(runs.map(({ id, waits }) => [id, waits.length])).toEqual([["r", 250]]);
    expect((await engine.waits({ context: "s 249" })).waits).toMatchObject([{ runId: "r", context: "s 249" }]);
    expect((await engine.inspect("r")).strands).toHaveLength(251);
    const fork = await engine.fork("r", { id: "f" });
    expect(fork.waits).toHaveLength(250);
    for (const id of ["r", "f"]) {
      await engine.continue(id, "s 7", id);
      expect((await engine.get(id)).waits).toHaveLength(249);
    }
    await engine.cancel("r", "enough");
    expect(await engine.get("r")).toMatchObject({ status: "cancelled", waits: [] });
    expect(await partsOf(bench().store, "r")).toBe(0);
  });

  it("a turn that fails keeps all of the last commit for retry", async () => {
    const engine = bench().engine();
    fails = true;
    await engine.start(failsOnce, [], { id: "r" });
    const before = await partsOf(bench().store, "r");
    expect(before).toBeGreaterThan(3);
    expect(await engine.continue("r", "go", 1)).toMatchObject({ status: "failed" });
    expect(await partsOf(bench().store, "r")).toBe(before);
    fails = false;
    expect(await engine.retry("r")).toMatchObject({ status: "completed", value: 300 });
  });
});

const manyListens = deflow(async function manyListens(count: number) {
  const one = async (n: number): Promise<unknown> => await listen(`s ${n}`);
  return (await Promise.all(Array.from({ length: count }, (_, n) => one(n)))).length;
});

let fails = true;
const failsOnce = deflow(async function failsOnce() {
  const rows = rowsOf(300);
  await listen("go");
  rows.push(...rowsOf(100));
  if (fails) throw new Error("no");
  return rows.length - 100;
});
Object.assign(flows, { manyListens, failsOnce });

it("a run some part of which is lost or changed is corrupt, and left as it is", async () => {
  const store = memory();
  const engine = createEngine({ store, flows: { unchanged }, logger: { debug() {}, info() {}, warn() {}, error() {} } });
  await engine.start(unchanged, [0], { id: "r" });
  const load = store.load.bind(store);
  const damaged = async (damage: (parts: Map<string, string>) => void): Promise<void> => {
    store.load = async (id) => {
      const row = await load(id);
      const parts = new Map(row?.parts);
      damage(parts);
      return row && { ...row, parts };
    };
    await expect(engine.continue("r", "word", "x")).rejects.toMatchObject({ code: "CORRUPT_FRAME" });
    await expect(engine.inspect("r")).rejects.toMatchObject({ code: "CORRUPT_FRAME" });
    store.load = load;
  };
  const [key] = [...((await load("r"))?.parts.keys() ?? [])] as [string];
  await damaged((parts) => parts.delete(key));
  await damaged((parts) => parts.set("frame/strands/9", "1"));
  await damaged((parts) => parts.set(key, "]"));
  expect(await engine.continue("r", "word", "x")).toMatchObject({ status: "completed" });
  await engine.close();
});
