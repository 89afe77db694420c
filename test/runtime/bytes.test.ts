// What a stored frame of plain data may weigh beside the JSON of its locals: 300 bytes for the run, its one strand and its one
// operation, 120 for each further strand or operation, 40 for each cell. Bytes are exact, so this is no benchmark. The promises
// of strands and combinators count for nothing, although they stand among the operations.

import { deflow, listen, sleep } from "deflow";
import { expect, test } from "vitest";
import { modes, Play } from "./turns.ts";

const expense = { id: "e-1021", amount: 129.5, currency: "EUR", purpose: "Train to Lyon", manager: "ada@example.com", paid: false };
const orders = Array.from({ length: 40 }, (_, n) => ({ id: `o-${n}`, note: null, lines: [{ sku: `A-${n}`, count: n, price: 12.5 }, { sku: `B-${n}`, count: 2, price: 0 }] }));

const approve = deflow(async function approve(given: typeof expense) {
  for (let reminders = 0; reminders < 3; reminders++) if (await listen("decision", { timeout: "2 days", default: null })) return given.id;
  return null;
});

const large = deflow(async function large(given: typeof orders) {
  let total = 0;
  for (let index = 0; index < given.length; index++) total += await listen("price") as number;
  return total;
});

const nothing = deflow(async function nothing() {
  await sleep("1 day");
});

const fanOut = deflow(async function fanOut(count: number) {
  const one = async (item: string): Promise<string> => {
    const answer = await listen(item);
    return `${item}: ${String(answer)}`;
  };
  return await Promise.all(Array.from({ length: count }, (_, n) => one(`item-${n}`)));
});

const counters = deflow(async function counters() {
  let hits = 0, misses = 0, errors = 0, last = "";
  const count = (what: string): void => {
    last = what;
    if (what === "hit") hits++;
    else if (what === "miss") misses++;
    else errors++;
  };
  for (let n = 0; n < 10; n++) count(await listen("what") as string);
  return [hits, misses, errors, last];
});

const fanned = (count: number): object[] => Array.from({ length: count }, (_, n) => ({ item: `item-${n}` }));

test.each([
  { name: "the README's flow", flow: approve, args: [expense], locals: [{ given: expense, reminders: 0 }], strands: 1, ops: 1, cells: 0 },
  { name: "forty orders", flow: large, args: [orders], locals: [{ given: orders, total: 0, index: 0 }], strands: 1, ops: 1, cells: 0 },
  { name: "no locals", flow: nothing, args: [], locals: [{}], strands: 1, ops: 1, cells: 0 },
  { name: "two strands", flow: fanOut, args: [2], locals: fanned(2), strands: 3, ops: 2, cells: 0 },
  { name: "a hundred strands", flow: fanOut, args: [100], locals: fanned(100), strands: 101, ops: 100, cells: 0 },
  { name: "four cells", flow: counters, args: [], locals: [{ n: 0, hits: 0, misses: 0, errors: 0, last: "" }], strands: 1, ops: 1, cells: 4 },
])("$name", async ({ flow, args, locals, strands, ops, cells }) => {
  const play = new Play(modes[0] as (typeof modes)[0]);
  await play.begin(flow as never, ...(args as never[]));
  const { record } = play;
  expect([record.strands.length, record.ops.filter((op) => "seq" in op).length]).toEqual([strands, ops]);
  const floor = locals.map((of) => JSON.stringify(of).length).reduce((sum, length) => sum + length, 0);
  expect(play.last.frame.length - floor).toBeLessThanOrEqual(300 + 120 * (strands - 1 + ops - 1) + 40 * cells);
});
