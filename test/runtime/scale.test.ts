// Sizes that nobody plans and programs reach: a thousand strands, many turns of a loop, deep recursion, wide combinators.

import { deflow, listen } from "deflow";
import { expect, test } from "vitest";
import { modes, Play } from "./turns.ts";

const plain = modes[0] as (typeof modes)[0];

const turns = deflow(async function turns(count: number) {
  let sum = 0, heights = 0;
  for (let index = 0; index < count; index++) {
    sum += await index;
    if (index % 10_000 === 1) heights = Math.max(heights, new Error("here").stack?.split("\n").length ?? 0);
  }
  return { sum, heights };
});

test("100,000 turns of a loop without a stop: the stack does not grow", async () => {
  const { status, value } = (await new Play(plain).begin(turns, 100_000)) as { status: string; value: { sum: number; heights: number } };
  expect([status, value.sum]).toEqual(["completed", 4_999_950_000]);
  expect(value.heights).toBeLessThan(20);
});

const deep = deflow(async function deep(depth: number) {
  const down = async (left: number): Promise<number> => (left === 0 ? 0 : 1 + await down(left - 1));
  return await down(depth);
});

test("recursion of 1,000 async functions", async () => {
  expect(await new Play(plain).begin(deep, 1_000)).toMatchObject({ status: "completed", value: 1_000 });
});

const wide = deflow(async function wide(members: number) {
  const one = async (n: number): Promise<number> => await n;
  const all = await Promise.all(Array.from({ length: members }, (_, n) => one(n)));
  const settled = await Promise.allSettled(all.map((n) => one(n)));
  const first = await Promise.race(all.map((n) => one(n)));
  const any = await Promise.any(all.map((n) => one(n)));
  return [all.length, all.at(-1), settled.length, settled.at(-1), first, any];
});

test("combinators over 10,000 members", async () => {
  const { value } = (await new Play(plain).begin(wide, 10_000)) as { value?: unknown };
  expect(value).toEqual([10_000, 9_999, 10_000, { status: "fulfilled", value: 9_999 }, 0, 0]);
});

const many = deflow(async function many(strands: number) {
  const one = async (n: number): Promise<number> => (await listen(`s${n}`) as number) + n;
  return await Promise.all(Array.from({ length: strands }, (_, n) => one(n)));
});

/** Bytes of a frame for each strand in it. */
async function bytesPerStrand(strands: number): Promise<number> {
  const play = new Play(plain);
  await play.begin(many, strands);
  expect(play.record.strands).toHaveLength(strands + 1);
  return play.last.frame.length / strands;
}

test("a thousand strands weigh as much each as a hundred", async () => {
  expect(await bytesPerStrand(1_000)).toBeLessThan(await bytesPerStrand(100) * 1.1);
});

test("a thousand strands are stored, and each goes on", async () => {
  const play = new Play(plain);
  await play.begin(many, 1_000);
  await play.send("s999", 1);
  await play.send("s0", 1);
  expect(play.last.waits).toHaveLength(998);
});
