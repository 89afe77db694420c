// Generators made in a flow: what frames keep of them, and what is refused.

import { begin, deflow, listen, respond, resume } from "deflow";
import { describe, expect, test } from "vitest";
import { closesSyncIterators } from "../../runtime/values/cursors/closes-sync.ts";
import { modes, Play } from "./turns.ts";

interface Node {
  readonly value: number;
  readonly children?: readonly Node[];
}

const tree: Node = { value: 1, children: [{ value: 2, children: [{ value: 3 }] }, { value: 4 }] };

const visits = deflow(async function visits(root: Node) {
  function* walk({ value, children = [] }: Node): Generator<number, number> {
    yield value;
    let count = 1;
    for (const child of children) count += yield* walk(child);
    return count;
  }
  const answers: unknown[] = [];
  const nodes = walk(root);
  for (const value of nodes) answers.push([value, await listen("visit")]);
  return answers;
});

const watched = deflow(async function watched() {
  const log: unknown[] = [];
  async function* pages(name: string): AsyncGenerator<unknown> {
    try {
      for (;;) yield await listen(name);
    } catch (error) {
      log.push([name, (error as Error).name]);
      yield "told";
    } finally {
      log.push(`${name} closed`);
    }
  }
  const suspended = pages("a");
  await suspended.next();
  const waiting = pages("b");
  const asked = waiting.next();
  try {
    await listen("done");
  } catch (error) {
    log.push((error as Error).name);
  }
  return [await asked, log];
});

const outlives = deflow(async function outlives() {
  async function* left(): AsyncGenerator<unknown> {
    try {
      yield await listen("never");
    } finally {
      respond("closed");
    }
  }
  void left().next().catch(() => {});
  const kept = left();
  await listen("go");
  return typeof kept.next;
});

const held = deflow(async function held() {
  async function* waits(): AsyncGenerator<unknown> {
    yield await listen("x");
  }
  return await ordinary(waits().next());
});

const ordinary = async (promise: Promise<unknown>): Promise<unknown> => {
  const { value } = (await promise) as { value: unknown };
  return value;
};

describe.each(modes)("$name", (mode) => {
  test("a generator and what it delegates to keep their places", async () => {
    const play = new Play(mode);
    await play.begin(visits, tree);
    for (const answer of ["a", "b", "c"]) await play.send("visit", answer);
    expect(await play.send("visit", "d")).toMatchObject({ status: "completed", value: [[1, "a"], [2, "b"], [3, "c"], [4, "d"]] });
  });

  test("a cancellation reaches an async generator that waits, and not one that is suspended", async () => {
    const play = new Play(mode);
    await play.begin(watched);
    await play.send("a", 1);
    expect(play.record.strands).toHaveLength(2);
    expect(await play.cancel("enough")).toMatchObject({ status: "completed", value: [{ value: "told", done: false }, [["b", "CancelledError"], "CancelledError"]] });
  });

  test("an async generator that waits when the root settles is told, one that has not begun is dropped", async () => {
    const play = new Play(mode);
    await play.begin(outlives);
    expect(await play.send("go", 1)).toMatchObject({ status: "completed", value: "function", responses: ["closed"] });
  });

  test("ordinary code cannot hold a request that waits for an operation", async () => {
    expect(await new Play(mode).begin(held)).toMatchObject({ status: "failed", error: { code: "HELD_BY_ORDINARY_CODE" } });
  });
});

const counts = deflow(async function counts() {
  function* count(from: number): Generator<number> {
    for (let n = from; ; n++) yield n;
  }
  const fresh = count(7);
  const under = count(1);
  const over = count(0);
  under.next();
  over.return(undefined);
  await listen("go");
  return [fresh.next().value, under.next().value, over.next().done];
});

test("a frame says of a generator whose it is and where it stands", async () => {
  const { frame } = await begin(counts, []);
  const { fresh, under, over } = (JSON.parse(frame) as { strands: [{ locals: Record<string, unknown> }] }).strands[0].locals;
  expect(fresh).toEqual({ $gen: { of: { $ref: 0 }, args: [7] } });
  expect(under).toEqual({ $gen: { of: { $ref: 0 }, point: expect.stringMatching(/^yield~/) as string, in: expect.stringMatching(/^\w{5}$/) as string, locals: { n: 1 } } });
  expect(over).toEqual({ $gen: { of: { $ref: 0 } } });
  expect(await resume(frame, "go", {})).toMatchObject({ value: [7, 2, true] });
});

test("a point that the code does not have any more is told", async () => {
  const { frame } = await begin(counts, []);
  await expect(resume(frame.replace(/"yield~\w+"/, '"yield~gone"'), "go", {})).rejects.toMatchObject({ code: "UNKNOWN_POINT" });
});

test("what is no generator's state is corrupt", async () => {
  const { frame } = await begin(counts, []);
  await expect(resume(frame.replace('"args":[7]', '"args":7'), "go", {})).rejects.toMatchObject({ code: "CORRUPT_FRAME" });
  await expect(resume(frame.replace('"locals":{"n":1}', '"locals":null'), "go", {})).rejects.toMatchObject({ code: "CORRUPT_FRAME" });
  await expect(resume(frame.replace('{"$gen":{"of":{"$ref":0}}}', '{"$gen":{"of":5}}'), "go", {})).rejects.toMatchObject({ code: "CORRUPT_FRAME" });
});

const changed = deflow(async function changed(how: string) {
  function* none(): Generator<number> {}
  const kept = none() as Generator<number> & { label?: string };
  if (how === "object") kept.label = "x";
  if (how === "function") Object.assign(none.prototype as object, { label: "x" });
  if (how === "prototype") Object.setPrototypeOf(kept, Object.create(Object.getPrototypeOf(kept) as object) as object);
  await listen("go");
  return [kept.next(), none];
});

test("what a frame would lose of a generator is refused", async () => {
  for (const [how, type] of [["object", "extra property `label`"], ["function", "whose `prototype` was changed"], ["prototype", "whose prototype was changed"]] as const) {
    await expect(begin(changed, [how])).rejects.toMatchObject({ code: "NOT_SERIALIZABLE", message: expect.stringContaining(type) as string });
  }
});

const asks = deflow(async function asks() {
  async function* pages(): AsyncGenerator<unknown> {
    yield await listen("page");
  }
  const book = pages();
  return await Promise.all([book.next(), book.next()]);
});

test("a frame has an async generator that waits among its strands, with what it was asked", async () => {
  const { frame } = await begin(asks, []);
  const { strands, heap } = JSON.parse(frame) as { strands: unknown[]; heap: unknown[] };
  expect(strands[1]).toEqual({ generator: expect.anything() as unknown, on: 1 });
  expect(JSON.stringify([strands, heap])).toContain('"phase":"body"');
  expect(await resume(frame, "page", 7)).toMatchObject({ value: [{ value: 7, done: false }, { value: undefined, done: true }] });
});

test("a record with an async generator that does not wait is corrupt", async () => {
  const { frame } = await begin(asks, []);
  for (const wrong of [frame.replace('"state":"running"', '"state":"yielded"'), frame.replace('"phase":"body"', '"phase":"tea"'), frame.replace(/"generator":(?=\{)/, '"generator":5,"x":')])
    await expect(resume(wrong, "page", {})).rejects.toMatchObject({ code: "CORRUPT_FRAME" });
});

// ECMA-262 15.5.5. Not a program of the corpus: V8 of Node 22 and 24 goes on with `next` there.
const rejectedReturn = deflow(async function rejectedReturn() {
  const told: unknown[] = [];
  async function* inner(): AsyncGenerator<unknown, string> {
    try {
      yield 1;
    } catch (error) {
      told.push(`caught ${String(error)}`);
      yield await listen("recovered");
    }
    return "end";
  }
  async function* outer(of: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<unknown> {
    told.push(yield* of);
  }
  const failing = async (error: unknown): Promise<never> => {
    await listen("fail");
    throw error;
  };
  const over = outer(inner());
  await over.next();
  told.push(await over.return(failing("no")), await over.next());
  const sync = outer([1, 2]);
  await sync.next();
  try {
    await sync.return(failing("no delegate"));
  } catch (error) {
    told.push(error instanceof Error ? error.name : error);
  }
  return [told, await sync.next()];
});

test.each(modes)("return(a rejected promise) at a yield* is throw() for the delegate ($name)", async (mode) => {
  const play = new Play(mode);
  await play.begin(rejectedReturn);
  await play.send("fail");
  await play.send("recovered", 2);
  const { value } = (await play.send("fail")) as { value?: unknown };
  expect(value).toEqual([["caught no", "end", { value: 2, done: false }, { value: undefined, done: true }, closesSyncIterators() ? "TypeError" : "no delegate"], { value: undefined, done: true }]);
});
