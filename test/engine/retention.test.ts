// How long runs stay in the store.

import { context, deflow, listen } from "deflow";
import { describe, expect, it, vi } from "vitest";
import { changeOf } from "../../runtime/testing/store-fixture.ts";
import { onEachStore } from "./engines.ts";

const word = context<string>("word");
const ending = deflow(async function ending(how: "return" | "throw" | "wait") {
  if (how === "throw") throw new Error("no");
  return how === "wait" ? await listen(word) : how;
});

const hour = 3_600_000;

onEachStore({ ending }, (bench) => {
  const ids = async (): Promise<string[]> => (await bench().engine().find()).runs.map(({ id }) => id);

  it("ended runs are removed after the time of their status, others never", async () => {
    const engine = bench().engine({ keep: { completed: "1 hour", failed: "2 hours" } });
    await engine.start(ending, ["return"], { id: "completed" });
    await engine.start(ending, ["throw"], { id: "failed" });
    await engine.start(ending, ["wait"], { id: "waiting" });
    await engine.start(ending, ["wait"], { id: "queued", startAt: "1 day" });
    await engine.cancel(await engine.start(ending, ["wait"], { id: "cancelled" }));
    await bench().clock.advance(hour);
    await engine.tick();
    expect(await ids()).toEqual(["completed", "failed", "waiting", "queued", "cancelled"]);
    await bench().clock.advance(60_000);
    await engine.tick();
    expect(await ids()).toEqual(["failed", "waiting", "queued", "cancelled"]);
    await bench().clock.advance(hour);
    const worker = engine.work();
    await vi.waitFor(async () => expect(await ids()).toEqual(["waiting", "queued", "cancelled"]));
    await worker.stop();
  });

  it("one duration is for all; none keeps all", async () => {
    const keeping = bench().engine();
    const run = await keeping.start(ending, ["wait"], { id: "a" });
    await keeping.kill(run);
    await keeping.start(ending, ["throw"], { id: "b" });
    await bench().clock.advance(1_000 * hour);
    await keeping.tick();
    expect(await ids()).toEqual(["a", "b"]);
    await bench().engine({ keep: "1 second" }).tick();
    expect(await ids()).toEqual([]);
  });

  describe("more than are removed at once", () => {
    const ended = async (count: number): Promise<void> => {
      const now = bench().clock.now();
      for (const status of ["completed", "failed"] as const) {
        await bench().store.commit(Array.from({ length: count }, (_, n) => changeOf(`${status} ${n}`, 0, { status, now })));
      }
      await bench().clock.advance(hour);
    };
    const left = async (): Promise<number> => (await bench().store.find({ limit: 10_000 })).length;

    it("are removed by one tick that has the time", async () => {
      await ended(1_100);
      expect(await bench().engine({ keep: "1 minute" }).tick()).toEqual({ done: 0, nextAt: undefined });
      expect(await left()).toBe(0);
    });

    it("are left to the next tick, which is due at once, by one that has not", async () => {
      await ended(1_100);
      for (const expected of [1_200, 200, 0]) {
        const { nextAt } = await bench().engine({ keep: "1 minute" }).tick({ within: 0 });
        expect(await left()).toBe(expected);
        expect(nextAt).toEqual(expected > 0 ? new Date(bench().clock.now()) : undefined);
      }
    });

    it("are removed by a worker that does not poll", async () => {
      await ended(1_100);
      const worker = bench().engine({ keep: "1 minute" }).work({ poll: "1 day" });
      await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 5_000 });
      await worker.stop();
    });
  });

  it("refuses a status that ends no run", () => {
    expect(() => bench().engine({ keep: { waiting: "1 day" } as never })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error);
  });
});
