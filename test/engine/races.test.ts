// What comes between two operations of a store: another process, a failure, a clock that is set back.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callback } from "../../runtime/api/callback.ts";
import { deflow } from "../../runtime/api/deflow.ts";
import { listen } from "../../runtime/api/listen.ts";
import { respond } from "../../runtime/api/respond.ts";
import { step } from "../../runtime/api/step.ts";
import { systemClock } from "../../runtime/realm/clock.ts";
import * as $ from "../../runtime/internal.ts";
import type { Store } from "../../runtime/store.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { open } from "../../runtime/stores/sqlite/open.ts";
import { SqliteStore } from "../../runtime/stores/sqlite.ts";
import type { Frame } from "../../runtime/strands/strand.ts";
import { changeOf, created, delivered } from "../../runtime/testing/store-fixture.ts";
import { observed, readsRun } from "../stores/observed.ts";
import { Bench } from "./engines.ts";
import { approve, both, decision, effects, flow, gate, hello, loop, parent, saga, undone, word, works } from "./flows.ts";
import { isCall } from "../stores/calls.ts";

/** async () => { await listen(decision); return await listen(word); } */
const stages = flow<[], string>("stages", {
  "": () => ({ at: "first", on: listen(decision), locals: {} }),
  first: () => ({ at: "second", on: listen(word), locals: {} }),
  second: (result) => ({ result }),
});

const troubles: { failing: boolean } = { failing: true };

/** async () => { const c = callback(); respond(c.token); try { const v = await c; if (failing) throw …; return v; } catch { throw … } } */
const stubborn = deflow($.flow({ contract: 2, id: "stubborn", name: "stubborn", length: 0, file: "races.ts", points: { callback: [1, 1, ""] } }, async ($f: Frame) => {
  try {
    let waits: unknown;
    if ($f.point === undefined) {
      const promise = callback();
      respond(promise.token);
      waits = $.stop($f, "callback", promise as never, {});
    } else {
      waits = $.again($f);
    }
    const value = await waits;
    $.in($f);
    if (troubles.failing) throw new Error("no luck");
    $.done($f, value);
  } catch {
    $.in($f);
    $.fail($f, new Error("no luck"));
  }
}) as unknown as () => Promise<unknown>);

const work = $.code("lingering#work", "", () => ((info: never) => works.run(info)) as never);
const pauses: { length: Promise<void> } = { length: Promise.resolve() };

/** async () => { await step("work", work); await pause; return "done"; } */
const lingering = flow<[], string>("lingering", {
  "": () => ({ at: "work", on: step("work", work({}) as () => string), locals: {} }),
  work: () => ({ at: "pause", on: pauses.length, locals: {} }),
  pause: () => ({ result: "done" }),
});

/** async () => { await step("work", work); const map = new WeakMap(); await listen(word); return map; } */
const hoarding = flow<[], unknown>("hoarding", {
  "": () => ({ at: "work", on: step("work", work({}) as () => string), locals: {} }),
  work: () => ({ at: "word", on: listen(word), locals: { map: new WeakMap() } }),
  word: (_, { map }) => ({ result: map }),
}, { word: "map" });

const flows = { approve, both, hello, hoarding, lingering, loop, parent, saga, stages, stubborn };
const second = 1000;
type Hook = (call: () => Promise<unknown>, args: readonly unknown[]) => Promise<unknown>;

/** A store whose next call of an operation goes through the hook that is set for it, once. */
function hooked(store: Store): { store: Store; hooks: Partial<Record<keyof Store, Hook>> } {
  const hooks: Partial<Record<keyof Store, Hook>> = {};
  const wrapped = new Proxy(store, {
    get: (target, name: keyof Store) => (!isCall(name) ? target[name] : (...args: unknown[]) => {
      const call = (): Promise<unknown> => (target[name] as (...args: unknown[]) => Promise<unknown>).apply(target, args);
      const hook = hooks[name];
      delete hooks[name];
      return hook ? hook(call, args) : call();
    }),
  });
  return { store: wrapped, hooks };
}

let bench: Bench;
let inner: Store;
let hooks: Partial<Record<keyof Store, Hook>>;

beforeEach(() => {
  inner = memory();
  const made = hooked(inner);
  hooks = made.hooks;
  bench = new Bench(made.store, flows, false);
  troubles.failing = true;
  effects.pay = () => "paid";
});
afterEach(() => bench.close());

/** Resolves a few rounds of the event loop later. */
async function rounds(): Promise<void> {
  for (let round = 0; round < 10; round++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A process that takes the run's lease and does nothing more. */
async function seize(id: string): Promise<void> {
  await inner.deliver([{ to: id, kind: "event", body: JSON.stringify({ v: 1, context: "nobody", data: 1 }), now: bench.clock.now(), lease: { owner: "dead", duration: 30 * second } }]);
}

describe("retry", () => {
  it("gives a callback's answer again", async () => {
    const engine = bench.engine();
    const run = await engine.start(stubborn, []);
    const token = String(run.responses[0]);
    expect(await engine.settle(token, "yes")).toMatchObject({ status: "failed" });
    troubles.failing = false;
    expect(await engine.retry(run)).toMatchObject({ status: "completed", value: "yes" });
  });

  it("makes the run's callbacks known again", async () => {
    const engine = bench.engine();
    const run = await engine.start(stubborn, []);
    expect(await engine.cancel(run)).toMatchObject({ status: "failed" });
    troubles.failing = false;
    expect(await engine.retry(run)).toMatchObject({ status: "waiting" });
    expect(await engine.settle(String(run.responses[0]), "yes")).toMatchObject({ status: "completed", value: "yes" });
  });

  it("does not take up what its sender was refused", async () => {
    const engine = bench.engine();
    const run = await engine.start(both, []);
    await seize(run.id);
    hooks.deliver = async (call) => {
      const row = await inner.load(run.id);
      await inner.commit([{ ...changeOf(run.id, row?.version ?? 0), now: bench.clock.now(), status: "failed", state: failedState(row?.state ?? ""), waits: [], looked: row?.delivered ?? 0, holder: "dead" }]);
      return call();
    };
    await expect(engine.cancel(run)).rejects.toMatchObject({ code: "RUN_ENDED" });
    await engine.tick();
    expect(await engine.retry(run)).toMatchObject({ status: "waiting" });
  });
});

function failedState(text: string): string {
  const { waits: _, ...state } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify({ ...state, waits: [], error: null });
}

describe("cancel", () => {
  it("of a queued run that begins meanwhile lets it clean up", async () => {
    undone.length = 0;
    const [engine, other] = [bench.engine(), bench.engine()];
    const run = await engine.start(saga, [], { queue: "q" });
    hooks.load = async (call) => {
      const row = await call();
      await other.tick();
      return row;
    };
    expect(await engine.cancel(run)).toMatchObject({ status: "cancelled" });
    expect(undone).toEqual(["undone"]);
  });
});

describe("continue of a leased run", () => {
  it("is taken by its sender when the lease is given back without it", async () => {
    const engine = bench.engine();
    const run = await engine.start(hello, ["Ann"]);
    await seize(run.id);
    hooks.deliver = async (call) => {
      await inner.extend([{ id: run.id, owner: "dead" }], { now: bench.clock.now(), duration: 0 });
      return call();
    };
    expect(await engine.continue(run, word, "x")).toMatchObject({ status: "completed", value: "x" });
  });

  it("of thirty that one turn refuses, each is told so", async () => {
    const engine = bench.engine();
    const run = await engine.start(stages, []);
    await seize(run.id);
    const told = Promise.all(Array.from({ length: 30 }, () => engine.continue(run, decision, { ok: true }, { wait: "2 minutes" })
      .then(() => "taken", ({ code }: { code: string }) => code)));
    await rounds();
    for (let waited = 0; waited < 8; waited++) await bench.clock.advance(5 * second);
    expect((await told).toSorted()).toEqual([...Array.from({ length: 29 }, () => "NOT_LISTENING"), "taken"]);
    const { refused } = await engine.get(run);
    expect(refused).toHaveLength(20);
    expect(refused[0]).not.toHaveProperty("awaited");
  });

  it("is taken by its sender when the lease runs out", async () => {
    const engine = bench.engine();
    const run = await engine.start(hello, ["Ann"]);
    await seize(run.id);
    const going = engine.continue(run, word, "x", { wait: "2 minutes" });
    await rounds();
    for (let waited = 0; waited < 8; waited++) await bench.clock.advance(5 * second);
    expect(await going).toMatchObject({ status: "completed", value: "x" });
  });

  it("is refused when the run has ended before it came, also when others saw to it first", async () => {
    const [engine, other] = [bench.engine(), bench.engine()];
    for (const act of ["continue", "cancel"] as const) {
      const run = await engine.start(hello, ["Ann"]);
      await seize(run.id);
      hooks.deliver = async (call) => {
        await other.kill(run);
        const answer = await call();
        await other.tick();
        return answer;
      };
      await expect(act === "continue" ? engine.continue(run, word, "x") : engine.cancel(run)).rejects.toMatchObject({ code: "RUN_ENDED" });
    }
  });

  it("gives the failure that it led to", async () => {
    const engine = bench.engine();
    const run = await engine.start(approve, [1]);
    effects.pay = () => {
      throw new Error("no money");
    };
    await seize(run.id);
    hooks.deliver = async (call) => {
      await inner.extend([{ id: run.id, owner: "dead" }], { now: bench.clock.now(), duration: 0 });
      return call();
    };
    expect(await engine.continue(run, decision, { ok: true })).toMatchObject({ status: "failed", error: { message: "no money" } });
  });
});

describe("send", () => {
  it("is taken when the run comes to listen while it is stored", async () => {
    const [engine, other] = [bench.engine(), bench.engine()];
    const run = await engine.start(stages, []);
    hooks.load = async (call) => {
      const row = await call();
      await other.continue(run, decision, { ok: true });
      return row;
    };
    await engine.send(run, word, "x");
    await engine.idle();
    expect(await engine.get(run)).toMatchObject({ status: "completed", value: "x" });
  });

  it("is stored, whatever becomes of the turn", async () => {
    const engine = bench.engine();
    const run = await engine.start(loop, []);
    hooks.deliver = async (call) => {
      hooks.load = () => Promise.reject(new Error("the store failed"));
      return call();
    };
    expect(await engine.send(run, word, "x")).toEqual({ duplicate: false });
    expect(bench.warnings("error")).toHaveLength(1);
    await bench.clock.advance(30 * second);
    await engine.tick();
    expect(await engine.get(run)).toMatchObject({ turn: 2, responses: [1] });
  });
});

it("a repeated event that is not the last has no responses of another", async () => {
  const engine = bench.engine();
  const run = await engine.start(loop, []);
  await engine.continue(run, word, "a", { eventId: "e1" });
  await engine.continue(run, word, "b", { eventId: "e2" });
  expect(await engine.continue(run, word, "a", { eventId: "e1" })).toMatchObject({ duplicate: true, responses: [], turn: 3 });
});

describe("a store that fails", () => {
  it("while a letter is read costs no step its result", async () => {
    const gated = gate();
    let runs = 0;
    works.run = () => {
      runs++;
      return gated.promise.then(() => "work");
    };
    const engine = bench.engine();
    const starting = engine.start(both, [], { id: "a" });
    await vi.waitFor(() => expect(runs).toBe(1));
    hooks.deliver = async (call) => {
      const answer = await call();
      hooks.load = () => Promise.reject(new Error("the store failed"));
      return answer;
    };
    await engine.send("a", decision, { ok: true }).catch(() => {});
    await rounds();
    gated.open();
    await rounds();
    await bench.clock.advance(second);
    expect((await engine.get("a")).waits.map(({ kind }) => kind)).toEqual(["listen"]);
    await starting;
    expect(runs).toBe(1);
  });

  it("after it took a message out of the outbox loses no answer", async () => {
    const engine = bench.engine();
    hooks.outbox = async (call) => {
      // The child is gone before the request to hear of its end comes.
      await engine.kill("child");
      await bench.clock.advance(1);
      await inner.remove({ before: bench.clock.now(), limit: 9 });
      hooks.deliver = async (deliver) => {
        await deliver();
        throw new Error("the store failed, after it had done it");
      };
      return call();
    };
    await engine.start(parent, [hello as never, ["Ann"], { id: "child" }], { id: "p" });
    await engine.idle();
    await engine.tick();
    await engine.idle();
    expect(await engine.get("p")).toMatchObject({ status: "failed", error: { code: "NOT_FOUND" } });
  });
});

describe("a store that fails after the first commit of a turn", () => {
  const locked = (): Promise<never> => Promise.reject(new Error("it is locked"));

  it("does not have the caller told that there is no run, or that it did not take the event", async () => {
    const [engine, other] = [bench.engine(), bench.engine()];
    effects.pay = () => {
      hooks.commit = locked;
      return "paid";
    };
    works.run = effects.pay;
    const started = await engine.start(lingering, []);
    expect(started).toMatchObject({ status: "running", accepted: true });
    const run = await engine.start(approve, [1]);
    expect(await engine.continue(run, decision, { ok: true }, { eventId: "e" })).toMatchObject({ status: "running", accepted: true });
    expect(bench.warnings("error")).toHaveLength(2);
    effects.pay = works.run = () => "paid again";
    await bench.clock.advance(31 * second);
    await other.tick();
    await other.idle();
    expect(await other.get(started)).toMatchObject({ status: "completed" });
    expect(await other.get(run)).toMatchObject({ status: "completed", value: "paid again" });
    expect((await other.find()).runs).toHaveLength(2);
  });

  it("nor where what follows cannot be stored, nor that the run has failed so", async () => {
    const engine = bench.engine();
    works.run = () => {
      hooks.commit = locked;
      return "done";
    };
    expect(await engine.start(hoarding, [])).toMatchObject({ status: "running", accepted: true });
    works.run = () => "done";
    expect(await engine.start(hoarding, [])).toMatchObject({ status: "failed", error: { code: "NOT_SERIALIZABLE" } });
  });

  it("nor that of a letter, when the run cannot be read any more", async () => {
    const engine = bench.engine();
    const run = await engine.start(hello, ["Ann"]);
    await seize(run.id);
    hooks.deliver = async (call) => {
      hooks.load = locked;
      return call();
    };
    expect(await engine.continue(run, word, "x", { wait: 0 })).toMatchObject({ status: "waiting", accepted: true });
  });
});

describe("a store that is slow", () => {
  /** A process over the store whose next commit is answered when `answer` is called. */
  async function held(): Promise<{ answer: () => void; starting: Promise<unknown>; runs: string[] }> {
    const gated = gate();
    const runs: string[] = [];
    works.run = ({ fence }) => {
      runs.push(`fence ${fence}`);
      return "work";
    };
    hooks.commit = async (call) => {
      const answer = await call();
      await gated.promise;
      return answer;
    };
    const starting = bench.engine().start(lingering, [], { id: "a" }).catch((error: { code: string }) => error.code);
    await rounds();
    return { answer: gated.open, starting, runs };
  }

  it("with the answer to a commit until its lease is another's, begins no step", async () => {
    const { answer, starting, runs } = await held();
    await bench.clock.advance(30 * second);
    await bench.engine().tick();
    answer();
    expect(await starting).toMatchObject({ status: "completed", accepted: true });
    expect(runs).toEqual(["fence 2"]);
  });

  it("with the answer to a commit until its lease is over, and nobody took the run, goes on", async () => {
    const { answer, starting, runs } = await held();
    await bench.clock.advance(30 * second);
    answer();
    expect(await starting).toMatchObject({ status: "completed" });
    expect(runs).toEqual(["fence 1"]);
  });

  it("and never answers a later commit, does not keep the run for ever", async () => {
    const runs: string[] = [];
    works.run = ({ fence }) => {
      hooks.commit = () => new Promise(() => {});
      runs.push(`fence ${fence}`);
      return "work";
    };
    bench.engines.length = 0;
    void bench.engine().start(lingering, [], { id: "a" });
    bench.engines.length = 0;
    await rounds();
    for (let waited = 0; waited < 7; waited++) await bench.clock.advance(10 * second);
    works.run = ({ fence }) => runs.push(`fence ${fence}`);
    await bench.engine().tick();
    expect(await bench.engine().get("a")).toMatchObject({ status: "completed" });
    expect(runs).toEqual(["fence 1", "fence 2"]);
  });
});

it("what was sent to a run that is killed, or cancelled before it began, is told as refused", async () => {
  const engine = bench.engine();
  for (const end of ["kill", "cancel"] as const) {
    const run = await engine.start(hello, ["Ann"], { queue: "q" });
    await engine.send(run, word, "early", { eventId: "e" });
    expect(await engine[end](run)).toMatchObject({ refused: [{ context: "word", eventId: "e", code: "RUN_ENDED" }] });
  }
});

describe("turnTimeout", () => {
  it("holds in development too, after the first commit", async () => {
    works.run = () => "work";
    pauses.length = new Promise(() => {});
    const engine = bench.engine({ dev: true, turnTimeout: "10 seconds" });
    const starting = engine.start(lingering, []);
    await rounds();
    for (let waited = 0; waited < 3; waited++) await bench.clock.advance(10 * second);
    expect(await starting).toMatchObject({ status: "failed", error: { code: "TURN_TIMEOUT" } });
  });

  it("does not count the time of steps", async () => {
    const [gated, pause] = [gate(), gate()];
    works.run = () => gated.promise;
    pauses.length = pause.promise;
    const engine = bench.engine({ turnTimeout: "10 seconds" });
    const starting = engine.start(lingering, []);
    await rounds();
    await bench.clock.advance(9 * second);
    gated.open();
    await rounds();
    await bench.clock.advance(2 * second);
    pause.open();
    expect(await starting).toMatchObject({ status: "completed" });
  });
});

it("tick sees what comes for a run while it looks for the last time", async () => {
  const engine = bench.engine();
  await engine.start(parent, [hello as never, ["Ann"], { id: "child" }], { id: "p" });
  await engine.idle();
  hooks.claim = async (call) => {
    const answer = await call();
    await engine.continue("child", word, "x");
    await rounds();
    return answer;
  };
  await engine.tick();
  expect(await engine.get("p")).toMatchObject({ status: "completed", value: "x" });
});

it("a child begins in the store of its parent, also when another engine has a run of the same id", async () => {
  const other = new Bench(memory(), flows, false);
  await Promise.all([bench, other].map((one) => one.engine().start(parent, [hello as never, ["Ann"], { id: "child" }], { id: "p" })));
  expect(await inner.load("child")).toBeDefined();
  expect(await other.store.load("child")).toBeDefined();
  await other.close();
});

it("the system's clock set back by an hour holds up no timer", async () => {
  const real = Date.now.bind(Date);
  const spy = vi.spyOn(Date, "now");
  const started = performance.now();
  const fired = new Promise<void>((resolve) => void systemClock.after(30, resolve));
  spy.mockImplementation(() => real() - 3_600_000);
  await Promise.race([fired, new Promise((resolve) => setTimeout(resolve, 1000))]);
  spy.mockRestore();
  expect(performance.now() - started).toBeLessThan(900);
});

it("a worker whose clock is set back by an hour looks again within its poll", async () => {
  let offset = 0;
  const clock = { now: () => bench.clock.now() - offset, after: bench.clock.after.bind(bench.clock) };
  const engine = bench.engine({ clock });
  hooks.claim = async (call) => {
    const answer = await call();
    offset = 3600 * second;
    return answer;
  };
  const worker = engine.work({ poll: "1 second" });
  await rounds();
  offset = 3600 * second;
  const run = await bench.engine({ clock }).start(hello, ["Ann"], { queue: "q" });
  await bench.clock.advance(2 * second);
  expect((await engine.get(run)).status).toBe("waiting");
  await worker.stop();
});

it("an event that another process commits while it is looked for is not answered with the state before it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "deflow-"));
  const path = join(folder, "runs.db");
  const other = new SqliteStore(open(path, {}), path);
  const database = open(path, {});
  let after = (): void => {};
  const store = new SqliteStore(observed(database, (sql) => {
    if (readsRun(sql)) after();
  }), path);
  await created(store, "a");
  const writer = open(path, {});
  after = () => writer.exec("insert into deflow_seen select place, 'e', 0 from deflow_run; update deflow_run set version = 2");
  const run = await store.load("a", "e");
  expect([run?.version, run?.seen]).toEqual([1, false]);
  expect(await other.deliver([delivered("a", "e")])).toEqual([{ result: "duplicate" }]);
  await Promise.all([store.close(), other.close()]);
  writer.close();
  rmSync(folder, { recursive: true });
});
