// Input of somebody who means harm: typed errors, nothing let in, nothing stored, nothing that goes on for ever.

import { context, deflow, listen, respond } from "deflow";
import { expect, it } from "vitest";
import { z } from "zod";
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

function deep(levels: number): unknown {
  let value: unknown = "deep";
  for (let n = 0; n < levels; n++) value = [value];
  return value;
}

const names = ["it's", '"; drop table deflow_run; --', "{tag}", "id.*.>", "../../etc/passwd", "__proto__", "constructor", "Ω𝒳 こんにちは", "a%00b", "x".repeat(512)];

onEachStore({ checks, takes }, (bench) => {
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
