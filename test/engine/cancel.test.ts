// cancel: what runs at the end, and what a second one does not end.

import { deflow, listen, step } from "deflow";
import { beforeEach, expect, it, vi } from "vitest";
import { onEachStore } from "./engines.ts";

const world = { noted: [] as string[], signal: undefined as AbortSignal | undefined, open: (): void => {} };

beforeEach(() => {
  Object.assign(world, { noted: [], signal: undefined });
});

const returning = deflow(async function returning() {
  return listen("word").finally(async () => {
    world.noted.push("cleans");
    await step("clean", () => void world.noted.push("step"));
  });
});

const cleaning = deflow(async function cleaningUp() {
  try {
    await listen("word");
  } finally {
    await step("clean", ({ signal }) => {
      world.signal = signal;
      return new Promise<void>((resolve) => (world.open = resolve));
    });
    world.noted.push("cleaned");
  }
});

const waiting = deflow(async function waitingFor() {
  return await listen("word", { permit: "secret" });
});

onEachStore({ returning, cleaning, waiting }, (bench) => {
  it("runs the reactions to a promise that the flow returned, in whichever process it comes, and what they wait for", async () => {
    await bench().engine().start(returning, [], { id: "r" });
    expect(world.noted).toEqual([]);
    expect(await bench().engine().cancel("r")).toMatchObject({ status: "cancelled" });
    expect(world.noted).toEqual(["cleans", "step"]);
  });

  it("a second one does not end the cleanup of the first", async () => {
    const engine = bench().engine();
    await engine.start(cleaning, [], { id: "r" });
    const first = engine.cancel("r", "first");
    await vi.waitFor(() => expect(world.signal).toBeDefined());
    const second = engine.cancel("r", "second");
    await vi.waitFor(async () => expect((await bench().store.load("r"))?.delivered).toBe(1));
    await bench().clock.advance(10_000);
    expect(world.signal?.aborted).toBe(false);
    world.open();
    expect(await first).toMatchObject({ status: "cancelled", error: { message: expect.stringContaining("first") } });
    expect(await second).toMatchObject({ status: "cancelled" });
    expect(world.noted).toEqual(["cleaned"]);
  });

  it("a run keeps the last twenty letters that were refused, before its end and after", async () => {
    const engine = bench().engine();
    await engine.start(waiting, [], { id: "r" });
    for (let n = 1; n <= 25; n++) await engine.send("r", "word", n, { permit: "guess", eventId: `e${n}` });
    await engine.idle();
    const kept = Array.from({ length: 20 }, (_, n) => `e${n + 6}`);
    expect((await engine.get("r")).refused.map(({ eventId }) => eventId)).toEqual(kept);
    for (let n = 26; n <= 50; n++) await bench().store.deliver([{ to: "r", kind: "settle", eventId: `e${n}`, body: '{"v":1,"token":"none","data":1}', now: bench().clock.now() }]);
    await engine.kill("r");
    expect((await engine.get("r")).refused.map(({ eventId }) => eventId)).toEqual(Array.from({ length: 20 }, (_, n) => `e${n + 31}`));
    for (let n = 51; n <= 75; n++) await bench().store.deliver([{ to: "r", kind: "settle", eventId: `e${n}`, body: '{"v":1,"token":"none","data":1}', now: bench().clock.now() }]);
    await engine.tick();
    expect((await engine.get("r")).refused.map(({ eventId }) => eventId)).toEqual(Array.from({ length: 20 }, (_, n) => `e${n + 56}`));
  });
});
