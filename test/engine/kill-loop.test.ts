// The kill loop, short: see kill/loop.ts; kill/cli.ts is the long one, and has the controls. What the checker says of ledgers
// that are wrong is tested here.

import { describe, expect, it } from "vitest";
import { check, type Begun, type Loop } from "./kill/checker.ts";
import { controlOf, controls, killLoop } from "./kill/loop.ts";
import { isThere } from "../postgres/shared.ts";

describe.each(["sqlite", "postgres"] as const)("on %s", (store) => {
  const test = store === "postgres" && !isThere ? it.skip : it;
  test("nothing is lost, doubled or stuck, and no more is repeated than was under way", { timeout: 180_000 }, async () => {
    const { wrong, kills, stops, effects } = await killLoop({ seed: 1, store, kills: 12, workers: 3, lease: 1_000, runs: 20, words: 6 });
    expect(wrong).toEqual([]);
    expect(kills + stops).toBeGreaterThanOrEqual(12);
    expect(effects).toBeGreaterThanOrEqual(120);
  });
});

// In which order things must happen for each to matter, is told and stepped through in controls.test.ts.
it.each(Object.keys(controls) as (keyof typeof controls)[])("over a store with %s it is found within 8 kills", { timeout: 180_000 }, async (lacks) => {
  const { wrong } = await killLoop(controlOf(lacks, { seed: 1, kills: 8, workers: 3, lease: 1_000 }));
  expect(wrong).toContainEqual(expect.stringMatching(controls[lacks].found));
});

describe("the checker finds", () => {
  const begun = (pid: number, key: string, fence: number, word = "w1"): Begun => ({ pid, begun: key, word, fence });
  const right: Loop = {
    sent: new Map([["r", ["w1", "w2"]]]), disturbed: new Map([[7, 1]]),
    ledger: [begun(7, "r:2", 2), begun(8, "r:2", 3), begun(8, "r:4", 5, "w2")],
    ended: [{ id: "r", status: "completed", value: ["w1", "w2"] }],
  };

  it("nothing where nothing is wrong", () => {
    expect(check(right)).toEqual({ wrong: [], repeated: 1 });
  });

  it.each<readonly [what: string, Partial<Loop>, found: RegExp]>([
    ["an event that is lost", { ended: [{ id: "r", status: "completed", value: ["w1"] }] }, /^lost: w2/],
    ["an event that came twice", { ended: [{ id: "r", status: "completed", value: ["w1", "w2", "w2"] }] }, /^twice/],
    ["events out of order", { ended: [{ id: "r", status: "completed", value: ["w2", "w1"] }] }, /^twice/],
    ["a run that is stuck", { ended: [{ id: "r", status: "running", value: [] }] }, /^stuck/],
    ["a run that is gone", { ended: [] }, /^stuck/],
    ["a step repeated though its process lives", { disturbed: new Map() }, /^repeated: r:2 of 7, which lives/],
    ["two steps of one process repeated", { ledger: [...right.ledger, begun(7, "r:4", 6, "w2"), begun(8, "r:4", 7, "w2")] }, /^repeated: 2 steps of 7/],
    ["a fence that did not rise", { ledger: [begun(7, "r:2", 2), begun(8, "r:2", 2)] }, /^repeated: r:2 began twice with fence 2/],
    ["other arguments", { ledger: [begun(7, "r:2", 2), begun(8, "r:2", 3, "w2")] }, /^arguments/],
    ["a step too many", { ledger: [...right.ledger, begun(8, "r:6", 6)] }, /^twice: r has 3 steps/],
  ])("%s", (_what, change, found) => {
    expect(check({ ...right, ...change }).wrong).toContainEqual(expect.stringMatching(found));
  });
});
