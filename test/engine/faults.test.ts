// Every store operation of a scenario fails once, before or after it was applied. Whoever called repeats itself, as clients do,
// and the run ends as if nothing had been wrong.

import { expect, it } from "vitest";
import { SimulatedClock } from "../../runtime/clock.ts";
import { createEngine } from "../../runtime/engine/engine.ts";
import type { Store } from "../../runtime/store.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { approve, decision, effects, paid, parent, word, hello } from "./flows.ts";

const flows = { approve, hello, parent };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The `at`-th call fails. */
function faulty(store: Store, at: number, when: "before" | "after"): { store: Store; hit: () => boolean } {
  let calls = 0;
  const wrapped = new Proxy(store, {
    get: (target, name: keyof Store) => async (...args: unknown[]) => {
      const fails = name !== "close" && ++calls === at;
      if (fails && when === "before") throw new Error("the store failed");
      const result: unknown = await (target[name] as (...args: unknown[]) => Promise<unknown>).apply(target, args);
      if (fails) throw new Error("the store failed, after it had done it");
      return result;
    },
  });
  return { store: wrapped, hit: () => calls >= at };
}

async function again<T>(call: () => Promise<T>): Promise<T> {
  return await call().catch(call);
}

async function scenario(at: number, when: "before" | "after"): Promise<boolean> {
  paid.length = 0;
  effects.pay = () => "paid";
  const clock = new SimulatedClock(1_700_000_000_000);
  const { store, hit } = faulty(memory(), at, when);
  const engine = createEngine({ store, flows, clock, logger: silent });
  await again(() => engine.start(approve, [1], { id: "a" }));
  await again(() => engine.send("a", word, "for nobody", { eventId: "e0" }));
  await again(() => engine.continue("a", decision, { ok: true }, { eventId: "e1" }));
  await again(() => engine.start(parent, [hello, ["Ann"], { id: "child" }], { id: "p" }));
  await engine.idle();
  for (let round = 0; round < 3; round++) {
    await clock.advance(30_000);
    await again(() => engine.tick());
    await engine.idle();
  }
  await again(() => engine.continue("child", word, "cheese", { eventId: "e2" }));
  await engine.idle();
  for (let round = 0; round < 3; round++) {
    await clock.advance(30_000);
    await again(() => engine.tick());
    await engine.idle();
  }
  expect(await again(() => engine.get("a"))).toMatchObject({ status: "completed", value: "paid" });
  expect(await again(() => engine.get("p"))).toMatchObject({ status: "completed", value: "cheese" });
  expect(new Set(paid.map(({ key }) => key)).size).toBe(1);
  expect(paid.length).toBeLessThanOrEqual(2);
  expect((await again(() => engine.find())).runs.map(({ id }) => id)).toEqual(["a", "p", "child"]);
  await engine.close();
  return hit();
}

it.each(["before", "after"] as const)("a store that fails once, %s it did what it should", { timeout: 60_000 }, async (when) => {
  let at = 1;
  while (await scenario(at, when).catch((error: unknown) => {
    throw new Error(`operation ${at} failed ${when}`, { cause: error });
  })) at++;
  expect(at).toBeGreaterThan(30);
});
