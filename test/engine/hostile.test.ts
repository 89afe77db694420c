// Input of somebody who means harm: typed errors, nothing let in, nothing stored, nothing that goes on for ever.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { callback, context, deflow, listen, respond, step } from "deflow";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Clock } from "../../runtime/realm/clock.ts";
import { createEngine } from "../../runtime/engine/engine.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { isSameHash, tokenHash } from "../../runtime/run/token.ts";
import { onEachStore } from "./engines.ts";

const strict = context("strict", z.strictObject({ amount: z.number() }));

const takes = deflow(async function hostileTakes() {
  for (;;) {
    const said = await listen("word");
    respond(said, ({} as Record<string, unknown>)["polluted"]);
    if (said === "end") return "over";
  }
});

const checks = deflow(async function hostileChecks() {
  return await listen(strict);
});

const taken: { step: Promise<unknown> } = { step: Promise.resolve() };

const socket = deflow(async function hostileSocket() {
  const said = await listen("word");
  const live = said === "socket" ? new WeakMap() : undefined;
  await listen("word");
  return String(live);
});

const large = deflow(async function hostileLarge() {
  const kept: unknown[] = [];
  for (;;) {
    const said = await listen("word");
    if (said === "end") return kept.length;
    kept.push(...Array.from({ length: Number(said) }, (_, n) => `${n}`.padEnd(100)));
  }
});

const works = deflow(async function hostileWorks() {
  const said: unknown[] = [];
  for (let n = 0; n < 2; n++) {
    const word = await listen("word");
    said.push(await step("work", async ({ attempt }) => {
      if (n === 0 && attempt === 1) await taken.step;
      return word;
    }));
  }
  return said;
});

const asks = deflow(async function hostileAsks() {
  const answer = callback();
  respond(answer.token);
  return await answer;
});

/** Backtracks for ever on a row of `a`s: whoever runs it, hangs. */
const bomb = /^(a+)+$/;
const food = `${"a".repeat(60)}!`;

function deep(levels: number): unknown {
  let value: unknown = "deep";
  for (let n = 0; n < levels; n++) value = [value];
  return value;
}

const names = ["it's", '"; drop table deflow_run; --', "{tag}", "id.*.>", "../../etc/passwd", "__proto__", "constructor", "Ω𝒳 こんにちは", "a%00b", "x".repeat(512)];

onEachStore({ asks, checks, large, socket, takes, works }, (bench) => {
  it("own __proto__ and constructor are data, and stay so across a stop", async () => {
    const engine = bench().engine();
    const run = await engine.start(takes, []);
    const payload = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"toJSON":1,"$ref":0}') as object;
    const { responses } = await bench().engine().continue(run, "word", payload);
    expect(responses[1]).toBeUndefined();
    expect(JSON.stringify(responses[0])).toBe(JSON.stringify(payload));
    expect(Object.getPrototypeOf(responses[0])).toBe(Object.prototype);
    await expect(engine.continue(await engine.start(checks, []), strict, JSON.parse('{"amount":1,"__proto__":{"x":1}}'))).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  it("depth, size and what cannot be stored are refused, the run unchanged", async () => {
    const engine = bench().engine();
    const run = await engine.start(takes, []);
    const before = await bench().store.load(run.id);
    const given: unknown[] = [deep(100_000), "x".repeat(300_000), Array.from({ length: 200_000 }, () => 1), () => 1, Promise.resolve(1), new Proxy(() => 1, {})];
    for (const data of given) {
      const code = expect.stringMatching(/^(?:INVALID_INPUT|NOT_SERIALIZABLE|TOO_LARGE)$/) as string;
      await expect(engine.continue(run, "word", data)).rejects.toMatchObject({ code });
      await expect(engine.send(run, "word", data)).rejects.toMatchObject({ code });
    }
    expect(await bench().store.load(run.id)).toEqual(before);
    expect(await engine.continue(run, "word", "end")).toMatchObject({ status: "completed" });
  });

  it.each(names)("%j is a run's id, an event's, a queue, a context and a key like any other", async (name) => {
    const engine = bench().engine();
    const run = await engine.start(takes, [], { id: name, queue: name, index: { [name]: name } });
    await engine.tick({ queues: [name] });
    expect((await engine.find({ index: { [name]: name } })).runs.map(({ id }) => id)).toEqual([name]);
    await engine.send(name, name, "for nobody", { eventId: name });
    expect(await engine.send(name, name, "for nobody", { eventId: name })).toEqual({ duplicate: true });
    expect(await engine.continue(run, "word", "end")).toMatchObject({ status: "completed", id: name });
  });

  it("names that no store keeps are refused everywhere", async () => {
    const engine = bench().engine();
    const run = await engine.start(takes, []);
    for (const name of ["", "a\u0000b", "a\nb", "\ud800", "x".repeat(10_000), 7 as never, null as never]) {
      for (const call of [
        engine.start(takes, [], { id: name }), engine.start(takes, [], { queue: name }), engine.send(run, name, 1), engine.continue(run, name, 1),
        engine.send(run, "word", 1, { eventId: name }), engine.continue(run, "word", 1, { eventId: name }),
      ]) await expect(call).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    expect(await engine.get(run)).toMatchObject({ turn: 1, status: "waiting" });
  });

  it("what is no id is refused by every call, and no store sees it", async () => {
    const engine = bench().engine();
    for (const id of [7, null, undefined, {}, [], Symbol("id"), () => "id", { id: 7 }, "", "a\u0000b", "\ud800", "x".repeat(10_000)] as never[]) {
      for (const call of [
        engine.get(id), engine.inspect(id), engine.logs(id), engine.history(id), engine.continue(id, "word", 1), engine.send(id, "word", 1), engine.cancel(id), engine.kill(id), engine.retry(id), engine.fork(id),
      ]) await expect(call).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    const run = await engine.start(takes, []);
    for (const permit of [7, null, {}, [], true] as never[]) {
      await expect(engine.continue(run, "word", 1, { permit })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
      await expect(engine.send(run, "word", 1, { permit })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    for (const token of [7, null, undefined, {}, { toString: () => "0" }, Symbol("t")] as never[]) await expect(engine.settle(token, 1)).rejects.toMatchObject({ code: "UNKNOWN_TOKEN" });
    expect(await engine.get(run)).toMatchObject({ turn: 1, status: "waiting" });
  });

  it("a regular expression in a payload is data: nobody runs it", async () => {
    const engine = bench().engine();
    const run = await engine.start(takes, []);
    const given = { bomb, food, inKeys: new Map([[bomb, food]]), text: { $r: [bomb.source, "", 0] } };
    const { responses } = await bench().engine().continue(run, "word", given, { eventId: food });
    expect(responses[0]).toEqual(given);
    expect((responses[0] as typeof given).bomb).toBeInstanceOf(RegExp);
    await engine.send(run, "nobody", given);
    await engine.inspect(run, { redact: () => undefined });
    await expect(engine.continue(run, food, bomb)).rejects.toMatchObject({ code: "NOT_LISTENING" });
    expect(await bench().engine().continue(run, "word", "end")).toMatchObject({ status: "completed" });
  });

  it("a local that cannot be stored, met in a worker: the run has failed and names it, its event is kept, and nothing goes round", async () => {
    const engine = bench().engine();
    const run = await engine.start(socket, [], { queue: "q" });
    await engine.tick();
    const before = (await bench().store.load(run.id))?.frame;
    await bench().store.deliver([{ to: run.id, kind: "event", now: bench().clock.now(), body: '{"v":1,"context":"word","data":"socket"}' }]);
    expect(await engine.tick()).toMatchObject({ done: 1 });
    const failed = { status: "failed", error: { code: "NOT_SERIALIZABLE", message: expect.stringContaining("live") as string } };
    expect(await engine.get(run)).toMatchObject(failed);
    expect(await engine.tick()).toMatchObject({ done: 0 });
    await bench().clock.advance(86_400_000);
    expect(await engine.tick()).toMatchObject({ done: 0 });
    expect((await bench().store.load(run.id))?.frame).toBe(before);
    expect(await engine.retry(run)).toMatchObject(failed);
    expect((await bench().store.load(run.id))?.frame).toBe(before);
  });

  it("a frame that grows too large: the turn is refused and changes nothing; in a worker the run has failed, and goes on with a higher limit", async () => {
    const engine = bench().engine({ limits: { frame: 60_000 } });
    const run = await engine.start(large, []);
    await engine.continue(run, "word", 100);
    const before = await bench().store.load(run.id);
    await expect(engine.continue(run, "word", 1_000)).rejects.toMatchObject({ code: "TOO_LARGE", message: expect.stringContaining("kept") as string });
    expect(await bench().store.load(run.id)).toEqual(before);
    await bench().store.deliver([{ to: run.id, kind: "event", now: bench().clock.now(), body: '{"v":1,"context":"word","data":1000}' }]);
    expect(await engine.tick()).toMatchObject({ done: 1 });
    expect(await engine.get(run)).toMatchObject({ status: "failed", error: { code: "TOO_LARGE" } });
    expect(await engine.tick()).toMatchObject({ done: 0 });
    const roomy = bench().engine();
    expect(await roomy.retry(run)).toMatchObject({ status: "waiting" });
    expect(await roomy.continue(run, "word", "end")).toMatchObject({ status: "completed", value: 1_100 });
  });

  it.each([["forward", 1], ["back", -1]])("a clock that jumps an hour %s in the midst of a step, and a process whose clock did not: nothing is lost or taken twice", async (_which, sign) => {
    let open = (): void => {};
    taken.step = new Promise<void>((resolve) => (open = resolve));
    let offset = 0;
    const jumping: Clock = { now: () => bench().clock.now() + offset, after: bench().clock.after.bind(bench().clock) };
    const [engine, other] = [bench().engine({ clock: jumping }), bench().engine()];
    const run = await engine.start(works, []);
    await engine.send(run, "nobody", 1);
    const first = engine.continue(run, "word", "one");
    await vi.waitFor(async () => expect(await other.get(run)).toMatchObject({ status: "running" }));
    offset = sign * 3_600_000;
    await other.send(run, "word", "two", { eventId: "two" });
    await engine.send(run, "word", "two", { eventId: "two" });
    for (const one of [engine, other]) await one.tick();
    open();
    expect(await first).toMatchObject({ id: run.id });
    for (let round = 0; round < 3; round++) {
      await bench().clock.advance(2 * 3_600_000);
      for (const one of [engine, other]) await one.tick();
    }
    expect(await other.get(run)).toMatchObject({ status: "completed", value: ["one", "two"] });
  });

  it("a frame with any one bit flipped is refused, or is a frame: nothing crashes, nothing hangs", async () => {
    const engine = bench().engine();
    const run = await engine.start(takes, []);
    const { id, status, state, waits, frame, ...row } = (await bench().store.load(run.id)) ?? expect.unreachable();
    let version = row.version;
    const write = async (text: string): Promise<void> => {
      await bench().store.commit([{ id, version: version++, now: 0, status, state, waits, frame: text, looked: 0, wake: null }]);
    };
    for (let at = 0; at < frame.length; at += 3) {
      const flipped = String.fromCharCode(frame.charCodeAt(at) ^ (1 << (at % 7)));
      if (/[\u0000]/.test(flipped)) continue;
      await write(frame.slice(0, at) + flipped + frame.slice(at + 1));
      await engine.inspect(id).catch((error: { code?: string }) => expect(error.code).toMatch(/^[A-Z_]+$/));
    }
    await write(frame);
    expect(await engine.continue(run, "word", "end")).toMatchObject({ status: "completed" });
  });
});

// GUESSES=1000000 for the long one.
const guesses = Number(process.env["GUESSES"] ?? 20_000);

describe("a callback's token", () => {
  it(`is not found by ${guesses.toLocaleString("en")} guesses, near ones and others, each told the same`, { timeout: 60_000 + guesses }, async () => {
    const engine = createEngine({ store: memory(), flows: { asks } });
    const run = await engine.start(asks, []);
    const token = String(run.responses[0]);
    const answers = new Set<string>();
    const guess = Buffer.from(token, "hex");
    for (let n = 0; n < guesses; n++) {
      // Half of them differ from the token in its last 32 bits only.
      const near = n % 2 === 0;
      guess.writeUInt32BE((n * 2_654_435_761) >>> 0, near ? 28 : (n % 7) * 4);
      const attempt = guess.toString("hex");
      if (near) guess.write(token, "hex");
      if (attempt === token) continue;
      await engine.settle(attempt, "x").then(() => answers.add("taken"), (error: { code: string; message: string }) => answers.add(`${error.code} ${error.message}`));
    }
    expect([...answers]).toEqual([expect.stringMatching(/^UNKNOWN_TOKEN /)]);
    expect(await engine.settle(token, "right")).toMatchObject({ status: "completed", value: "right" });
    await engine.settle(token, "again").catch((error: { code: string; message: string }) => answers.add(`${error.code} ${error.message}`));
    expect(answers.size).toBe(1);
  });

  it("and a permit are compared in constant time, and nowhere in another way", () => {
    const runtime = fileURLToPath(new URL("../../runtime/", import.meta.url));
    const files = readdirSync(runtime, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
    const others = files.flatMap((path) => readFileSync(join(runtime, path), "utf8").split("\n")
      .filter((line) => /\b(?:token|permit|hash|(?:token|permit)Hash\([^)]*\)) [!=]==? (?!undefined|null|")|[!=]==? (?:\w+\.)*(?:token|permit|hash)\b|[!=]==? (?:token|permit)Hash/.test(line)).map((line) => `${path}: ${line.trim()}`));
    expect(others).toEqual([]);
    expect(isSameHash(tokenHash("a"), tokenHash("a"))).toBe(true);
    expect(isSameHash(tokenHash("a"), tokenHash("b"))).toBe(false);
    expect(isSameHash(tokenHash("a"), "")).toBe(false);
  });
});
