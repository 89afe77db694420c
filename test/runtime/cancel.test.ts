// Cancelling in every state, and time limits.

import { callback, compensate, deflow, listen, sleep, step } from "deflow";
import { beforeEach, describe, expect, test } from "vitest";
import { cancel, within } from "../../runtime/patterns/index.ts";
import { modes, Play } from "./turns.ts";

const world = { log: [] as unknown[] };

beforeEach(() => {
  world.log = [];
});

const note = (value: unknown): void => {
  world.log.push(value);
};

const tail = deflow(async function tail() {
  return listen("x");
});

const tailCleans = deflow(async function tailCleans() {
  return listen("x").finally(() => note("cleaned"));
});

const tailOfAll = deflow(async function tailOfAll() {
  return Promise.all([listen("x"), sleep("1 day")]);
});

const waits = deflow(async function waits() {
  const order: string[] = [];
  const wait = async (name: string, promise: PromiseLike<unknown>): Promise<void> => {
    try {
      await promise;
    } catch (error) {
      order.push(`${name} ${(error as Error).name}`);
      throw error;
    }
  };
  try {
    await Promise.all([
      wait("listen", listen("x")), wait("sleep", sleep(1000)), wait("callback", callback()), wait("race", Promise.race([listen("y"), sleep(5)])),
      wait("within", within("1 s", listen("z"))), wait("then", listen("q").then(() => 1)), wait("allSettled", Promise.allSettled([listen("t")])),
    ]);
  } finally {
    note(order);
  }
});

const reacting = deflow(async function reacting() {
  const one = async (): Promise<void> => {
    await listen("one").finally(() => note("one"));
  };
  const strand = one();
  const mended = await listen("x").finally(() => note("released")).catch((error: Error) => {
    note(`caught ${error.message}`);
    return "mended";
  });
  await strand.catch(() => {});
  return mended;
});

const limited = deflow({ timeout: "1 hour" }, async function limited() {
  compensate(async () => {
    note("undo");
    note(`confirmed ${await listen("confirm") as string}`);
  });
  await listen("x");
});

const deadlock = deflow(async function deadlock() {
  const promises: Promise<unknown>[] = [];
  const f = async (): Promise<void> => {
    await listen("x");
    await promises[0];
  };
  promises.push(f());
  await promises[0];
});

const again = deflow(async function again() {
  const gate = listen("gate");
  const log: string[] = [];
  const a = (async () => {
    try {
      await gate;
    } catch {
      await gate;
    }
    log.push("a");
  })();
  const b = (async () => {
    await gate;
    log.push("b");
  })();
  await step("s", () => {});
  cancel(a);
  await Promise.all([a, b]);
  return log;
});

const stepping = deflow(async function stepping() {
  try {
    return await step("s", () => { throw new Error("again"); }, { retry: { attempts: 5, delay: "1 hour" } });
  } finally {
    note(await step("clean", () => "cleaned"));
  }
});

const anyOf = deflow(async function anyOf(how: "all wait" | "one failed" | "nobody waits" | "own error") {
  const ask = async (name: string): Promise<unknown> => {
    try {
      return await listen(name);
    } catch (error) {
      throw how === "own error" ? new AggregateError([new Error(name)], "own") : error;
    } finally {
      note(name);
    }
  };
  const asked = [ask("a"), how === "one failed" ? Promise.reject(new Error("busy")) : Promise.any([ask("b"), ask("e")])];
  if (how !== "nobody waits") return await Promise.any(asked);
  const first = Promise.any(asked);
  try {
    return await listen("c");
  } finally {
    await listen("d");
    note(first instanceof Promise);
  }
});

/** Two strands that return each other's promise never settle, in native code neither. */
const each = deflow(async function each() {
  const promises: Promise<unknown>[] = [];
  const other = async (index: number): Promise<unknown> => {
    await listen("x");
    return promises[index];
  };
  promises.push(other(1), other(0));
  return await Promise.race([promises[0], listen("y")]);
});

const longChain = deflow(async function longChain() {
  let last: Promise<unknown> = listen("x");
  for (let n = 0; n < 20_000; n++) last = last.then(() => n);
  await last;
});

describe.each(modes)("$name", (mode) => {
  test("every sort of wait, youngest first", async () => {
    const play = new Play(mode);
    await play.begin(waits);
    expect(await play.cancel("enough")).toMatchObject({ status: "cancelled", error: { code: "CANCELLED" } });
    expect(world.log).toEqual([["allSettled", "within", "race", "callback", "sleep", "listen", "then"].map((name) => `${name} CancelledError`)]);
  });

  test.each([tail, tailCleans, tailOfAll])("a root that is gone but for the promise it returned (%#)", async (flow) => {
    const play = new Play(mode);
    await play.begin(flow as typeof tail);
    expect(await play.cancel("enough")).toMatchObject({ status: "cancelled" });
    expect(world.log).toEqual(flow === tailCleans ? ["cleaned"] : []);
  });

  test("callbacks of then and finally run, and may mend it", async () => {
    const play = new Play(mode);
    await play.begin(reacting);
    expect(await play.cancel("enough")).toMatchObject({ status: "completed", value: "mended" });
    expect(world.log).toEqual(["one", "released", "caught Cancelled: enough"]);
  });

  test("between two attempts of a step", async () => {
    const play = new Play(mode);
    await play.begin(stepping);
    expect(await play.cancel("enough")).toMatchObject({ status: "cancelled" });
    expect(world.log).toEqual(["cleaned"]);
  });

  test.each(["all wait", "one failed"] as const)("by way of Promise.any, %s", async (how) => {
    const play = new Play(mode);
    await play.begin(anyOf, how);
    expect(await play.cancel("enough")).toMatchObject({ status: "cancelled", error: { code: "CANCELLED", message: "Cancelled: enough" } });
    expect(world.log).toEqual(how === "one failed" ? ["a"] : ["e", "b", "a"]);
  });

  test("by way of a Promise.any that nobody waits for", async () => {
    const play = new Play(mode);
    await play.begin(anyOf, "nobody waits");
    expect(await play.cancel("enough")).toMatchObject({ status: "waiting", waits: [{ context: "d" }] });
    expect(await play.send("d")).toMatchObject({ status: "cancelled", error: { message: "Cancelled: enough" } });
  });

  test("what a flow throws in its place, by way of Promise.any too, is its failure", async () => {
    const play = new Play(mode);
    await play.begin(anyOf, "own error");
    expect(await play.cancel("enough")).toMatchObject({ status: "failed", error: { name: "AggregateError" } });
  });

  test("strands that wait for each other need no cancellation", async () => {
    const play = new Play(mode);
    await play.begin(deadlock);
    expect(await play.send("x")).toMatchObject({ status: "failed", error: { code: "DEADLOCK" }, waits: [], nextAt: undefined });
  });

  test("strands that return each other's promise", async () => {
    const play = new Play(mode);
    await play.begin(each);
    await play.send("x");
    await play.send("x");
    expect(await play.cancel("enough")).toMatchObject({ status: "cancelled" });
  });

  test("a long chain", async () => {
    const play = new Play(mode, { checkpoint: () => {} });
    await play.begin(longChain);
    expect(await play.cancel("enough")).toMatchObject({ status: "cancelled" });
  });

  test("a flow's timeout ends it once, and not its compensations", async () => {
    const play = new Play(mode);
    await play.begin(limited);
    expect(await play.pass(3_600_000)).toMatchObject({ status: "compensating", nextAt: undefined });
    await play.pass(3_600_000);
    expect(await play.send("confirm", "yes")).toMatchObject({ status: "cancelled" });
    expect(world.log).toEqual(["undo", "confirmed yes"]);
  });

  test("who is thrown out of a wait and waits again comes last", async () => {
    const play = new Play(mode);
    await play.begin(again);
    expect(await play.send("gate")).toMatchObject({ value: ["b", "a"] });
  });
});
