// What is stored and cannot be read here: letters, states, texts over limits that were lowered. One run of them stands alone,
// and can always be killed.

import { deflow, external, listen, respond, start, step } from "deflow";
import { describe, expect, it, vi } from "vitest";
import { onEachStore } from "./engines.ts";

const hears = deflow(async function unreadableHears(name: string) {
  respond(name);
  return await listen("word");
});

const child = deflow(async function unreadableChild() {
  return await listen("word");
});

const asks = deflow(async function unreadableAsks() {
  const handle = await start(child, [], { id: "child" });
  try {
    return await handle.result();
  } catch (error) {
    return (error as { code: string }).code;
  }
});

const foreign = '{"$ext":"of another program"}';
const broken = '{"$ref":7}';
const twice = deflow(async function unreadableTwice() {
  return [await listen("word"), await listen("word")];
});

const either = deflow(async function unreadableEither() {
  return await Promise.race([listen("word"), listen("other")]);
});

const patient = deflow(async function unreadablePatient() {
  return await listen("word", { timeout: "1 minute", default: null }) === null ? "too late" : "in time";
});

const work = { done: Promise.resolve() };
const working = deflow(async function unreadableWorking() {
  const listening = async (): Promise<string> => await listen("word", { timeout: "1 minute", default: null }) === null ? "too late" : "in time";
  return await Promise.all([listening(), step("work", () => work.done)]);
});

const flows = { hears, child, asks, twice, either, patient, working };
const second = 1_000;
/** What a program has registered once, all have in this process. */
let programs = 0;

onEachStore(flows, (bench) => {
  const deliver = async (to: string, kind: string, fields: string): Promise<void> => {
    await bench().store.deliver([{ to, kind, now: bench().clock.now(), body: `{"v":1,${fields},"heap":[]}` }]);
  };
  /** As another version might have stored it. */
  const spoil = async (id: string): Promise<void> => {
    const row = (await bench().store.load(id)) ?? expect.unreachable();
    const { version, status, waits, delivered: looked } = row;
    await bench().store.commit([{ id, version, status, waits, looked, now: bench().clock.now(), wake: null, state: `{"v":1,"turn":1,"responses":[${foreign}],"waits":[],"heap":[]}` }]);
  };

  it("a letter is refused with its reason, and those after it are taken", async () => {
    const engine = bench().engine();
    await engine.start(hears, ["Ann"], { id: "a" });
    await deliver("a", "event", `"context":"word","data":${broken}`);
    await deliver("a", "event", `"context":"word","data":"readable"`);
    await engine.tick();
    expect(await engine.get("a")).toMatchObject({ status: "completed", value: "readable", refused: [{ context: "word", code: "CORRUPT_FRAME" }] });
  });

  it("a letter that nobody waits for keeps no turn back, nor the end of the run", async () => {
    const engine = bench().engine();
    for (const [id, context] of [["a", "other"], ["b", "other"], ["c", "word"]] as const) {
      await engine.start(hears, ["Ann"], { id });
      await deliver(id, "event", `"context":"${context}","data":${foreign}`);
      await bench().store.deliver([{ to: id, kind: "event", now: bench().clock.now(), body: "{" }]);
    }
    expect(await engine.continue("a", "word", "x")).toMatchObject({ status: "completed", value: "x" });
    expect(await engine.kill("b")).toMatchObject({ status: "killed" });
    expect(await engine.kill("c")).toMatchObject({ status: "killed", refused: [{ context: "word" }, { context: "" }] });
  });

  it("who sent a strict letter that cannot be read is told why", async () => {
    const engine = bench().engine();
    await engine.start(hears, ["Ann"], { id: "a" });
    await bench().store.deliver([{ to: "a", kind: "event", body: '{"v":1,"context":"nobody"}', now: bench().clock.now(), lease: { owner: "dead", duration: 30 * second } }]);
    const { deliver: send } = bench().store;
    bench().store.deliver = (all) => send.call(bench().store, all.map((one) => ({ ...one, body: one.body.replace('"x"', broken).replace(/\}$/, ',"heap":[]}') })));
    const asked = engine.continue("a", "word", "x", { wait: "2 minutes" }).catch((error: unknown) => error);
    for (let waited = 0; waited < 8; waited++) await bench().clock.advance(5 * second);
    expect(await asked).toMatchObject({ code: "INVALID_INPUT", message: expect.stringContaining("Corrupt frame") as string });
  });

  it("a result that cannot be read is thrown into the flow that waits for it", async () => {
    const engine = bench().engine();
    await engine.start(asks, [], { id: "p" });
    await engine.idle();
    const [wait] = (await engine.get("p")).waits;
    await deliver("p", "result", `"operation":${String(wait?.operation)},"value":${broken}`);
    await engine.tick();
    expect(await engine.get("p")).toMatchObject({ status: "completed", value: "CORRUPT_FRAME" });
  });

  describe("what another program can read is left to that", () => {
    const newer = (): { name: string; letter: string; deploy: () => void } => {
      const name = `of a newer program ${++programs}`;
      return { name, letter: `{"$ext":"${name}"}`, deploy: () => void external(name, { name }) };
    };

    it("an event: in its turn, by whoever knows its class, and nobody looks at it all the time", async () => {
      const engine = bench().engine();
      const work = engine.work({ poll: second });
      await engine.start(hears, ["Ann"], { id: "a" });
      const { name, letter, deploy } = newer();
      await deliver("a", "event", `"context":"word","data":${letter}`);
      await engine.send("a", "word", "after it");
      await bench().clock.advance(50 * second);
      expect(await engine.get("a")).toMatchObject({ status: "waiting", refused: [] });
      expect(bench().warnings("error").length).toBeLessThan(4);
      expect((await bench().store.load("a"))?.version).toBeLessThan(5);
      deploy();
      await bench().clock.advance(60 * second);
      await work.stop();
      expect(await engine.get("a")).toMatchObject({ status: "completed", value: { name } });
    });

    it("an answer by continue comes after it, and is taken with it", async () => {
      const engine = bench().engine();
      await engine.start(twice, [], { id: "a" });
      const { name, letter, deploy } = newer();
      await deliver("a", "event", `"context":"word","data":${letter}`);
      const asked = engine.continue("a", "word", "second", { wait: "5 minutes" });
      for (let waited = 0; waited < 6; waited++) await bench().clock.advance(5 * second);
      expect((await bench().store.load("a"))?.version).toBeLessThan(5);
      deploy();
      await bench().clock.advance(60 * second);
      await engine.tick();
      await bench().clock.advance(10 * second);
      expect(await asked).toMatchObject({ status: "completed", value: [{ name }, "second"] });
    });

    it("other letters are taken: a cancellation, an answer to another wait", async () => {
      const engine = bench().engine();
      for (const id of ["a", "b"]) {
        await engine.start(either, [], { id });
        await deliver(id, "event", `"context":"word","data":${foreign}`);
        await engine.tick();
        expect(await engine.get(id)).toMatchObject({ status: "waiting" });
      }
      expect(await engine.continue("a", "other", "x")).toMatchObject({ status: "completed", value: "x" });
      await deliver("b", "cancel", `"reason":"enough"`);
      await engine.tick();
      expect(await engine.get("b")).toMatchObject({ status: "cancelled" });
    });

    it("its timeout does not come before it, nor while a step runs", async () => {
      const engine = bench().engine();
      const { letter, deploy } = newer();
      let over = (): void => {};
      work.done = new Promise<void>((resolve) => (over = resolve));
      await engine.start(patient, [], { id: "a" });
      const busy = engine.start(working, [], { id: "b" });
      await vi.waitFor(async () => expect(await bench().store.load("b")).toMatchObject({ status: "running" }));
      for (const id of ["a", "b"]) await deliver(id, "event", `"context":"word","data":${letter}`);
      for (let waited = 0; waited < 9; waited++) {
        await bench().clock.advance(10 * second);
        await engine.tick();
      }
      expect([await engine.get("a"), await engine.get("b")]).toMatchObject([{ status: "waiting" }, { status: "running" }]);
      deploy();
      over();
      await busy;
      await bench().clock.advance(60 * second);
      await engine.tick();
      expect([await engine.get("a"), await engine.get("b")]).toMatchObject([{ status: "completed", value: "in time" }, { status: "completed", value: ["in time", undefined] }]);
    });
  });

  it("a state: the run is left alone, is in the answers of find with its error, and can be killed with its children", async () => {
    const engine = bench().engine();
    await engine.start(asks, [], { id: "p" });
    await engine.idle();
    await engine.start(hears, ["Ann"], { id: "b" });
    await spoil("p");
    await deliver("p", "cancel", `"reason":"enough"`);
    expect(await engine.tick()).toMatchObject({ done: 1 });
    expect(bench().warnings("error")).toEqual([expect.stringContaining("The run `p` cannot go on here: ")]);
    expect(await engine.tick()).toMatchObject({ done: 0 });
    expect((await engine.find()).runs).toMatchObject([{ id: "p", status: "waiting", unreadable: { code: "UNKNOWN_EXTERNAL" } }, { id: "child" }, { id: "b", responses: ["Ann"] }]);
    expect((await engine.waits()).waits).toMatchObject([{ runId: "child" }, { runId: "b" }]);
    expect(await engine.kill("p", "wedged")).toMatchObject({ status: "killed", error: { code: "KILLED" } });
    await engine.idle();
    expect(await engine.get("child")).toMatchObject({ status: "cancelled" });
  });

  it("what was stored before limits were lowered can be read and stored again, and the run killed, failed and retried", async () => {
    const long = "x".repeat(5_000);
    await bench().engine().start(hears, [long], { id: "c" });
    for (const id of ["a", "b"]) {
      await bench().engine().start(hears, [long], { id });
      await deliver(id, "event", `"context":"word","data":"${long}"`);
    }
    const engine = bench().engine({ limits: { string: 1_000 } });
    expect((await engine.find()).runs).toMatchObject([{ responses: [long] }, { responses: [long] }, { responses: [long] }]);
    expect(await engine.kill("b", long)).toMatchObject({ status: "killed", error: { message: expect.stringContaining(long) as string } });
    await deliver("b", "event", `"context":"word","data":"late"`);
    await deliver("c", "event", `"context":"word","data":${broken}`);
    await engine.tick();
    expect(await engine.get("a")).toMatchObject({ status: "failed", error: { code: "TOO_LARGE" }, responses: [long] });
    expect([await engine.get("b"), await engine.get("c")]).toMatchObject([{ refused: [{}, { code: "RUN_ENDED" }] }, { status: "waiting", refused: [{ code: "CORRUPT_FRAME" }] }]);
    expect(await engine.retry("a")).toMatchObject({ status: "failed", error: { code: "TOO_LARGE" } });
    expect(await bench().engine().retry("a")).toMatchObject({ status: "completed", value: long });
    await expect(engine.start(hears, [long])).rejects.toMatchObject({ code: "TOO_LARGE" });
  });
});
