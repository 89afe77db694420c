// Frames that nobody wrote: every field of a rich one replaced by something else, characters flipped, text cut off. Whatever
// comes, it is a typed error or a run that goes on; never another exception, never one that nobody sees, never a hang.

import { callback, compensate, deflow, isDeflowError, listen, resume, sleep, step } from "deflow";
import { expect, test } from "vitest";
import { modes, Play, type Mode } from "./turns.ts";

const rich = deflow(async function rich(input: { name: string }) {
  let total = 0;
  const add = (n: number): number => (total += n);
  const self = new Map<string, unknown>();
  self.set("me", self);
  compensate(() => {
    total = 0;
  });
  const chain = listen("a").then((value) => value).finally(() => {
    add(1);
  });
  const token = callback({ timeout: "1 day" });
  const gate = listen("gate", { permit: "p", timeout: "2 days", default: null, prompt: { q: 1 } });
  const error = new TypeError("t", { cause: input });
  const strand = (async () => {
    try {
      await gate;
    } finally {
      await gate;
    }
  })();
  const race = Promise.race([sleep("1 day"), gate, Promise.all([listen("b"), 5])]);
  const attempt = step("s", () => 1, { retry: { attempts: 3, delay: "1 day" } });
  for (const x of [1, 2, 3]) {
    for (const pair of new Map([["k", x]])) {
      for (const letter of "ab") {
        for (const key in { a: 1 }) add((await listen("n") as number) + pair.length + letter.length + key.length);
      }
    }
  }
  await Promise.allSettled([chain, token, race, strand, attempt]);
  return [total, self, error];
});

const others: readonly unknown[] = [
  null, true, -1, 1.5, 99, 1e15, "x", [], {}, [null], { a: 1 }, { $u: 0 }, { $ref: 0 }, { $p: 0 }, { $p: 3 }, { $n: "NaN" }, { $cell: 1 }, { $fn: { code: "nope" } }, { $m: [] },
];

type Node = Record<string | number, unknown>;

/** Every place in a tree, with what holds it. */
function placesOf(tree: Node): (readonly [Node, string])[] {
  return Object.keys(tree).flatMap((key) => {
    const part = tree[key];
    return [[tree, key] as const, ...(typeof part === "object" && part !== null ? placesOf(part as Node) : [])];
  });
}

/** What went wrong, if anything. */
async function tryOut(text: string, input: "n" | { readonly now: number } | { readonly cancel: string }, { id: _, ...options }: Play["options"]): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("it hangs"), 2_000);
  });
  const turn = (typeof input === "string" ? resume(text, input, 1, options) : resume(text, input, options)).then(() => undefined, (error: unknown) =>
    isDeflowError(error) ? undefined : error);
  return Promise.race([turn, late]).finally(() => clearTimeout(timer));
}

test("a frame with anything in it", async () => {
  const play = new Play(modes[0] as Mode);
  await play.begin(rich, { name: "x" });
  const { frame } = play.last;
  const inputs = ["n", { now: 2_000_000 + 3 * 86_400_000 }, { cancel: "x" }] as const;
  const record = JSON.parse(frame) as Node;
  const found: unknown[] = [];
  let turn = 0;
  const look = async (what: () => string, text: string): Promise<void> => {
    const problem = await tryOut(text, inputs[turn++ % inputs.length] as (typeof inputs)[0], play.options);
    if (problem !== undefined) found.push([what(), problem]);
  };
  for (const [holder, key] of placesOf(record)) {
    const old = holder[key];
    for (const other of others) {
      holder[key] = other;
      await look(() => `${key} is ${JSON.stringify(other)} in ${JSON.stringify(holder).slice(0, 200)}`, JSON.stringify(record));
    }
    holder[key] = old;
  }
  for (let at = 0; at < frame.length; at += 7) {
    await look(() => `cut at ${at}`, frame.slice(0, at));
    const flipped = String.fromCharCode(frame.charCodeAt(at) ^ (1 << (at % 6)));
    await look(() => `flipped at ${at}: ${frame.slice(at - 9, at + 9)}`, frame.slice(0, at) + flipped + frame.slice(at + 1));
  }
  expect(found).toEqual([]);
}, 120_000);

test("the error says where", async () => {
  const play = new Play(modes[0] as Mode);
  await play.begin(rich, { name: "x" });
  const told = async (change: (record: Play["record"]) => void): Promise<unknown> => {
    const record = play.record;
    change(record);
    return resume(JSON.stringify(record), "n", 1).catch(({ code, path }: { code: string; path: string }) => [code, path]);
  };
  expect(await told((record) => delete record.strands[0]?.["locals"])).toEqual(["CORRUPT_FRAME", "strands[0].locals"]);
  expect(await told((record) => Object.assign(record.ops[0] ?? {}, { seq: "1" }))).toEqual(["CORRUPT_FRAME", "ops[0].seq"]);
  expect(await told((record) => Object.assign(record.strands[0] ?? {}, { flow: "gone" }))).toEqual(["UNKNOWN_FLOW", undefined]);
  expect(await told((record) => Object.assign(record.strands[1] ?? {}, { code: "gone" }))).toEqual(["UNKNOWN_CODE", undefined]);
  expect(await told((record) => Object.assign(record.strands[0] ?? {}, { point: "gone" }))).toEqual(["UNKNOWN_POINT", undefined]);
  expect(await told(() => {})).toMatchObject({ status: "waiting" });
});
