// What a dispatcher brings: work of another process is found before anybody polls. And what it can break: nothing.

import { describe, expect, it, vi } from "vitest";
import type { Dispatcher } from "../../runtime/dispatchers/dispatcher.ts";
import { inProcess } from "../../runtime/dispatchers/in-process.ts";
import type { Engine } from "../../runtime/engine/engine.ts";
import { broken } from "./broken.ts";
import { onEachStore } from "../engine/engines.ts";
import { both, gate, hello, sleeper, word, works } from "../engine/flows.ts";

const flows = { both, hello, sleeper };
const day = 24 * 3600_000;

onEachStore(flows, (bench) => {
  const two = (dispatcher: Dispatcher): readonly [Engine, Engine] => [bench().engine({ dispatcher }), bench().engine({ dispatcher })];
  const status = async (id: string): Promise<string | undefined> => (await bench().store.load(id))?.status;

  describe("another process, by a ring alone,", () => {
    it("begins what was queued, of its queues", async () => {
      const [caller, other] = two(inProcess());
      const work = other.work({ poll: "1 day", queues: ["mail"] });
      await bench().clock.advance(1);
      const elsewhere = await caller.start(hello, ["Ann"], { queue: "slow" });
      const run = await caller.start(hello, ["Ann"], { queue: "mail" });
      await vi.waitFor(async () => expect(await status(run.id)).toBe("waiting"));
      expect(await status(elsewhere.id)).toBe("queued");
      await work.stop();
    });

    it("fires a timer at its time", async () => {
      const [caller, other] = two(inProcess());
      const work = other.work({ poll: "1 day" });
      await bench().clock.advance(1);
      const run = await caller.start(sleeper, [3_000]);
      await bench().clock.advance(3_000);
      await vi.waitFor(async () => expect(await status(run.id)).toBe("completed"));
      await work.stop();
    });

    it("takes a letter to a run that it holds, and tells who waits for that and for the end", async () => {
      const step = gate();
      works.run = () => step.promise.then(() => "work");
      const [caller, other] = two(inProcess());
      const starting = other.start(both, [], { id: "a" });
      await vi.waitFor(async () => expect((await bench().store.load("a"))?.wake?.owner).toEqual(expect.any(String)));
      await caller.send("a", word, "heard");
      await vi.waitFor(async () => expect((await caller.get("a")).waits.map(({ kind }) => kind)).toEqual(["step"]));
      const result = (await caller.get("a")).result();
      step.open();
      expect(await result).toBe("work heard");
      await starting;
    });
  });

  describe.each(Object.entries(broken))("a dispatcher that %s", (_name, [, make]) => {
    it("changes nothing but when", async () => {
      const step = gate();
      works.run = () => step.promise.then(() => "work");
      const [caller, other] = two(make() as Dispatcher);
      const work = other.work({ poll: "1 day" });
      const queued = await caller.start(sleeper, [1_000], { queue: "mail" });
      await vi.waitFor(async () => {
        await bench().clock.advance(day);
        expect(await status(queued.id)).toBe("completed");
      });
      const starting = other.start(both, [], { id: "a" });
      await vi.waitFor(async () => expect((await bench().store.load("a"))?.wake?.owner).toEqual(expect.any(String)));
      await caller.send("a", word, "heard");
      step.open();
      await starting;
      await vi.waitFor(async () => {
        await bench().clock.advance(day);
        expect(await caller.get("a")).toMatchObject({ status: "completed", value: "work heard" });
      });
      await work.stop();
    });
  });
});

it("one that fails is said once, and closing an engine stops listening", async () => {
  const warn = vi.fn();
  const { createEngine, memory } = await import("deflow");
  let listening = 0;
  const dispatcher: Dispatcher = {
    ring: () => Promise.reject(new Error("no line")),
    listen(_heard, failed) {
      listening++;
      failed?.(new Error("deaf"));
      failed?.(new Error("deaf"));
      return () => listening--;
    },
  };
  const store = memory();
  const engine = createEngine({ store, flows, dispatcher, logger: { debug() {}, info() {}, warn, error() {} } });
  await engine.start(hello, ["Ann"], { queue: "mail" });
  expect(listening).toBe(0);
  const work = engine.work();
  await vi.waitFor(async () => expect((await engine.find()).runs).toMatchObject([{ status: "waiting" }]));
  expect(listening).toBe(1);
  await work.stop();
  await engine.close();
  await store.close();
  expect(listening).toBe(0);
  expect(warn.mock.calls.map(([message]) => String(message)).filter((message) => message.includes("dispatcher"))).toEqual([
    "The dispatcher failed; what other processes store is found by polling: Error: no line",
  ]);
});
