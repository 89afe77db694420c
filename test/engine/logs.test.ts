// What runs say is kept with them: bounded, with the commits that are made anyway, and with those alone.

import { begin, context, createEngine, deflow, listen, memory, resume, run, step } from "deflow";
import { describe, expect, it, vi } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { onEachStore } from "./engines.ts";
import { countWritten } from "./written.ts";
import { isCall } from "../stores/calls.ts";

const word = context<string>("word");

const talkative = deflow(async function talkative() {
  run.log("begins", 1, { by: "ann", big: 10n });
  run.log.debug("in detail");
  await step("work", ({ log }) => {
    log.warn("slow", 7);
    log.error(new Error("broken"));
    log({ only: "fields" });
  });
  run.log("waits");
  const said = await listen(word);
  run.log(`heard ${said}`);
  return said;
});

const chatty = deflow(async function chatty(lines: number, turns: number) {
  for (let turn = 0; turn < turns; turn++) {
    for (let line = 0; line < lines; line++) run.log(`turn ${turn} line ${line}`);
    await listen(word);
  }
});

const longWinded = deflow(async function longWinded(turns: number) {
  for (let turn = 0; turn < turns; turn++) {
    run.log("\u0001é".repeat(5_000), { text: "ü".repeat(5_000) }, { cycle: undefined });
    await listen(word);
  }
});

const silent = deflow(async function silent() {
  await step("quiet", () => 1);
  return await listen(word);
});

let gate: Promise<void> = Promise.resolve();
const contested = deflow(async function contested() {
  const who = await listen(word);
  run.log(`taken by ${who}`);
  if (who === "slow") await gate;
  return who;
});

const unstorable = deflow(async function unstorable() {
  await step("first", () => 1);
  run.log("then it goes wrong");
  const socket = new WeakMap();
  await listen(word);
  return socket;
});

let late: () => void = () => {};
const overdue = deflow(async function overdue() {
  await step("slow", async ({ log }) => {
    log("begins");
    await new Promise<void>((resolve) => (late = () => {
      log("too late");
      resolve();
    }));
  }, { timeout: "10 seconds" }).catch(() => {});
  return await listen(word);
});

let looked = 0;
const odd = deflow(async function odd() {
  const hostile = new Proxy({}, { ownKeys: () => { throw new Error("no keys"); }, getPrototypeOf: () => { throw new Error("no prototype"); } });
  const keyless = new Proxy({}, { ownKeys: () => { throw new Error("no keys"); } });
  run.log("odd", { get broken(): never { throw new Error("no getter"); }, json: { toJSON: () => { throw new Error("no json"); } }, hostile });
  run.log("proxies", hostile);
  run.log("keyless", keyless);
  const cycle: Record<string, unknown> = { date: new Date(0), when: undefined, map: new Map([["a", 1n]]), set: new Set([1]), error: new Error("e"), at: /x/ };
  run.log("kinds", { ...cycle, cycle: Object.assign(cycle, { cycle }) });
  const many = Array.from({ length: 100_000 }, () => ({ toJSON: () => ++looked }));
  run.log("many", { many });
  run.log(many, [many]);
  run.log("deep", { deep: JSON.parse(`${"[".repeat(900)}${"]".repeat(900)}`) as unknown });
  await listen(word);
});

const flows = { odd, talkative, chatty, longWinded, silent, contested, unstorable, overdue };

async function bytesOf(store: Store, id: string): Promise<number> {
  const parts = (await store.load(id))?.parts ?? new Map<string, string>();
  return [...parts].filter(([key]) => key.startsWith("log/")).reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0);
}

onEachStore(flows, (bench) => {
  it("with time, level, message, fields and step, for any process, oldest first", async () => {
    const { id } = await bench().engine().start(talkative, []);
    await bench().clock.advance(1_000);
    const [second, other] = [bench().engine(), bench().engine()];
    await second.continue(id, word, "x");
    const at = new Date(1_700_000_000_000);
    const lines = [
      { at, level: "info", message: "begins 1", fields: { by: "ann", big: "10" } },
      { at, level: "warn", message: "slow 7", step: "work", attempt: 1 },
      { at, level: "error", message: "Error: broken", fields: { error: expect.stringMatching(/^Error: broken\n {4}at /) }, step: "work", attempt: 1 },
      { at, level: "info", message: "{ only: 'fields' }", fields: { only: "fields" }, step: "work", attempt: 1 },
      { at, level: "info", message: "waits" },
      { at: new Date(at.getTime() + 1_000), level: "info", message: "heard x" },
    ];
    expect(await other.logs(id)).toEqual(lines);
    expect((await other.inspect(id)).logs).toEqual(lines);
    expect((await other.logs(id, { step: "work" })).map(({ message }) => message)).toEqual(["slow 7", "Error: broken", "{ only: 'fields' }"]);
    expect((await other.logs(id, { level: "warn" })).map(({ level }) => level)).toEqual(["warn", "error"]);
    await expect(other.logs("no")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("from the level that is asked for; or not at all", async () => {
    const all = bench().engine({ logs: { level: "debug" } });
    await all.start(talkative, [], { id: "all" });
    expect((await all.logs("all")).map(({ message }) => message)).toContain("in detail");
    const none = bench().engine({ logs: false });
    await none.start(talkative, [], { id: "none" });
    expect([await none.logs("none"), await bytesOf(bench().store, "none")]).toEqual([[], 0]);
    expect(bench().said.filter(({ message }) => message === "begins 1")).toHaveLength(2);
  });

  it("the last of them, written with the commits that are made anyway", async () => {
    const engine = bench().engine({ logs: { keep: 50 } });
    const written = countWritten(bench().store, "r");
    await engine.start(chatty, [500, 3], { id: "r" });
    expect(written.commits).toHaveLength(1);
    expect((await engine.logs("r")).map(({ message }) => message)).toEqual(Array.from({ length: 50 }, (_, line) => `turn 0 line ${450 + line}`));
    await engine.continue("r", word, "x");
    await engine.continue("r", word, "x");
    await engine.continue("r", word, "x");
    expect(written.commits).toHaveLength(4);
    expect((await engine.logs("r")).at(-1)?.message).toBe("turn 2 line 499");
    expect(await engine.logs("r")).toHaveLength(50);
  });

  it("and what was written before is not written again", async () => {
    const engine = bench().engine({ logs: { keep: 1_000 } });
    const written = countWritten(bench().store, "r");
    await engine.start(chatty, [1, 300], { id: "r" });
    for (let turn = 0; turn < 299; turn++) await engine.continue("r", word, "x");
    expect(await engine.logs("r")).toHaveLength(300);
    expect(await bytesOf(bench().store, "r")).toBeGreaterThan(15_000);
    expect(Math.max(...written.commits)).toBeLessThan(2_800);
  });

  it("never more bytes than allowed, however long a line is", async () => {
    const engine = bench().engine({ logs: { keep: 1_000, bytes: 16_384 } });
    await engine.start(longWinded, [12], { id: "r" });
    for (let turn = 0; turn < 12; turn++) {
      expect(await bytesOf(bench().store, "r")).toBeLessThanOrEqual(16_384);
      const last = (await engine.logs("r")).at(-1);
      expect(last?.message).toHaveLength(1_000);
      expect(last?.fields?.["text"]).toMatch(/^ü{1900,1999}…$/);
      await engine.continue("r", word, "x");
    }
  });

  it("whatever is given: no code of it can fail the flow, and of what is large only the first part is looked at", async () => {
    looked = 0;
    const engine = bench().engine();
    const { id } = await engine.start(odd, []);
    const [first, proxies, keyless, kinds, many, lists, deep] = await engine.logs(id);
    expect(first).toMatchObject({ message: "odd", fields: { broken: "[Getter]", json: "(unreadable)", hostile: "(unreadable)" } });
    expect([proxies?.message, keyless]).toEqual(["proxies (unreadable)", expect.objectContaining({ message: "keyless", fields: { text: "(unreadable)" } })]);
    const plain = { date: "1970-01-01T00:00:00.000Z", map: { a: "1" }, set: [1], error: "Error: e", at: "/x/" };
    expect(kinds?.fields).toEqual({ ...plain, cycle: { ...plain, cycle: "[Circular]" } });
    expect(many?.fields?.["many"]).toEqual(expect.arrayContaining([expect.stringMatching(/^… \d+ more$/)]));
    expect(lists?.message).toHaveLength(1_000);
    expect(JSON.stringify(deep?.fields)).toBe('{"deep":[[[[[[["[Object]"]]]]]]]}');
    expect(looked).toBeLessThan(3_000);
  });

  it("a run that says nothing has no part, and its commits are what they were", async () => {
    const [kept, off] = [countWritten(bench().store, "kept"), countWritten(bench().store, "off.")];
    await bench().engine({ logs: { level: "debug", console: true } }).start(silent, [], { id: "kept" });
    await bench().engine({ logs: false }).start(silent, [], { id: "off." });
    expect(kept.commits).toEqual(off.commits);
    expect((await bench().store.load("kept"))?.parts.size).toBe(0);
  });

  it("by a turn that keeps none they are neither read nor touched", async () => {
    const engine = bench().engine({ history: {} });
    await engine.start(chatty, [1, 5], { id: "r" });
    const given: string[] = [];
    const { store } = bench();
    const watched = new Proxy(store, {
      get: (target, name: keyof typeof store) => (!isCall(name) ? target[name] : async (...all: never[]) => {
        const answer = await (target[name] as (...all: never[]) => Promise<unknown>).apply(target, all);
        if (name === "load") given.push(...((answer as Awaited<ReturnType<typeof store.load>>)?.parts.keys() ?? []));
        return answer;
      }),
    });
    const other = bench().engine({ logs: false, store: watched });
    await other.continue("r", word, "x");
    await other.send("r", word, "y");
    expect(await other.get("r")).toMatchObject({ turn: 3 });
    expect(given).toEqual([]);
    await engine.continue("r", word, "z");
    expect((await engine.logs("r")).map(({ message }) => message)).toEqual(["turn 0 line 0", "turn 3 line 0"]);
    expect((await engine.history("r")).map(({ what, version }) => `${what} ${version}`)).toEqual(["started 1", "event 4"]);
  });

  it("not what a turn said that was lost to another", async () => {
    let open = (): void => {};
    gate = new Promise((resolve) => (open = resolve));
    const [slow, quick] = [bench().engine(), bench().engine()];
    await slow.start(contested, [], { id: "r" });
    const losing = slow.continue("r", word, "slow").catch((error: { code: string }) => error.code);
    await vi.waitFor(() => expect(bench().said.map(({ message }) => message)).toContain("taken by slow"));
    expect(await quick.continue("r", word, "quick")).toMatchObject({ status: "completed", value: "quick" });
    open();
    expect(await losing).toBe("RUN_ENDED");
    expect((await quick.logs("r")).map(({ message }) => message)).toEqual(["taken by quick"]);
  });

  it("what a turn said that could not be stored: with the commit that says so", async () => {
    const engine = bench().engine();
    const run = await engine.start(unstorable, []);
    expect(run).toMatchObject({ status: "failed", error: { code: "NOT_SERIALIZABLE" } });
    expect((await engine.logs(run)).map(({ message }) => message)).toEqual(["then it goes wrong"]);
  });

  it("not what an attempt says after it was given up, though the logger hears it", async () => {
    const engine = bench().engine();
    const starting = engine.start(overdue, []);
    await vi.waitFor(() => expect(bench().said).toHaveLength(1));
    await bench().clock.advance(10_000);
    const { id } = await starting;
    late();
    await engine.continue(id, word, "x");
    expect(bench().said.map(({ message }) => message)).toContain("too late");
    expect((await engine.logs(id)).map(({ message }) => message)).toEqual(["begins"]);
  });

  it("not by a fork, which has its own", async () => {
    const engine = bench().engine();
    await engine.start(talkative, [], { id: "r" });
    await engine.fork("r", { id: "f" });
    await engine.continue("f", word, "y");
    expect((await engine.logs("f")).map(({ message }) => message)).toEqual(["heard y"]);
    expect(await engine.logs("r")).toHaveLength(5);
  });
});

describe("logs", () => {
  it("refuses bounds that cannot hold", () => {
    for (const logs of [{ keep: 0 }, { keep: 1.5 }, { bytes: 100 }, { bytes: Number.NaN }]) {
      expect(() => createEngine({ store: memory(), flows: {}, logs })).toThrow(/`logs\.(?:keep|bytes)`.*whole number from/);
    }
  });

  it("of begin and resume go to their `log` alone, and are no part of the frame", async () => {
    const said: unknown[][] = [];
    const log = (...given: unknown[]): void => void said.push(given);
    const { frame } = await begin(talkative, [], { id: "r", log });
    const quiet = await begin(talkative, [], { id: "r" });
    expect(frame).toBe(quiet.frame);
    await resume(frame, word, "x", { log });
    expect(said).toHaveLength(7);
    expect(said[0]).toEqual([{ runId: "r", level: "info", values: ["begins", 1, { by: "ann", big: 10n }] }]);
    expect(said[2]).toEqual([{ runId: "r", step: "work", attempt: 1, level: "warn", values: ["slow", 7] }]);
  });
});
