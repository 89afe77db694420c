// Builds that share a store: each goes on with the runs that it fits, leaves the others as they are, and says which they are.

import { expect, it } from "vitest";
import type { Flow } from "../../runtime/api/deflow.ts";
import type { Engine } from "../../runtime/engine/engine.ts";
import { type Release, release } from "../versions/builds.ts";
import { type Bench, onEachStore } from "./engines.ts";

interface Approve { readonly approve: Flow<[amount: number], unknown> }

const approve = (body: string): Release<Approve> => release<Approve>(`export const approve = deflow(async function approve(amount) {\n${body}\n});`);
const first = (): Release<Approve> => approve("const ok = await listen(\"decision\"); return [\"first\", ok];");
/** What runs of the first have stored lacks `amount`. */
const second = (): Release<Approve> => approve("const ok = await listen(\"decision\"); return [\"second\", ok, amount];");

function engineOf(bench: Bench, { exports, use }: Release<Approve>): Engine {
  use();
  return bench.engine({ flows: { approve: exports.approve as never } });
}

onEachStore({}, (bench) => {
  it("a stranded run is told as that, is left as it is, and goes on with a build that fits it", async () => {
    const [old, now] = [first(), second()];
    const before = engineOf(bench(), old);
    await before.start(old.exports.approve, [5], { id: "r" });
    const engine = engineOf(bench(), now);
    await engine.start(now.exports.approve, [7], { id: "s" });
    const row = await bench().store.load("r");

    const run = await engine.get("r");
    expect(run).toMatchObject({ status: "stranded", stranded: { error: { code: "LOCALS_MISFIT" }, misfits: [{ flow: "approve", point: "listen:decision", locals: [] }] } });
    expect(run).toMatchObject({ stranded: { diff: expect.stringMatching(/^- approve at listen:decision\n\+ approve at listen:decision \(build\.ts:\d+:\d+\): needs amount$/) as string } });
    expect((await engine.inspect("r")).run.status).toBe("stranded");
    expect((await engine.find({ status: "stranded" })).runs.map(({ id }) => id)).toEqual(["r"]);
    expect((await engine.find({ status: "waiting" })).runs.map(({ id }) => id)).toEqual(["s"]);
    expect((await engine.find({ status: ["waiting", "stranded"] })).runs.map(({ id, status }) => [id, status])).toEqual([["r", "stranded"], ["s", "waiting"]]);
    const open = ["queued", "running", "waiting", "compensating", "stranded"] as const;
    expect((await engine.find({ status: open })).runs.map(({ id }) => id)).toEqual(["r", "s"]);
    for (let looks = 0; looks < 7; looks++) await engine.tick();
    expect(await bench().store.load("r")).toEqual(row);
    expect(bench().warnings().filter((text) => text.includes("stranded"))).toEqual([expect.stringContaining("1 run is stranded: this build does not fit what they stored")]);

    // What is sent is kept, for the build that knows the run.
    await engine.send("r", "decision", "yes", { eventId: "e" });
    expect(await bench().store.load("r")).toMatchObject({ version: row?.version, inbox: [{ eventId: "e" }], wake: { owner: null, attempt: 0 } });
    await engine.tick();
    expect((await bench().store.load("r"))?.inbox).toHaveLength(1);
    old.use();
    await before.tick();
    expect(await before.get("r")).toMatchObject({ status: "completed", value: ["first", "yes"] });
    expect((await before.find({ status: "stranded" })).runs.map(({ id }) => id)).toEqual([]);
    now.use();
    await engine.send("s", "decision", "no");
    await engine.idle();
    expect(await engine.get("s")).toMatchObject({ status: "completed", value: ["second", "no", 7] });
    expect((await bench().store.shapes({ limit: 9 }))).toEqual([]);
  });

  it("who calls `continue` is answered by the build that knows the run, or that it is accepted", async () => {
    const [old, now] = [first(), second()];
    const before = engineOf(bench(), old);
    await before.start(old.exports.approve, [5], { id: "r" });
    const engine = engineOf(bench(), now);
    expect(await engine.continue("r", "decision", "yes", { wait: 0 })).toMatchObject({ accepted: true, status: "stranded" });
    let looks = 0;
    const { store } = bench();
    const load = store.load.bind(store);
    store.load = (...asked) => (looks++, load(...asked));
    const waiting = engine.continue("r", "decision", "again", { wait: 5_000 });
    for (let round = 0; round < 200; round++) await new Promise((resolve) => setImmediate(resolve));
    await bench().clock.advance(5_000);
    expect(await waiting).toMatchObject({ accepted: true, status: "stranded" });
    expect(looks).toBeLessThan(100);
    store.load = load;
    await expect(engine.continue("r", "other", "yes")).rejects.toMatchObject({ code: "NOT_LISTENING" });
    await expect(engine.fork("r")).rejects.toMatchObject({ code: "LOCALS_MISFIT" });
    old.use();
    await before.tick();
    expect(await before.get("r")).toMatchObject({ status: "completed", value: ["first", "yes"] });
    await before.start(old.exports.approve, [6], { id: "k" });
    now.use();
    expect(await engine.kill("k")).toMatchObject({ status: "killed" });
  });

  it("a lease that ran out with its process counts no crash of those that do not know the run", async () => {
    const old = approve("await sleep(1000); return [\"first\"];");
    const now = approve("await sleep(1000); return [\"second\", amount];");
    const before = engineOf(bench(), old);
    await before.start(old.exports.approve, [5], { id: "r" });
    const engine = engineOf(bench(), now);
    await bench().clock.advance(1_000);
    expect((await bench().store.claim({ owner: "dead", now: bench().clock.now(), duration: 10, limit: 1 })).runs).toHaveLength(1);
    for (let looks = 0; looks < 9; looks++) {
      await bench().clock.advance(1_000);
      await engine.tick();
    }
    expect(await bench().store.load("r")).toMatchObject({ version: 1, wake: { owner: "dead", attempt: 0 } });
    expect(await engine.get("r")).toMatchObject({ status: "stranded" });
  });

  it("two builds in turns go on with what both fit, and rolling back strands what the newer one has left", async () => {
    const old = approve("const a = await listen(\"one\"); const b = await listen(\"two\"); return [\"old\", a, b];");
    const now = approve("const a = await listen(\"one\"); const extra = amount * 2; const b = await listen(\"two\"); return [\"new\", a, b, extra];");
    const before = engineOf(bench(), old);
    await before.start(old.exports.approve, [5], { id: "early" });
    const engine = engineOf(bench(), now);
    await engine.start(now.exports.approve, [5], { id: "late" });
    await engine.continue("late", "one", 1);
    // `early` lacks what the newer code computes from.
    expect(await engine.get("early")).toMatchObject({ status: "stranded" });
    old.use();
    expect((await before.find({ status: "stranded" })).runs).toEqual([]);
    // Narrower: `late` goes on with the older code, which does not need `extra`.
    expect(await before.continue("late", "two", 2)).toMatchObject({ status: "completed", value: ["old", 1, 2] });
    await before.continue("early", "one", 1);
    now.use();
    expect(await engine.get("early")).toMatchObject({ status: "stranded", stranded: { diff: expect.stringContaining("needs extra") as string } });
    old.use();
    expect(await before.continue("early", "two", 2)).toMatchObject({ status: "completed", value: ["old", 1, 2] });
  });

  it("a run of a store of earlier tables is left to who fits it, at once", async () => {
    const [old, now] = [first(), second()];
    const before = engineOf(bench(), old);
    await before.start(old.exports.approve, [5], { id: "r" });
    const { version, status, waits, state } = (await bench().store.load("r")) ?? expect.unreachable();
    const time = bench().clock.now();
    await bench().store.commit([{ id: "r", version, status, waits, state, looked: 0, now: time, wake: time, shape: null }]);
    const engine = engineOf(bench(), now);
    await engine.tick();
    expect(await bench().store.load("r")).toMatchObject({ shape: expect.any(String) as string, wake: { at: time, owner: null, attempt: 0 } });
    expect(await engine.get("r")).toMatchObject({ status: "stranded" });
    old.use();
    expect((await bench().store.claim({ owner: "x", now: time, duration: 1, limit: 9 })).runs).toEqual([{ id: "r", attempt: 0 }]);
  });
});
