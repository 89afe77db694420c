// Promises of a run in the hands of ordinary code.

import { deflow, listen, sleep, step } from "deflow";
import { describe, expect, test } from "vitest";
import { modes, Play } from "./turns.ts";

/** As a library would: it calls back later and waits natively. */
async function twice<T>(fn: () => Promise<T>): Promise<T[]> {
  const first = await fn();
  await new Promise((resolve) => setTimeout(resolve, 1));
  return [first, await fn()];
}

/** An ordinary promise that a strand is to settle after a stop: the turn ends for neither. */
function deferred(): { promise: Promise<string>; settle: (value: string) => void } {
  const made: { settle?: (value: string) => void } = {};
  const promise = new Promise<string>((resolve) => {
    made.settle = resolve;
  });
  return { promise, settle: (value) => made.settle?.(value) };
}

const stuck = deflow(async function stuck() {
  const { promise, settle } = deferred();
  const other = (async () => settle(await listen("go") as string))();
  const value = await promise;
  await other;
  return value;
});

const ordinary = deflow(async function ordinary() {
  let calls = 0;
  const got = await twice(async () => {
    await Promise.resolve();
    return ++calls;
  });
  await listen("x");
  return got;
});

const waiting = deflow(async function waiting() {
  try {
    return await twice(async () => {
      await Promise.resolve();
      return await listen("deep");
    });
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message];
  }
});

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

const later = deflow(async function later(way: string) {
  const ways: Record<string, () => Promise<unknown>> = {
    stops: async () => {
      await tick();
      await listen("deep");
    },
    returns: async () => {
      await tick();
      return listen("deep");
    },
    combines: async () => {
      await Promise.all([listen("deep"), tick()]);
    },
    nests: async () => {
      await tick();
      await ways["stops"]?.();
    },
  };
  try {
    await twice(ways[way] as () => Promise<unknown>);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "not thrown";
});

const direct = deflow(async function direct() {
  const tries: string[] = [];
  for (const attempt of [
    () => twice(() => listen("x")),
    () => Promise.resolve(sleep(1)).then(globalThis.structuredClone),
    async () => sleep(1).then(globalThis.structuredClone),
  ]) {
    try {
      await attempt();
    } catch (error) {
      tries.push((error as { code: string }).code);
    }
  }
  await listen("y");
  return tries;
});

const settledBefore = deflow(async function settledBefore() {
  const p = listen("x");
  await p;
  const got = await twice(() => p);
  await step("s", () => 1);
  return got;
});

/** Ordinary code waits for a gate that one strand may open in a later turn, another in this one. */
const gated = deflow(async function gated(soon: boolean) {
  let open!: (by: string) => void;
  const gate = new Promise<string>((resolve) => {
    open = resolve;
  });
  const late = (async () => open(await listen("go") as string))();
  const early = (async () => {
    await tick();
    if (soon) open("early");
  })();
  let got: unknown;
  try {
    got = await twice(async () => await gate);
  } catch (error) {
    got = (error as { code: string }).code;
  }
  await early;
  await late;
  return got;
});

describe.each(modes)("$name", (mode) => {
  test("a turn that waits for an ordinary promise for ever is ended, with what a waiting strand holds", async () => {
    const play = new Play(mode, { turnTimeout: "2 minutes" });
    const turn = play.begin(stuck).catch((error: unknown) => error);
    await tick();
    await play.clock.advance(119_999);
    expect(play.frames).toEqual([]);
    await play.clock.advance(1);
    expect(await turn).toMatchObject({ code: "TURN_TIMEOUT", message: expect.stringMatching(/^The turn was still running after 2 minutes, and could not have been stored: `env\.settle` is the function `settle` and cannot be stored, in `stuck#\S+` at `listen:go` \(.*held\.test\.ts:\d+:\d+\)$/) as string });
  });

  test("to ordinary code the promise of a strand is an ordinary promise", async () => {
    const play = new Play(mode);
    await play.begin(ordinary);
    expect(await play.send("x")).toMatchObject({ value: [1, 2] });
  });

  test("an operation inside it throws, naming both places", async () => {
    const play = new Play(mode);
    const turn = await play.begin(waiting) as { value: [string, string] };
    expect(turn.value[0]).toBe("HELD_BY_ORDINARY_CODE");
    expect(turn.value[1]).toMatch(/`listen:deep` \(.*held\.test\.ts:\d+:\d+\).*twice/s);
  });

  test.each(["stops", "returns", "combines", "nests"])("also when it %s after a while", async (way) => {
    expect(await new Play(mode).begin(later, way)).toMatchObject({ value: "HELD_BY_ORDINARY_CODE" });
  });

  test("what a strand that moves may still settle is waited for, and told when none does", async () => {
    for (const [soon, value] of [[true, ["early", "early"]], [false, "HELD_BY_ORDINARY_CODE"]] as const) {
      const play = new Play(mode);
      await play.begin(gated, soon);
      expect(await play.send("go", "late")).toMatchObject({ value });
    }
  });

  test("an operation itself cannot be held", async () => {
    const play = new Play(mode);
    await play.begin(direct);
    expect(await play.send("y")).toMatchObject({ value: ["HELD_BY_ORDINARY_CODE", "HELD_BY_ORDINARY_CODE", "HELD_BY_ORDINARY_CODE"] });
  });

  test("a settled one can", async () => {
    const play = new Play(mode);
    await play.begin(settledBefore);
    expect(await play.send("x", 5)).toMatchObject({ value: [5, 5] });
  });
});

const looked = deflow(async function looked() {
  const strand = (async () => {
    await tick();
    return await listen("deep");
  })();
  // As an error message does that shows a value.
  const name = strand.constructor.name;
  try {
    return [name, await strand];
  } catch (error) {
    return [name, (error as { code: string }).code];
  }
});

test("who only looks at a promise leaves no rejection behind", async () => {
  expect(await new Play(modes[0] as (typeof modes)[0]).begin(looked)).toMatchObject({ value: ["Promise", "HELD_BY_ORDINARY_CODE"] });
});
