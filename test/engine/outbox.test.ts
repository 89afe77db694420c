// What one run tells another, when it cannot be delivered.

import { deflow, listen, start } from "deflow";
import { expect, it, vi } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { changeOf } from "../../runtime/testing/store-fixture.ts";
import { onEachStore } from "./engines.ts";
import { isCall } from "../stores/calls.ts";

const child = deflow(async function outboxChild() {
  return await listen("word");
});

const parent = deflow(async function outboxParent(name: string) {
  const handle = await start(child, [], { id: `child of ${name}` });
  return await handle.result();
});

onEachStore({ child, parent }, (bench) => {
  /** The store, but for deliveries to `run` while `failing` says so. */
  function deaf(run: string, failing: () => boolean): Store {
    const { store } = bench();
    return new Proxy(store, {
      get: (target, name: keyof Store) => (!isCall(name) ? target[name] : (...args: never[]) => {
        const isFor = name === "deliver" && (args[0] as unknown as Parameters<Store["deliver"]>[0]).some(({ to }) => to === run);
        if (isFor && failing()) return Promise.reject(new Error("no way there"));
        return (target[name] as (...args: never[]) => unknown).apply(target, args);
      }),
    });
  }

  it("a message that cannot be delivered keeps none back, and is tried again, less and less often", async () => {
    let failing = true;
    const engine = bench().engine({ store: deaf("a", () => failing) });
    const heard: { failures: number; after: number }[] = [];
    const begun = bench().clock.now();
    engine.on("undelivered", ({ runId, failures, nextAt, error }) => {
      expect([runId, String(error)]).toEqual(["a", "Error: no way there"]);
      heard.push({ failures, after: nextAt.getTime() - begun });
    });
    for (const id of ["a", "b"]) await engine.start(parent, [id], { id });
    await engine.idle();
    for (const id of ["a", "b"]) await engine.send(`child of ${id}`, "word", id);
    await engine.idle();
    expect(await engine.get("b")).toMatchObject({ status: "completed", value: "b" });
    expect(heard).toEqual([{ failures: 1, after: 1_000 }]);
    expect(bench().warnings("error")).toEqual([expect.stringContaining("A message to `a` could not be delivered")]);
    const worker = engine.work({ poll: "1 day" });
    for (const seconds of [1, 2, 4]) await bench().clock.advance(seconds * 1_000);
    expect(heard.map(({ failures, after }) => [failures, after])).toEqual([[1, 1_000], [2, 3_000], [3, 7_000], [4, 15_000]]);
    for (let hour = 0; hour < 12; hour++) await bench().clock.advance(300_000);
    expect(heard.length).toBeLessThan(4 + 6 + 12);
    failing = false;
    await bench().clock.advance(300_000);
    await vi.waitFor(async () => expect(await engine.get("a")).toMatchObject({ status: "completed", value: "a" }));
    await worker.stop();
  });

  it("while they are delivered workers claim runs, and no second scan begins", async () => {
    let scans = 0;
    let held = 0;
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    const { store } = bench();
    const slow = new Proxy(store, {
      get: (target, name: keyof Store) => (!isCall(name) ? target[name] : async (...args: never[]) => {
        if (name === "outbox") scans++;
        if (name === "deliver" && ++held) await opened;
        return await (target[name] as (...args: never[]) => unknown).apply(target, args);
      }),
    });
    const engine = bench().engine({ store: slow });
    const worker = engine.work({ poll: "1 day" });
    await engine.start(parent, ["a"], { id: "a" });
    await vi.waitFor(() => expect(held).toBe(1));
    const before = scans;
    for (const id of ["b", "c"]) {
      await engine.start(parent, [id], { id, queue: "q" });
      await vi.waitFor(async () => expect(await engine.get(id)).toMatchObject({ status: "waiting" }));
    }
    expect([scans, held]).toEqual([before, 1]);
    open();
    await engine.idle();
    expect(await store.outbox(10)).toEqual([]);
    expect(scans).toBeLessThanOrEqual(before + 3);
    await worker.stop();
  });

  it("as many as there may be do not stop workers, nor what is behind them", async () => {
    const message = (n: number) => ({ to: "a", kind: "subscribe", eventId: `e${n}`, body: "of a later version" });
    await bench().store.commit([changeOf("broken", 0, { status: "completed", outbox: Array.from({ length: 250 }, (_, n) => message(n)) })]);
    const engine = bench().engine();
    const worker = engine.work({ poll: "1 day" });
    await engine.start(parent, ["b"], { id: "b", queue: "q" });
    await vi.waitFor(async () => expect((await engine.find({ status: "waiting" })).runs).toHaveLength(2));
    await engine.continue("child of b", "word", "heard");
    await vi.waitFor(async () => expect(await engine.get("b")).toMatchObject({ status: "completed", value: "heard" }));
    expect(await bench().store.outbox(1_000)).toHaveLength(250);
    expect(bench().warnings("error")).toHaveLength(250);
    await worker.stop();
  });
});
