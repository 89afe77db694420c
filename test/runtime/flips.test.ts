// Every bit of a stored frame flipped, one at a time. What is read back is another frame, a typed error, or a run that has
// failed with one: what the machine goes on with is not missed in the midst of the flow, where its `catch` would take it.
//
// A frame has no checksum. Data that was changed into other data is other data, and so is the name of a captured variable or
// what a reference points to: the flow then finds what it would find if its own code had put it there.

import { createEngine, deflow, isDeflowError, listen, memory, resume } from "deflow";
import { expect, test } from "vitest";
import { restoreRun } from "../../runtime/record/restore.ts";
import { modes, Play, type Mode } from "./turns.ts";

const caught: unknown[] = [];
const disposed: number[] = [];

const walks = deflow(async function flipWalks() {
  function* pairs(): Generator<unknown> {
    for (const pair of new Map([["k", 1]])) yield pair;
  }
  const started = pairs();
  started.next();
  let seen = 0;
  try {
    for (const letter of "ab") {
      for (const one of new Set([1])) {
        for (const key in { a: 1 }) {
          for await (const n of [1, 2]) {
            await using held = { [Symbol.asyncDispose]: async () => void disposed.push(1) };
            await listen("n");
            seen += n + one + letter.length + key.length + (held ? 1 : 0);
          }
        }
      }
    }
  } catch (error) {
    caught.push(error);
    throw error;
  }
  return [seen, started.next()];
});

const captures = deflow(async function flipCaptures(input: { name: string }) {
  let total = 0;
  let list: number[] = [];
  const add = (n: number): number => (total += n);
  const push = (n: number): number => list.push(n);
  const both = (n: number): number => add(n) + push(n);
  const twice = both.bind(null, 2);
  class Base {
    #hidden = 1;
    add(n: number): number { return (this.#hidden += n); }
  }
  class Derived extends Base {
    y = () => this;
  }
  const derived = new Derived();
  const map = new Map<unknown, unknown>([[derived, add]]);
  const shared = { input, map, add };
  const tasks = [1, 2].map(async (one) => {
    add(one);
    await listen("m");
    return push(one);
  });
  const chain = listen("a").then((value) => push(Number(value)));
  const n = await Promise.race([listen("n"), ...tasks, chain]) as number;
  list = [...list, n];
  return [total, both(n), twice(), derived.add(n), derived.y(), map.size, shared.add(1)];
});

test("any reference to any other place: what the flow cannot have put there is refused, and never met in the midst of the runtime", async () => {
  const play = new Play(modes[0] as Mode);
  await play.begin(captures, { name: "x" });
  const { id: _, ...options } = play.options;
  const { frame } = play.last;
  const counts = { read: 0, refused: 0, failed: 0 };
  const others: unknown[] = [];
  const places = (JSON.parse(frame) as { heap: unknown[] }).heap.length;
  for (const { index, 0: whole, 1: name, 2: number } of frame.matchAll(/("(?:\$ref|\$p|on|strand|then)":)(\d+)/g)) {
    for (let place = 0; place <= places; place++) {
      if (place === Number(number)) continue;
      try {
        const turn = await resume(frame.slice(0, index) + String(name) + place + frame.slice(index + whole.length), "n", 1, options);
        counts[turn.status === "failed" ? "failed" : "read"]++;
        if (turn.status === "failed" && turn.error.code === undefined && !/^.*\n +at [^\n]*flips\.test\.ts/.test(turn.error.stack ?? "")) others.push([name, number, place, turn.error]);
      } catch (error) {
        if (!isDeflowError(error)) throw error;
        counts.refused++;
      }
    }
  }
  expect(others).toEqual([]);
  expect(Math.min(counts.read, counts.refused, counts.failed)).toBeGreaterThan(20);
});

const wide = deflow(async function flipWide() {
  const rows: { id: number; name: string; all?: unknown }[] = Array.from({ length: 300 }, (_, id) => ({ id, name: `row number ${id}` }));
  (rows[10] as (typeof rows)[number]).all = rows;
  const when = new Map([[rows[10], new Date(7)]]);
  const name = (text: string): void => void ((rows[10] as (typeof rows)[number]).name = text);
  await Promise.all(Array.from({ length: 20 }, async (_, n) => name(String(await listen(`name ${n}`)))));
  return [rows.length, when.size];
});

test("a frame in parts: bits, keys and references of each", async () => {
  const store = memory();
  await createEngine({ store, flows: { wide } }).start(wide, [], { id: "r" });
  const { frame, parts } = (await store.load("r")) ?? expect.unreachable();
  expect(parts.size).toBeGreaterThan(20);
  const env = { now: () => 0, random: (size: number) => new Uint8Array(size) };
  const counts = { read: 0, refused: 0 };
  const look = (text: string, changed: readonly (readonly [string, string])[], without?: string): void => {
    const all = new Map([...parts].filter(([key]) => key !== without).concat(changed.map(([key, part]) => [key, part])));
    try {
      restoreRun(text, env, all).drop();
      counts.read++;
    } catch (error) {
      if (!isDeflowError(error)) throw error;
      counts.refused++;
    }
  };
  const flipped = (text: string, at: number): string => text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << (at % 7))) + text.slice(at + 1);
  for (let at = 0; at < frame.length; at++) look(flipped(frame, at), []);
  for (const [key, text] of parts) {
    for (let at = 0; at < text.length; at += 11) look(frame, [[key, flipped(text, at)]]);
    for (let at = 0; at < key.length; at++) look(frame, [[flipped(key, at), text]], key);
    for (const { index, 0: found } of text.matchAll(/"(?:\$ref|\$p|on|strand)":\d+/g)) {
      for (const other of [0, 1, 25, 999]) look(frame, [[key, text.slice(0, index) + found.replace(/\d+$/, String(other)) + text.slice(index + found.length)]]);
    }
  }
  expect(Math.min(counts.read, counts.refused)).toBeGreaterThan(500);
});

test("any one bit of a frame", { timeout: 120_000 }, async () => {
  const play = new Play(modes[0] as Mode);
  await play.begin(walks);
  const { id: _, ...options } = play.options;
  const bytes = Buffer.from(play.last.frame);
  const counts = { read: 0, refused: 0, failed: 0 };
  const others: unknown[] = [];
  caught.length = 0;
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      bytes[at] = bytes[at] as number ^ (1 << bit);
      const text = bytes.toString();
      bytes[at] = bytes[at] as number ^ (1 << bit);
      try {
        const turn = await resume(text, "n", 1, options);
        if (turn.status !== "failed") counts.read++;
        else if (turn.error.code !== undefined) counts.failed++;
        else others.push([text.slice(at - 20, at + 20), turn.error.message]);
      } catch (error) {
        if (!isDeflowError(error)) throw error;
        counts.refused++;
      }
    }
  }
  expect(others).toEqual([]);
  expect(caught).toEqual([]);
  expect(counts.failed).toBeGreaterThan(50);
  expect(counts.refused).toBeGreaterThan(bytes.length * 4);
});
