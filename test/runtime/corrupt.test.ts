// Frames that nobody wrote: every field of rich ones replaced by something else, characters flipped, text cut off. Whatever
// comes, it is a typed error or a run that goes on; never another exception, never one that nobody sees, never a hang.

import { callback, compensate, deflow, isDeflowError, listen, resume, sleep, step } from "deflow";
import { expect, test } from "vitest";
import { restoreRun } from "../../runtime/record/restore.ts";
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

// Values that only flows make: generators at every kind of wait, classes, iterations, resources.
const made = deflow(async function made() {
  class Base {
    #hidden = 1;
    x = [1];
    static #count = 0;
    static get count(): number { return Base.#count; }
    add(n: number): number { return (this.#hidden += n); }
  }
  class Derived extends Base {
    y = () => this.x;
  }
  class List extends Array<unknown> {
    #of = "list";
    get of(): string { return this.#of; }
  }
  async function* inner(name: string): AsyncGenerator<unknown, string> {
    try {
      yield await listen(name);
      yield 2;
    } finally {
      await listen("closing");
    }
    return name;
  }
  async function* outer(name: string): AsyncGenerator<unknown> {
    yield yield* inner(name);
  }
  function* numbers(): Generator<unknown> {
    yield 1;
    yield* [2, 3];
  }
  const [fresh, waiting, over, sync, delegating] = [outer("fresh"), outer("waiting"), outer("over"), numbers(), numbers()];
  const asked = [waiting.next(), waiting.next(), waiting.return(4), over.return(listen("drained"))];
  sync.next();
  delegating.next();
  delegating.next();
  const bound = ((a: number, b: number) => a + b).bind(null, 1);
  const kept = Object.freeze(Object.defineProperty(new List(), "extra", { value: Object.getPrototypeOf(new Derived()) as unknown, enumerable: false }));
  const error = Object.defineProperty(new Error("e"), "hidden", { value: new Date(0), enumerable: true });
  async function* values(): AsyncGenerator<unknown> {
    for (;;) yield await listen("n");
  }
  const derived = new Derived();
  for await (const value of values()) {
    await using resource = { async [Symbol.asyncDispose]() { derived.add(await listen("n") as number); } };
    await listen("n");
    if (value === 3) break;
    error.message = `${String(value)}${typeof resource}`;
  }
  return [fresh, sync, delegating, over, bound(2), kept.of, Base.count, error, asked];
});

const others: readonly unknown[] = [
  null, true, -1, 1.5, 99, 1e15, "x", [], {}, [null], { a: 1 }, { $u: 0 }, { $ref: 0 }, { $p: 0 }, { $p: 3 }, { $n: "NaN" }, { $cell: 1 }, { $fn: { code: "nope" } }, { $m: [] },
  { $i: "WeakRef.prototype" }, { $proto: { $i: "WeakRef" } }, { $ia: [[1], 0, "values"] }, "closing", "draining", "running", "yielded", "throw",
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
  const before = named();
  try {
    restoreRun(text, { now: () => 0, random: (size) => new Uint8Array(size) }).drop();
  } catch (error) {
    if (!isDeflowError(error)) return error;
  }
  if (named() !== before) return "what the process has is changed by reading";
  const turn = (typeof input === "string" ? resume(text, input, 1, options) : resume(text, input, options)).then(() => undefined, (error: unknown) =>
    isDeflowError(error) ? undefined : error);
  return Promise.race([turn, late]).finally(() => clearTimeout(timer));
}

/** What the mutations name of the language. */
function named(): string {
  const { prototype } = WeakRef;
  return `${Object.isExtensible(prototype)} ${Reflect.ownKeys(prototype).map(String).join()} ${Object.getPrototypeOf(prototype) === Object.prototype}`;
}

const begun = {
  rich: (play: Play) => play.begin(rich, { name: "x" }),
  made: async (play: Play) => {
    await play.begin(made);
    await play.send("n", 1);
  },
};

test.each(Object.entries(begun))("a frame of `%s` with anything in it", async (_, begin) => {
  const play = new Play(modes[0] as Mode);
  await begin(play);
  const { frame } = play.last;
  const inputs = ["n", { now: 2_000_000 + 3 * 86_400_000 }, { cancel: "x" }] as const;
  const record = JSON.parse(frame) as Node;
  const found: unknown[] = [];
  let turn = 0;
  const look = async (what: () => string, text: string): Promise<void> => {
    const problem = await tryOut(text, inputs[turn++ % inputs.length] as (typeof inputs)[0], play.options);
    if (problem !== undefined) found.push([what(), problem]);
  };
  for (const [place, [holder, key]] of placesOf(record).entries()) {
    const old = holder[key];
    for (const [which, other] of others.entries()) {
      // Of so many, every third; which, differs from place to place.
      if ((place + which) % 3 > 0) continue;
      holder[key] = other;
      await look(() => `${key} is ${JSON.stringify(other)} in ${JSON.stringify(holder).slice(0, 200)}`, JSON.stringify(record));
    }
    holder[key] = old;
  }
  for (let at = 0; at < frame.length; at += 11) {
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
