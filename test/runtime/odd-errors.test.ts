// What flows and steps throw, of every shape: it is told and recorded, whatever it is.

import { deflow, listen, step } from "deflow";
import { describe, expect, test } from "vitest";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";
import { suppress } from "../../runtime/values/resources.ts";
import { retryPolicy, nextAttemptAt } from "../../runtime/run/retry.ts";
import { modes, Play } from "./turns.ts";

const world = { effects: 0 };

const odd = [null, undefined, "text", 42, { a: 1 }, 1n, NaN];

const stepThrows = deflow(async function stepThrows() {
  const got: unknown[] = [];
  for (let n = 0; n < odd.length; n++) {
    try {
      await step("t", () => {
        throw odd[n];
      });
    } catch (error) {
      got.push(error);
    }
  }
  await listen("x");
  return got;
});

const loop = (): Error => {
  const error = new Error("loop");
  error.cause = error;
  return error;
};

const flowThrows = deflow(async function flowThrows(which: number) {
  const made = [
    loop,
    () => Object.create(null) as object,
    () => Object.defineProperty(new Error("x"), "message", { get: () => { throw new Error("no"); } }),
    () => Symbol("s"),
    () => Object.assign(new Error("m"), { code: { toString: null } }),
  ];
  throw made[which]?.();
});

const caught = deflow(async function caught(which: number) {
  try {
    return await step("t", () => {
      if (which === 0) throw Object.assign(loop(), { handle: new WeakMap() });
      throw Object.defineProperty(new Error("m"), "field", { enumerable: true, get: () => { throw new Error("no"); } });
    });
  } catch (error) {
    return (error as Error).message;
  }
});

const unstorable = deflow(async function unstorable() {
  try {
    return await step("t", () => ({ f: new WeakMap(), n: ++world.effects }), { retry: { attempts: 3, delay: 1, jitter: false } });
  } catch (error) {
    return (error as { code: string }).code;
  }
});

const kept = deflow(async function kept() {
  try {
    await thrower();
  } catch (error) {
    await listen("x");
    return [(error as Error).message, (error as unknown as { n: Map<number, number> }).n];
  }
  return [];
});

const thrower = deflow(async function thrower() {
  await listen("y");
  throw Object.assign(new Error("m"), { n: new Map([[1, 2]]) });
});

describe.each(modes)("$name", (mode) => {
  test("a step throws what is no error", async () => {
    const play = new Play(mode);
    await play.begin(stepThrows);
    expect(await play.send("x")).toMatchObject({ value: odd });
  });

  test.each([[0, "loop"], [1, "(unreadable)"], [2, "(unreadable)"], [3, "Symbol(s)"], [4, "m"]])("a flow throws what cannot be told (%i)", async (which, message) => {
    expect(await new Play(mode).begin(flowThrows, which)).toMatchObject({ status: "failed", error: { message } });
  });

  test.each([[0, "loop"], [1, "m"]])("a step throws what cannot be stored (%i)", async (which, message) => {
    expect(await new Play(mode).begin(caught, which)).toMatchObject({ value: message });
  });

  test("a step whose result cannot be stored did its work and does not repeat it", async () => {
    world.effects = 0;
    expect(await new Play(mode).begin(unstorable)).toMatchObject({ value: "NOT_SERIALIZABLE" });
    expect(world.effects).toBe(1);
  });

  test("errors keep their fields across stops", async () => {
    const play = new Play(mode);
    await play.begin(kept);
    await play.send("y");
    expect(await play.send("x")).toMatchObject({ value: ["m", new Map([[1, 2]])] });
  });
});

describe("delays between attempts", () => {
  const delays = (retry: Parameters<typeof retryPolicy>[0], attempts: readonly number[], random = 0): (number | undefined)[] => {
    // A part of a larger buffer, as pools give it.
    const bytes = (size: number): Uint8Array => new Uint8Array(16).fill(7).subarray(8, 8 + size).fill(random);
    return attempts.map((attempt) => nextAttemptAt(retryPolicy(retry), attempt, new Error("x"), { now: () => 0, random: bytes }));
  };

  test("linear is d, 2d, 3d; exponential d, 2d, 4d; both end at the cap", () => {
    const given = { attempts: 5, delay: 10, maxDelay: 35, jitter: false };
    expect(delays({ ...given, backoff: "linear" }, [1, 2, 3, 4, 5])).toEqual([10, 20, 30, 35, undefined]);
    expect(delays({ ...given, backoff: "exponential" }, [1, 2, 3, 4, 5])).toEqual([10, 20, 35, 35, undefined]);
    expect(delays({ ...given, backoff: "constant" }, [1, 2, 3])).toEqual([10, 10, 10]);
  });

  test("chance takes up to half", () => {
    expect(delays(5, [1, 2, 3, 4], 0)).toEqual([500, 1000, 2000, 4000]);
    expect(delays(5, [1, 2, 3, 4], 255)).toEqual([1000, 2000, 4000, 8000]);
  });

  test("after very many attempts the delay is still a number", () => {
    const given = { attempts: Infinity, maxDelay: 50, jitter: false };
    expect(delays({ ...given, delay: 10 }, [2000])).toEqual([50]);
    expect(delays({ ...given, delay: 0 }, [2000])).toEqual([0]);
  });
});

describe("SuppressedError", () => {
  // As Node 24 writes it, whose language has the class.
  const text = '{"v":1,"error":{"$e":{"class":"SuppressedError","message":"An error was suppressed during disposal.","stack":"SuppressedError: …","hidden":{"error":{"$e":{"class":"Error","message":"second","stack":""}},"suppressed":"first"}}},"heap":[]}';

  test("is read and written where the language lacks it", () => {
    const record = decode(text);
    const error = record["error"] as Error & { error: Error; suppressed: unknown };
    expect([error.name, error.message, error.stack]).toEqual(["SuppressedError", "An error was suppressed during disposal.", "SuppressedError: …"]);
    expect([error.error.message, error.suppressed, Object.keys(error)]).toEqual(["second", "first", []]);
    expect(encode(record)).toBe(text);
  });

  test("is what the runtime makes when a disposal throws", () => {
    const { value } = suppress({ to: "throw", value: "first" }, "second");
    expect(Object.prototype.toString.call(value)).toBe("[object Error]");
    expect(value).toMatchObject({ name: "SuppressedError", error: "second", suppressed: "first" });
    expect((decode(encode({ value }))["value"] as Error).constructor).toBe((value as Error).constructor);
  });
});
