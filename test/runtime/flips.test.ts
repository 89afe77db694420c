// Every bit of a stored frame flipped, one at a time. What is read back is another frame, a typed error, or a run that has
// failed with one: what the machine goes on with is not missed in the midst of the flow, where its `catch` would take it.
//
// A frame has no checksum. Data that was changed into other data is other data, and so is the name of a captured variable or
// what a reference points to: the flow then finds what it would find if its own code had put it there.

import { deflow, isDeflowError, listen, resume } from "deflow";
import { expect, test } from "vitest";
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
  expect(counts.failed).toBeGreaterThan(100);
  expect(counts.refused).toBeGreaterThan(bytes.length * 4);
});
