// find, where what it finds is large, and moves meanwhile.

import { deflow, listen, respond } from "deflow";
import { expect, it } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { onEachStore } from "./engines.ts";

const large = deflow(async function largeRun() {
  respond("x".repeat(20_000));
  await listen("word");
  respond("y".repeat(20_000));
  await listen("other");
});

onEachStore({ large }, (bench) => {
  it("gives runs that fit as they are shown, and loads a few at a time", async () => {
    const engine = bench().engine();
    for (let n = 1; n <= 20; n++) await engine.start(large, [], { id: `r${n}` });
    let loading = 0;
    let most = 0;
    const moved: Record<string, () => Promise<unknown>> = { r3: () => engine.kill("r3"), r7: () => engine.continue("r7", "word", 1) };
    const store: Store = new Proxy(bench().store, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (key !== "load") return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
        return async (id: string) => {
          most = Math.max(most, ++loading);
          await moved[id]?.();
          const row = await target.load(id);
          loading--;
          return row;
        };
      },
    });
    const others = (...without: string[]): string[] => Array.from({ length: 20 }, (_, n) => `r${n + 1}`).filter((id) => !without.includes(id));
    const { waits } = await bench().engine({ store }).waits({ context: "word" });
    expect(waits.map(({ runId }) => runId)).toEqual(others("r3", "r7"));
    expect([most > 1, most <= 8]).toEqual([true, true]);
    Object.assign(moved, { r3: undefined, r7: undefined, r9: () => engine.kill("r9") });
    expect((await bench().engine({ store }).find({ status: "waiting" })).runs.map(({ id, status }) => (status === "waiting" ? id : status))).toEqual(others("r3", "r9"));
  });
});
