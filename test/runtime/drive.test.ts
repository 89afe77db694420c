// The turn's loop as the engine uses it: input while steps run, turns that leave their steps to others, failed commits.

import { deflow, listen, respond, step } from "deflow";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { SimulatedClock } from "../../runtime/realm/clock.ts";
import { drive, type Host } from "../../runtime/turn/drive.ts";
import { type Input, input } from "../../runtime/run/input.ts";
import type { CompiledFlow } from "../../runtime/strands/registry.ts";
import { restoreRun } from "../../runtime/record/restore.ts";
import type { Snapshot } from "../../runtime/record/snapshot.ts";
import { startRun } from "../../runtime/run/start.ts";
import type { RunEnv } from "../../runtime/run/step.ts";
import { modes } from "./turns.ts";

const world = { signal: undefined as AbortSignal | undefined, started: 0, fence: 0, release: (_: string): void => {}, begun: [] as string[], ends: new Map<string, () => void>() };

beforeEach(() => {
  Object.assign(world, { signal: undefined, started: 0, begun: [], ends: new Map() });
});

const working = deflow(async function working() {
  const work = async (): Promise<string> => {
    try {
      return await step("work", ({ signal, fence }) => {
        Object.assign(world, { signal, fence, started: world.started + 1 });
        return new Promise<string>((resolve) => {
          world.release = resolve;
        });
      });
    } catch (error) {
      return (error as Error).message;
    }
  };
  const talk = async (): Promise<void> => {
    for (;;) respond(await listen("say"));
  };
  talk().catch(() => {});
  return await work();
});

const pair = deflow(async function pair(names: string[]) {
  return await Promise.all(names.map((name) => step(name, () => {
    world.begun.push(name);
    return new Promise<string>((resolve) => world.ends.set(name, () => resolve(`${name} ${world.begun.length}`)));
  })));
});

const clock = new SimulatedClock(1000);
const env: RunEnv = { now: () => clock.now(), random: (size) => new Uint8Array(size) };

function host(reload: boolean, more: Partial<Host> = {}): Host & { readonly taken: Snapshot[] } {
  const taken: Snapshot[] = [];
  return { clock, reload, taken, commit: async (snapshot) => void taken.push(snapshot), ...more };
}

const start = () => startRun(working as unknown as CompiledFlow, [], env, { id: "run" });

/** Inputs given one by one, when asked for. */
function inputs(...list: (Input | (() => Input))[]): NonNullable<Host["next"]> {
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    const next = list.shift();
    return next === undefined ? new Promise<never>(() => {}) : typeof next === "function" ? next() : next;
  };
}

describe.each(modes)("$name", ({ reload }) => {
  test("input is taken while a step runs, each as a turn of its own", async () => {
    const refused: unknown[] = [];
    const own = host(reload, {
      next: inputs({ event: "say", data: 1 }, { event: "other", data: 1 }, { event: "say", data: 2 }, () => {
        world.release("done");
        return { fire: 0 };
      }),
      refused: (_, error) => refused.push((error as { code: string }).code),
      fence: () => 7,
    });
    const snapshot = await drive(start(), own);
    expect(snapshot).toMatchObject({ status: "completed", value: "done" });
    expect(own.taken.map(({ turn, responses }) => [turn, ...responses])).toEqual([[1], [2, 1], [3, 2], [3, 2]]);
    expect(refused).toEqual(["NOT_LISTENING"]);
    expect([world.started, world.fence]).toEqual([1, 7]);
  });

  test("cancel aborts the running step and drops its result", async () => {
    const snapshot = await drive(start(), host(reload, { next: inputs({ cancel: "enough" }) }));
    expect(snapshot).toMatchObject({ status: "completed", value: "Cancelled: enough" });
    expect(world.signal?.aborted).toBe(true);
  });

  test.each([2, 3])("a step that ends while a commit is under way has run, and runs no second time: %i steps", async (count) => {
    const names = ["a", "b", "c"].slice(0, count);
    const end = (name: string | undefined): void => world.ends.get(name ?? "")?.();
    let commits = 0;
    const run = startRun(pair as unknown as CompiledFlow, [names], env, { id: "run" });
    const snapshot = await drive(run, host(reload, {
      async commit() {
        if (commits++ > 0) end(names[commits - 1]);
        else void vi.waitFor(() => expect(world.begun).toEqual(names)).then(() => end(names[0]));
        await new Promise((resolve) => setTimeout(resolve, 2));
      },
    }));
    expect(world.begun).toEqual(names);
    expect(snapshot).toMatchObject({ status: "completed", value: names.map((name) => `${name} ${count}`) });
  });

  test("a turn may leave its steps to the next drive of the frame", async () => {
    const snapshot = await drive(start(), host(reload, { holdSteps: true }));
    expect(snapshot).toMatchObject({ status: "running", steps: [{ operation: 2, key: "run:2", name: "work", attempt: 1 }] });
    expect(world.started).toBe(0);
    const later = drive(restoreRun(snapshot.frame, env), host(reload));
    await new Promise((resolve) => setTimeout(resolve, 5));
    world.release("later");
    expect(await later).toMatchObject({ value: "later" });
  });

  test("a failed commit ends the turn and gives up what runs", async () => {
    let commits = 0;
    const failing = host(reload, {
      next: inputs({ event: "say", data: 1 }),
      commit: async () => {
        if (++commits === 2) throw new Error("disk full");
      },
    });
    await expect(drive(start(), failing)).rejects.toThrow("disk full");
    expect(world.signal?.aborted).toBe(true);
  });

  test("encoding what was read back gives the same text", async () => {
    const own = host(reload, { holdSteps: true });
    const { frame } = await drive(start(), own);
    const again = host(reload, { holdSteps: true });
    expect((await drive(restoreRun(frame, env), again)).frame).toBe(frame);
  });

  test("kill ends it at once", async () => {
    const run = restoreRun((await drive(start(), host(reload, { holdSteps: true }))).frame, env);
    expect(input(run, { kill: "by hand" })).toBe(true);
    expect(await drive(run, host(reload))).toMatchObject({ status: "killed", ended: true, waits: [] });
    expect(() => input(run, { fire: 0 })).toThrow(expect.objectContaining({ code: "RUN_ENDED" }) as Error);
  });
});
