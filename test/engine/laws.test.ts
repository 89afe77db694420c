// How a run moves: a named test for each line of DESIGN §5 whose operations there are. `fork` is in fork.test.ts; more of `client` in
// client.test.ts, of `step.tx` in transactions.test.ts.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callback, compensate, createEngine, deflow, type Engine, listen, respond, sleep, start, step } from "deflow";
import { describe, expect, it, vi } from "vitest";
import type { Change } from "../../runtime/store.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { sqlite, SqliteStore } from "../../runtime/stores/sqlite.ts";
import { connect } from "../../runtime/stores/sqlite/driver.ts";
import { open } from "../../runtime/stores/sqlite/open.ts";
import { faultyStore } from "../../runtime/testing/faulty-store.ts";
import { observed } from "../stores/observed.ts";
import { onEachStore } from "./engines.ts";

const acted: { name: string; key: string; attempt: number; fence: number }[] = [];
const hands: { act: (name: string) => unknown; hold: Promise<unknown> } = { act: (name) => name, hold: Promise.resolve() };

function act({ key, attempt, fence }: { key: string; attempt: number; fence: number }, name: string): unknown {
  acted.push({ name, key, attempt, fence });
  return hands.act(name);
}

const holding = deflow(async function lawHolding() {
  const stepped = step("quick", (info) => act(info, "quick"));
  await hands.hold;
  return await stepped;
});

const three = deflow(async function lawThree() {
  const seen: unknown[] = [];
  for (let n = 1; n <= 3; n++) seen.push(await step("act", (info) => act(info, `act ${n}`)));
  return seen;
});

const talk = deflow(async function lawTalk() {
  for (let n = 1; ; n++) {
    const said = await listen("word");
    respond(n, said);
    if (said === "end") return n;
  }
});

const guarded = deflow(async function lawGuarded() {
  return await Promise.all([listen("word", { permit: "a" }), listen("word", { permit: "b" }), listen("word")]);
});

const due = deflow(async function lawDue() {
  return await Promise.race([listen("word"), sleep("1 minute")]);
});

const mixed = deflow(async function lawMixed() {
  return await Promise.all([listen("word"), Promise.resolve("ordinary")]);
});

const chained = deflow(async function lawChained() {
  const branded = listen("word");
  const ordinary = { then: branded.then.bind(branded) };
  void ordinary;
  return await branded.then((said) => `heard ${String(said)}`);
});

const closing = deflow(async function lawClosing() {
  const left = (async () => {
    try {
      await listen("never");
    } catch (error) {
      respond((error as Error).name);
    }
  })();
  void left;
  await listen("word");
  return "over";
});

const order = deflow(async function lawOrder() {
  await Promise.all(["elder", "younger"].map(async (name) => {
    try {
      await listen(name);
    } finally {
      respond(name);
      await step("clean", (info) => act(info, `clean ${name}`));
    }
  }));
});

const saga = deflow(async function lawSaga() {
  await listen("word");
  compensate(async () => {
    await step("undo", (info) => act(info, "undo"));
  });
  throw new Error("too late");
});

const trying = deflow(async function lawTrying() {
  const said = await listen("word");
  if (hands.act("trying") === "fail") throw new Error("not yet");
  return said;
});

const child = deflow(async function lawChild() {
  return await listen("word");
});

const parent = deflow(async function lawParent() {
  const handle = await start(child, [], { id: "child" });
  return [await handle.result(), await handle.result()];
});

const asked = deflow(async function lawAsked() {
  const answer = callback();
  respond(answer.token);
  return await answer;
});

const eight = deflow(async function lawEight() {
  for (let n = 1; n <= 8; n++) await step("act", (info) => act(info, `act ${n}`));
  return "done";
});

const beside = deflow(async function lawBeside() {
  const deadly = step("deadly", (info) => act(info, "deadly"));
  for (let n = 1; n <= 8; n++) await step("act", (info) => act(info, `act ${n}`));
  return await deadly;
});

const hearing = deflow(async function lawHearing() {
  const hears = async (): Promise<void> => {
    for (;;) await listen("word");
  };
  await Promise.all([step("deadly", (info) => act(info, "deadly")), hears()]);
});

const flows = { asked, beside, hearing, chained, child, closing, due, eight, guarded, holding, mixed, order, parent, saga, talk, three, trying };

onEachStore(flows, (bench) => {
  const fresh = () => {
    acted.length = 0;
    hands.act = (name) => name;
    hands.hold = Promise.resolve();
    return bench().engine();
  };
  const rows = async () => (await bench().store.find({ limit: 10 }));

  describe("5.1 a commit is taken only when every strand is at an operation", () => {
    it("a turn that an ordinary promise holds stores nothing, and starts no step", async () => {
      const engine = fresh();
      let open = (): void => {};
      hands.hold = new Promise<void>((resolve) => (open = resolve));
      const starting = engine.start(holding, []);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect([await rows(), acted]).toEqual([[], []]);
      open();
      expect(await starting).toMatchObject({ status: "completed", value: "quick" });
    });
  });

  describe("5.2 a step starts only from a committed frame that holds it", () => {
    it("m sequential steps cost m + 1 commits, each step with the version that holds it", async () => {
      const engine = fresh();
      const run = await engine.start(three, []);
      expect(run).toMatchObject({ status: "completed", value: ["act 1", "act 2", "act 3"] });
      expect(acted.map(({ fence, attempt }) => [fence, attempt])).toEqual([[1, 1], [2, 1], [3, 1]]);
      expect(new Set(acted.map(({ key }) => key)).size).toBe(3);
      expect((await rows())[0]?.version).toBe(4);
    });
  });

  describe("5.3 a turn without steps needs only the compare-and-swap", () => {
    it("one commit and no lease; the commit before a step takes the lease", async () => {
      const engine = fresh();
      const run = await engine.start(talk, []);
      await engine.continue(run, "word", "x");
      expect(await bench().store.load(run.id)).toMatchObject({ version: 2, wake: null });
      let open = (_: unknown): void => {};
      hands.act = () => new Promise((resolve) => (open = resolve));
      const starting = engine.start(three, [], { id: "s" });
      await vi.waitFor(() => expect(acted).toHaveLength(1));
      expect(await bench().store.load("s")).toMatchObject({ version: 1, status: "running", wake: { owner: expect.any(String) as string } });
      hands.act = (name) => name;
      open("act 1");
      await starting;
    });
  });

  describe("5.4 one input per turn", () => {
    it("an event given again has the responses of its turn while that is the last, then none", async () => {
      const engine = fresh();
      const run = await engine.start(talk, []);
      await engine.continue(run, "word", "a", { eventId: "1" });
      expect(await engine.continue(run, "word", "a", { eventId: "1" })).toMatchObject({ duplicate: true, turn: 2, responses: [1, "a"] });
      await engine.continue(run, "word", "b", { eventId: "2" });
      expect(await engine.continue(run, "word", "a", { eventId: "1" })).toMatchObject({ duplicate: true, turn: 3, responses: [] });
    });
  });

  describe("5.5 listeners are first in, first out", () => {
    it("an event goes to the first whose permit matches; what none takes goes to the refused list", async () => {
      const engine = fresh();
      const run = await engine.start(guarded, []);
      await engine.continue(run, "word", "for b", { permit: "b" });
      await engine.continue(run, "word", "for anybody", { permit: "wrong" });
      await engine.send(run, "word", "for nobody", { permit: "wrong" });
      expect(await engine.get(run)).toMatchObject({ status: "waiting", refused: [{ context: "word", code: "WRONG_PERMIT" }] });
      expect(await engine.continue(run, "word", "for a", { permit: "a" })).toMatchObject({ value: ["for a", "for b", "for anybody"] });
    });

    it("the inbox comes before timers when both are due", async () => {
      const engine = fresh();
      const run = await engine.start(due, [], { queue: "q" });
      await engine.tick();
      await bench().store.deliver([{ to: run.id, kind: "event", body: '{"v":1,"context":"word","data":"heard"}', now: bench().clock.now() }]);
      await bench().clock.advance(60_000);
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ value: "heard" });
    });
  });

  describe("5.6 combinators are durable", () => {
    it("an ordinary member is awaited in the turn, and its outcome is stored", async () => {
      const run = await fresh().start(mixed, []);
      expect((await bench().store.load(run.id))?.frame).toContain("ordinary");
      expect(await bench().engine().continue(run, "word", "x")).toMatchObject({ value: ["x", "ordinary"] });
    });
  });

  describe("5.7 durable promises are promises", () => {
    it("a compiled reaction survives its process", async () => {
      const run = await fresh().start(chained, []);
      expect(await bench().engine().continue(run, "word", "x")).toMatchObject({ value: "heard x" });
    });
  });

  describe("5.8 the turn of the end runs on to quiet", () => {
    it("strands that still wait get CancelledError", async () => {
      const engine = fresh();
      const run = await engine.start(closing, []);
      expect(await engine.continue(run, "word", "x")).toMatchObject({ status: "completed", value: "over", responses: ["CancelledError"] });
    });
  });

  describe("5.9 cancel throws once into every strand, youngest first", () => {
    it("and `finally` may await", async () => {
      const engine = fresh();
      const run = await engine.start(order, []);
      expect(await engine.cancel(run)).toMatchObject({ status: "cancelled", responses: ["younger", "elder"] });
      expect(acted.map(({ name }) => name).toSorted()).toEqual(["clean elder", "clean younger"]);
    });
  });

  describe("5.10 a failing commit keeps the last frame, and its input", () => {
    it("retry restores both", async () => {
      const engine = fresh();
      const run = await engine.start(trying, []);
      hands.act = () => "fail";
      expect(await engine.continue(run, "word", "once")).toMatchObject({ status: "failed", error: { message: "not yet" } });
      hands.act = () => "go";
      expect(await engine.retry(run)).toMatchObject({ status: "completed", value: "once" });
    });

    it("it is refused once compensations ran", async () => {
      const engine = fresh();
      const run = await engine.start(saga, []);
      expect(await engine.continue(run, "word", "x")).toMatchObject({ status: "failed", error: { message: "too late" } });
      expect(acted.map(({ name }) => name)).toEqual(["undo"]);
      await expect(engine.retry(run)).rejects.toMatchObject({ code: "NOT_RETRYABLE" });
    });
  });

  describe("5.11 a child's completion is an outbox row", () => {
    it("both who wait hear of it, once, whichever end comes first", async () => {
      const engine = fresh();
      const run = await engine.start(parent, []);
      await engine.idle();
      await engine.continue("child", "word", "done");
      await engine.idle();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: ["done", "done"] });
      expect(await bench().store.outbox(10)).toEqual([]);
    });
  });

  describe("5.13 attempts of a turn are counted in the lease", () => {
    it("after five crashes the run has failed, and can be tried again", async () => {
      const engine = fresh();
      const run = await engine.start(talk, [], { queue: "q" });
      for (let crash = 0; crash < 6; crash++) {
        await bench().store.claim({ owner: `dying ${crash}`, now: bench().clock.now(), duration: 1_000, limit: 1 });
        await bench().clock.advance(1_000);
      }
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ status: "failed", error: { code: "TURN_CRASHED" } });
      expect(await engine.retry(run)).toMatchObject({ status: "waiting" });
    });

    /** A process that takes the run and dies in this step. */
    async function dieIn(name: string): Promise<void> {
      const begun = new Promise<void>((resolve) => {
        hands.act = (acting) => {
          if (acting === name) resolve();
          return acting === name || acting === "deadly" ? new Promise(() => {}) : undefined;
        };
      });
      const standing = { now: () => bench().clock.now(), after: () => () => {} };
      void bench().engine({ clock: standing }).tick();
      await begun;
      bench().engines.pop();
      await bench().clock.advance(30_000);
    }

    it("crashes in one step after another do not add up", async () => {
      const engine = fresh();
      const run = await engine.start(eight, [], { queue: "q" });
      for (let n = 1; n <= 8; n++) await dieIn(`act ${n}`);
      hands.act = () => undefined;
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ status: "completed", value: "done" });
    });

    it("crashes in one step add up, whatever goes on beside it", async () => {
      const engine = fresh();
      const run = await engine.start(beside, [], { queue: "q" });
      for (let n = 1; n <= 5; n++) await dieIn(`act ${n}`);
      expect(acted.filter(({ name }) => name === "deadly").map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
      await engine.tick();
      expect(await engine.get(run)).toMatchObject({ status: "failed", error: { code: "TURN_CRASHED" } });
    });

    it.each(["continue", "send"] as const)("crashes in a step add up, also of those who came with an event (%s)", async (way) => {
      const come = (engine: Engine): Promise<unknown> => (way === "continue" ? engine.continue("r", "word", 1) : engine.send("r", "word", 1));
      const engine = fresh();
      await engine.start(hearing, [], { id: "r", queue: "q" });
      await dieIn("deadly");
      for (let came = 0; came < 4; came++) {
        const begun = new Promise<void>((resolve) => {
          hands.act = () => {
            resolve();
            return new Promise(() => {});
          };
        });
        void come(bench().engine({ clock: { now: () => bench().clock.now(), after: () => () => {} } })).catch(() => {});
        await begun;
        bench().engines.pop();
        await bench().clock.advance(30_000);
      }
      expect(acted.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
      const last = come(engine);
      if (way === "continue") await expect(last).rejects.toMatchObject({ code: "RUN_ENDED" });
      else await last;
      expect(await engine.get("r")).toMatchObject({ status: "failed", error: { code: "TURN_CRASHED" } });
      expect(acted).toHaveLength(5);
    });

    it("crashes of turns that were committed do not add up", async () => {
      const engine = fresh();
      const run = await engine.start(talk, []);
      for (let turn = 0; turn < 8; turn++) {
        await bench().store.deliver([{ to: run.id, kind: "event", body: '{"v":1,"context":"word","data":"x"}', now: bench().clock.now() }]);
        await bench().store.claim({ owner: `dying ${turn}`, now: bench().clock.now(), duration: 1_000, limit: 1 });
        await bench().clock.advance(1_000);
        await engine.tick();
      }
      expect(await engine.get(run)).toMatchObject({ status: "waiting", turn: 9 });
    });
  });
});

describe("5.14 with the caller's client a turn stops before its first step", () => {
  it("a worker runs it after the commit", async () => {
    const folder = mkdtempSync(join(tmpdir(), "deflow-"));
    const [store, client] = [sqlite(join(folder, "runs.db")), connect(join(folder, "runs.db"))];
    const engine = createEngine({ store, flows });
    acted.length = 0;
    client.exec("begin immediate");
    expect(await engine.start(three, [], { id: "a", client })).toMatchObject({ status: "running" });
    const ticking = engine.tick();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([await store.load("a"), acted]).toEqual([undefined, []]);
    client.exec("commit");
    expect(await ticking).toMatchObject({ done: 1 });
    expect(acted.map(({ name, fence, attempt }) => [name, fence, attempt])).toEqual([["act 1", 2, 1], ["act 2", 3, 1], ["act 3", 4, 1]]);
    client.close();
    await engine.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it("a group commit checks each run by itself, and forms from what is ready", async () => {
    const folder = mkdtempSync(join(tmpdir(), "deflow-"));
    const database = open(join(folder, "runs.db"), {});
    let commits = 0;
    const store = new SqliteStore(observed(database, (sql) => {
      if (sql === "commit") commits++;
    }), join(folder, "runs.db"));
    const origin = { flow: "flow", queue: "default", priority: 0 };
    const change = (id: string, version: number): Change => ({ id, version, origin, now: 1, status: "waiting", state: "", waits: [], looked: 0, wake: null });
    const together = await Promise.all([store.commit([change("a", 0)]), store.commit([change("b", 7)]), store.commit([change("c", 0)])]);
    expect(together.map(([result]) => result?.applied)).toEqual([true, false, true]);
    expect(commits).toBe(1);
    await store.commit([change("d", 0)]);
    expect(commits).toBe(2);
    await store.close();
    rmSync(folder, { recursive: true });
  });
});

describe("5.15 what an engine remembers of a run is text, never the live graph", () => {
  it("two engines go on with the same run in turn", async () => {
    const store = memory();
    const engines = [createEngine({ store, flows }), createEngine({ store, flows })] as const;
    const run = await engines[0].start(talk, []);
    for (let n = 1; n <= 6; n++) expect(await engines[n % 2 as 0 | 1].continue(run, "word", "x")).toMatchObject({ responses: [n, "x"] });
  });
});

describe("a failed persist has dispatched and answered nothing", () => {
  it("S22 A7 the commit before a step fails: the step does not begin, the caller is told", async () => {
    acted.length = 0;
    const { store } = faultyStore(memory(), [{ method: "commit", call: 1, fault: "fail before" }]);
    const engine = createEngine({ store, flows });
    await expect(engine.start(three, [], { id: "a" })).rejects.toMatchObject({ name: "StoreFault" });
    expect(acted).toEqual([]);
    // S24: nothing was started.
    expect(await store.load("a")).toBeUndefined();
  });

  it("of many steps only those begin whose commit is stored", async () => {
    acted.length = 0;
    const changes: Change[] = [];
    const inner = memory();
    const commit = inner.commit.bind(inner);
    inner.commit = async (given) => {
      changes.push(...given);
      if (changes.length === 2) throw new Error("the store failed");
      return await commit(given);
    };
    const engine = createEngine({ store: inner, flows, logger: { debug() {}, info() {}, warn() {}, error() {} } });
    expect(await engine.start(three, [])).toMatchObject({ status: "running", accepted: true });
    expect(acted.map(({ name }) => name)).toEqual(["act 1"]);
  });
});

it("S26 a callback's token is not its result, works once, and only as it is", async () => {
  const engine = createEngine({ store: memory(), flows });
  const run = await engine.start(asked, []);
  const token = String(run.responses[0]);
  expect(token).toMatch(/^[\da-f]{64}$/);
  const refused = async (attempt: string): Promise<string> => engine.settle(attempt, "x").then(() => "taken", (error: { code: string; message: string }) => `${error.code} ${error.message}`);
  const told = await refused("0".repeat(64));
  expect(told).toMatch(/^UNKNOWN_TOKEN /);
  for (const other of ["", token.toUpperCase(), token.slice(1), `${token} `, `${token}0`, createHash("sha256").update(token).digest("hex")]) expect(await refused(other)).toBe(told);
  expect(await engine.settle(token, "right")).toMatchObject({ status: "completed", value: "right" });
  expect(await refused(token)).toBe(told);
});
