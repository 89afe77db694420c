// Several strands: calls of flows, nested async functions, combinators, reactions, closures, across stops.

import { deflow, listen, respond, sleep } from "deflow";
import { cancel } from "../../runtime/patterns/index.ts";
import { describe, expect, test } from "vitest";
import { modes, Play } from "./turns.ts";

const child = deflow(async function child(name: string): Promise<string> {
  return `${name}:${await listen(name)}`;
});

const parent = deflow(async function parent() {
  const first = child("a");
  const second = child("b");
  return [await second, await first, await first];
});

const cells = deflow(async function cells() {
  let total = 0;
  const add = (n: number): number => (total += n);
  const readers: (() => number)[] = [];
  for (let index = 0; index < 3; index++) {
    readers.push(() => index * 10 + total);
    add(await listen("n") as number);
  }
  return [total, ...readers.map((read) => read())];
});

const recursive = deflow(async function recursive(depth: number): Promise<number> {
  if (depth === 0) return await listen("n") as number;
  return 1 + await recursive(depth - 1);
});

const tail = deflow(async function tail() {
  return listen("x");
});

const thrower = deflow(async function thrower() {
  await listen("go");
  throw new RangeError("out of it");
});

const catcher = deflow(async function catcher() {
  const log: string[] = [];
  try {
    await thrower();
  } catch (error) {
    log.push((error as Error).constructor.name);
  } finally {
    log.push(`finally ${await listen("more")}`);
  }
  return log;
});

const settled = deflow(async function settled() {
  return await Promise.allSettled([thrower(), child("a"), 5, Promise.resolve(6)]);
});

const any = deflow(async function any() {
  return await Promise.any([thrower(), child("a"), child("b")]);
});

const raced = deflow(async function raced() {
  const first = await Promise.race([child("a"), child("b"), sleep("1 day").then(() => "late")]);
  return [first, await listen("end")];
});

const ops = deflow(async function ops() {
  return await Promise.race([listen("a"), listen("b"), sleep("1 day")]);
});

const chained = deflow(async function chained() {
  const log: unknown[] = [];
  const p = listen("a").then((value) => {
    log.push(value);
    return child("b");
  }).catch(() => "not this").finally(() => {
    log.push("finally");
  });
  void listen("side").then((value) => log.push(`side ${value as string}`));
  await listen("c");
  return [await p, log];
});

const order = deflow(async function order() {
  const gate = listen("gate");
  const log: string[] = [];
  const wait = async (name: string, first: unknown) => {
    await first;
    await gate;
    log.push(name);
  };
  await Promise.all([wait("late", listen("late")), wait("early", undefined), wait("mid", listen("mid"))]);
  return log;
});

const stray = deflow(async function stray() {
  void thrower();
  await listen("x");
  return "not reached";
});

const looked = deflow(async function looked() {
  const p = thrower();
  p.catch(() => "seen");
  await listen("x");
  return "reached";
});

const ended = deflow(async function ended() {
  const strand = child("a");
  await listen("x");
  cancel(strand, "enough");
  try {
    return await strand;
  } catch (error) {
    return (error as Error).message;
  }
});

const methods = deflow(async function methods() {
  const account = {
    balance: 1,
    async deposit() {
      this.balance += await listen("n") as number;
      return this.balance;
    },
  };
  await account.deposit();
  return [await account.deposit(), account.balance];
});

const many = deflow(async function many(n: number) {
  const all = await Promise.all(Array.from({ length: n }, (_, index) => index).map(async (index) => index + (await listen("n") as number)));
  return all.reduce((sum, value) => sum + value, 0);
});

const iterations = deflow(async function iterations() {
  const log: unknown[] = [];
  const list = [1, 2];
  for (const value of list) {
    if (value < 4) list.push(value + 2);
    log.push([value, await listen("n")]);
  }
  const map = new Map([["a", 1], ["b", 2], ["c", 3]]);
  for (const [key, value] of map) {
    await listen("n");
    if (key === "a") {
      map.delete("b");
      map.set("d", 4);
    }
    log.push(`${key}${value}`);
  }
  const set = new Set([1, 2, 3]);
  for (const value of set) {
    await listen("n");
    if (value === 1 && log.length === 7 + 1) {
      set.delete(1);
      set.add(1);
    }
    log.push(value);
  }
  const text = "a😀b";
  for (const letter of text) log.push([letter, await listen("n")]);
  const object: Record<string, number> = { x: 1, y: 2, z: 3 };
  for (const key in object) {
    delete object["y"];
    log.push([key, await listen("n")]);
  }
  for (const value of new Uint8Array([7, 8])) log.push([value, await listen("n")]);
  for (const [index, value] of ["p", "q"].entries()) log.push([index, value, await listen("n")]);
  return log;
});

function* numbers(): Generator<number> {
  yield 1;
  yield 2;
}

const generated = deflow(async function generated() {
  const log: unknown[] = [];
  for (const n of numbers()) log.push([n, await listen("n")]);
  return log;
});

describe.each(modes)("$name", (mode) => {
  test("a flow called in a flow is a strand, started at once", async () => {
    const play = new Play(mode);
    expect((await play.begin(parent)).waits.map(({ context }) => context)).toEqual(["a", "b"]);
    expect(play.record.strands).toHaveLength(3);
    await play.send("a", 1);
    expect(await play.send("b", 2)).toMatchObject({ value: ["b:2", "a:1", "a:1"] });
  });

  test("captured variables are shared, one per iteration", async () => {
    const play = new Play(mode);
    await play.begin(cells);
    await play.send("n", 1);
    await play.send("n", 2);
    expect(await play.send("n", 3)).toMatchObject({ value: [6, 6, 16, 26] });
  });

  test("recursion", async () => {
    const play = new Play(mode);
    await play.begin(recursive, 5);
    expect(play.record.strands).toHaveLength(6);
    expect(await play.send("n", 10)).toMatchObject({ value: 15 });
  });

  test("a returned promise is adopted, and the root may be gone while it waits", async () => {
    const play = new Play(mode);
    await play.begin(tail);
    expect(play.record).toMatchObject({ flow: "tail", strands: [], ops: [{ follow: 1 }, { listen: "x" }], root: 0 });
    expect(await play.send("x", 5)).toMatchObject({ value: 5 });
  });

  test("errors of a strand reach its waiter's catch and finally", async () => {
    const play = new Play(mode);
    await play.begin(catcher);
    await play.send("go");
    expect(await play.send("more", 1)).toMatchObject({ value: ["RangeError", "finally 1"] });
  });

  test("allSettled with members of every sort", async () => {
    const play = new Play(mode);
    await play.begin(settled);
    await play.send("go");
    expect(await play.send("a", 1)).toMatchObject({ value: [
      { status: "rejected", reason: { message: "out of it" } },
      { status: "fulfilled", value: "a:1" }, { status: "fulfilled", value: 5 }, { status: "fulfilled", value: 6 },
    ] });
  });

  test("any", async () => {
    const play = new Play(mode);
    await play.begin(any);
    await play.send("go");
    expect(await play.send("b", 1)).toMatchObject({ value: "b:1" });
  });

  test("a race ends with the first; strands that lose go on until the run is over", async () => {
    const play = new Play(mode);
    await play.begin(raced);
    expect((await play.send("b", 1)).waits.map(({ context, kind }) => context ?? kind)).toEqual(["a", "timer", "end"]);
    expect(await play.send("end", 2)).toMatchObject({ status: "completed", value: ["b:1", 2] });
  });

  test("operations that lose a race are withdrawn", async () => {
    const play = new Play(mode);
    await play.begin(ops);
    expect(await play.send("b", 1)).toMatchObject({ status: "completed", value: 1 });
  });

  test("then, catch and finally are durable", async () => {
    const play = new Play(mode);
    await play.begin(chained);
    await play.send("side", 9);
    await play.send("a", 1);
    await play.send("c");
    expect(await play.send("b", 2)).toMatchObject({ value: ["b:2", ["side 9", 1, "finally"]] });
  });

  test("waiters of one promise wake in the order in which they came", async () => {
    const play = new Play(mode);
    await play.begin(order);
    await play.send("late");
    await play.send("mid");
    expect(await play.send("gate")).toMatchObject({ value: ["early", "late", "mid"] });
  });

  test("a strand that rejects with nobody waiting fails the run", async () => {
    const play = new Play(mode);
    await play.begin(stray);
    expect(await play.send("go")).toMatchObject({ status: "failed", error: { code: "UNHANDLED_REJECTION", cause: { message: "out of it" } } });
  });

  test("a catch nobody awaits is enough", async () => {
    const play = new Play(mode);
    await play.begin(looked);
    expect(await play.send("go")).toMatchObject({ status: "waiting" });
    expect(await play.send("x")).toMatchObject({ value: "reached" });
  });

  test("cancel() throws into the strand", async () => {
    const play = new Play(mode);
    await play.begin(ended);
    expect(await play.send("x")).toMatchObject({ value: "Cancelled: enough" });
  });

  test("methods keep `this`", async () => {
    const play = new Play(mode);
    await play.begin(methods);
    await play.send("n", 2);
    expect(await play.send("n", 3)).toMatchObject({ value: [6, 6] });
  });

  test("iteration across stops follows the live collection", async () => {
    const play = new Play(mode);
    let turn = await play.begin(iterations);
    for (let n = 0; turn.status === "waiting"; n++) turn = await play.send("n", n);
    expect(turn).toMatchObject({ value: [
      [1, 0], [2, 1], [3, 2], [4, 3], [5, 4],
      "a1", "c3", "d4",
      1, 2, 3, 1,
      ["a", 12], ["😀", 13], ["b", 14],
      ["x", 15], ["z", 16],
      [7, 17], [8, 18],
      [0, "p", 19], [1, "q", 20],
    ] });
  });

  test("a generator of ordinary code that is under way is refused with its path", async () => {
    await expect(new Play(mode).begin(generated)).rejects.toMatchObject({
      code: "NOT_SERIALIZABLE", message: expect.stringMatching(/^`locals\S+\.iterator` is .*enerator.* in `generated` at/),
    });
  });

  test("a thousand strands", async () => {
    const play = new Play(mode, { checkpoint: () => {} });
    const began = performance.now();
    await play.begin(many, 1000);
    expect(play.last.waits).toHaveLength(1000);
    for (let n = 0; n < 20; n++) await play.send("n", 1);
    expect(play.last.waits).toHaveLength(980);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

test("responses of a strand are the run's", async () => {
  const play = new Play(modes[0] as (typeof modes)[0]);
  expect((await play.begin(speaks)).responses).toEqual(["inner", "outer"]);
});

const inner = deflow(async function inner() {
  respond("inner");
});

const speaks = deflow(async function speaks() {
  await inner();
  respond("outer");
  await listen("x");
});
