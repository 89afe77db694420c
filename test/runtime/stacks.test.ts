// The stack of an error that leaves a strand: who waits for it, and nothing else changed.

import { begin, deflow, listen, resume, sleep, step } from "deflow";
import { describe, expect, test } from "vitest";

const seen: unknown[] = [];

const inner = deflow(async function inner(what: string) {
  const got = await listen("go", { timeout: "1 hour" });
  throw what === "error" ? new TypeError(`with\n    at a message (${String(got)})`) : odd[what]?.();
});

const middle = deflow(async function middle(what: string) {
  try {
    return await inner(what);
  } catch (error) {
    seen.push(error);
    await sleep("1 minute");
    throw error;
  }
});

const outer = deflow(async function outer(what: string) {
  const both = [
    Promise.resolve(1),
    middle(what),
  ] as const;
  const [, last] = await Promise.allSettled(both);
  if (last.status === "rejected") throw last.reason;
});

const early = deflow(async function early() {
  const soon = listen("never", { timeout: "1 second" });
  await sleep("1 minute");
  await soon;
});

const tried = deflow(async function tried() {
  const done = early();
  await done;
});

const stepping = deflow(async function stepping() {
  await step("pay", () => {
    throw new RangeError("no money");
  });
});

const paying = deflow(async function paying() {
  await stepping();
});

const odd: Record<string, () => unknown> = {
  frozen: () => Object.freeze(new Error("frozen")),
  text: () => "a text",
  bare: () => Object.create(Error.prototype, { message: { value: "bare" } }) as unknown,
  own: () => Object.defineProperty(new Error("own"), "stack", { get: () => "mine", configurable: true }),
  number: () => Object.defineProperty(new Error("number"), "stack", { value: 7, writable: true, configurable: true }),
};

const place = "test/runtime/stacks.test.ts";
const chain = [`[waits in] middle (${place}:15:12)`, "[waits in] Promise.allSettled (index 1)", `[waits in] outer (${place}:28:20)`];
const waits = (stack: string | undefined): string[] => (stack ?? "").split("\n").filter((line) => line.includes("[waits in]")).map((line) => line.replace("    at ", ""));
const later = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

interface Told { readonly status: string; readonly frame: string; readonly error?: { readonly stack?: string; readonly message: string } }

/** Throws in `inner`, then again in `middle`, a stop later. */
async function thrown(what: string, options: { readonly reload?: boolean } = {}): Promise<Told> {
  seen.length = 0;
  const { frame } = await begin(outer, [what], options);
  const waiting = await resume(frame, "go", "here", options);
  return (waiting.status === "waiting" ? await resume(waiting.frame, { now: later(5) }, options) : waiting) as Told;
}

describe.each([false, true])("reload: %s", (reload) => {
  test("names who waits, from the inside outwards, once", async () => {
    const { status, error } = await thrown("error", { reload });
    expect(status).toBe("failed");
    const lines = (error?.stack ?? "").split("\n");
    expect(lines.slice(0, 2)).toEqual(["TypeError: with", "    at a message (here)"]);
    expect(lines[2]).toMatch(/^ {4}at inner \(.*stacks\.test\.ts:10:28\)$/);
    expect(waits(error?.stack)).toEqual(chain);
    expect(lines.slice(-3)).toEqual(chain.map((line) => `    at ${line}`));
  });

  test("has no line of the runtime", async () => {
    expect((await thrown("error", { reload })).error?.stack).not.toMatch(/[\\/]runtime[\\/](?!stacks\.test)/);
  });

  test("an error of a step shows where the step is awaited", async () => {
    const { error } = (await begin(paying, [], { reload })) as Told;
    expect(error?.stack).toMatch(/^RangeError: no money\n {4}at .*stacks\.test\.ts:45:11/);
    expect(waits(error?.stack)).toEqual([`[waits in] stepping (${place}:44:3)`, `[waits in] paying (${place}:50:3)`]);
  });

  test("an error that is not the flow's shows where its strand waits", async () => {
    const { frame } = await begin(outer, ["error"], { reload });
    const waiting = await resume(frame, { now: later(120) }, { reload });
    const { error } = (await resume(waiting.frame, { now: later(240) }, { reload })) as Told;
    expect(error?.message).toContain("timed out");
    expect(waits(error?.stack)).toEqual([`[waits in] inner (${place}:9:15)`, ...chain]);
  });

  test("a cancellation shows where it came in", async () => {
    const { frame } = await begin(outer, ["error"], { reload });
    seen.length = 0;
    await resume(frame, { cancel: "closed" }, { reload });
    expect(waits((seen[0] as Error).stack)).toEqual([`[waits in] inner (${place}:9:15)`, ...chain]);
  });

  test("a wait that ended before it was awaited shows where it is awaited", async () => {
    const { frame } = await begin(tried, [], { reload });
    const { error } = (await resume(frame, { now: later(2) }, { reload })) as Told;
    expect(waits(error?.stack)).toEqual([`[waits in] early (${place}:35:3)`, `[waits in] tried (${place}:40:3)`]);
  });
});

test("no attribute changes", async () => {
  await thrown("error");
  const usual = Object.getOwnPropertyDescriptor(new Error(), "stack") as PropertyDescriptor;
  const { enumerable, configurable, writable, get } = Object.getOwnPropertyDescriptor(seen[0], "stack") as PropertyDescriptor;
  expect([enumerable, configurable, writable, get]).toEqual([usual.enumerable, usual.configurable, usual.writable, usual.get]);
  expect(Object.keys(seen[0] as Error)).toEqual([]);
  expect((seen[0] as Error).message).toBe("with\n    at a message (here)");
});

test.each(Object.keys(odd))("what is no error of V8's keeps its stack: %s", async (what) => {
  await thrown(what);
  const { stack } = seen[0] as { stack?: unknown };
  expect(String(stack)).not.toContain("[waits in]");
  if (what === "own") expect(stack).toBe("mine");
});

test("no more lines than the author wants in stacks", async () => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 2;
  try {
    expect(waits((await thrown("error")).error?.stack)).toEqual(chain.slice(0, 2));
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
});
