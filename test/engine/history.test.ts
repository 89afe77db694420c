// What happened to runs, kept with them line by line: each with the commit that made it so, and never without.

import { callback, context, createEngine, deflow, FatalError, listen, memory, respond, sleep, start, step } from "deflow";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { HistoryEntry } from "../../runtime/engine/telling/history.ts";
import type { Store } from "../../runtime/store.ts";
import { onEachStore } from "./engines.ts";
import { countWritten } from "./written.ts";

const word = context("history word", z.string());

let failures = 0;
const story = deflow(async function story() {
  respond("hello");
  const said = await listen(word);
  await step("pay", ({ attempt }) => {
    if (attempt <= failures) throw new Error(`no money ${attempt}`);
    return said;
  }, { retry: { attempts: 3, delay: "1 second", jitter: false } });
  await sleep("1 minute");
  respond("a", "b");
  return said;
});

const timed = deflow({ timeout: "1 hour" }, async function timed() {
  await listen("first", { timeout: "1 minute", default: 0 });
  const token = callback<string>();
  respond(token.token);
  const answer = await token;
  await listen("never");
  return answer;
});

const failing = deflow(async function failing() {
  await listen("go");
  await step("broken", () => {
    throw new FatalError("it broke");
  });
});

const child = deflow(async function child() {
  return await listen<string>(word);
});

const parent = deflow(async function parent() {
  const handle = await start(child, [], { id: "c" });
  return await handle.result();
});

let hang: Promise<string> | undefined;
const stepping = deflow(async function stepping() {
  return await step("long", async () => await hang ?? "quick");
});

const endless = deflow(async function endless() {
  for (;;) await listen(word);
});

const writing = deflow(async function writing() {
  return await step.tx("insert", () => "written");
});

const long = deflow(async function long() {
  throw new Error("x".repeat(10_000));
});

const second = 1_000;
const flows = { story, timed, failing, parent, child, stepping, endless, writing };
const history = { keep: 100 };

/** Without its times. */
const told = (entries: readonly HistoryEntry[]): string[] => entries.map(({ at: _, version, what, ...more }) =>
  [version, what, ...Object.entries(more).map(([name, value]) => `${name}=${value instanceof Date ? value.getTime() - 1_700_000_000_000 : String(value)}`)].join(" "));

onEachStore(flows, (bench) => {
  it("of a run from its start to its end, the attempts of its steps among it", async () => {
    failures = 2;
    const engine = bench().engine({ history });
    const commits: number[] = [];
    engine.on("commit", ({ version }) => commits.push(version));
    await engine.start(story, [], { id: "r" });
    await engine.continue("r", word, "x", { eventId: "e1" });
    for (let time = 0; time < 5; time++) {
      await bench().clock.advance(30 * second);
      await engine.tick();
      await engine.idle();
    }
    const entries = await bench().engine({ history }).history("r");
    expect(told(entries)).toEqual([
      "1 started",
      "1 responded count=1",
      "2 event context=history word eventId=e1",
      "2 step stage=begun name=pay key=r:2 attempt=1",
      "3 step stage=failed name=pay key=r:2 attempt=1 error=Error: no money 1 retryAt=1000",
      "4 step stage=begun name=pay key=r:2 attempt=2",
      "5 step stage=failed name=pay key=r:2 attempt=2 error=Error: no money 2 retryAt=32000",
      "6 step stage=begun name=pay key=r:2 attempt=3",
      "7 step stage=ended name=pay key=r:2 attempt=3",
      "8 timer operation=3 of=sleep",
      "8 responded count=2",
      "8 ended status=completed",
    ]);
    expect(commits).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(entries.map(({ at }) => at.getTime() - 1_700_000_000_000)).toEqual([0, 0, 0, 0, 0, 30_000, 30_000, 60_000, 60_000, 120_000, 120_000, 120_000]);
    expect((await engine.inspect("r")).history).toEqual(entries);
  });

  it("timeouts, callbacks, refused events, cancellation, retry, forks, queues, kills", async () => {
    const engine = bench().engine({ history });
    await engine.start(timed, [], { id: "r" });
    await bench().clock.advance(60 * second);
    await engine.tick();
    await engine.idle();
    const { responses } = await engine.get("r");
    await engine.settle(String(responses[0]), "yes");
    await engine.fork("r", { id: "f" });
    await engine.cancel("r", "enough");
    expect(told(await engine.history("r"))).toEqual([
      "1 started", "2 timer operation=1 of=listen(first)", "2 responded count=1", "3 settled operation=2", "4 cancel reason=enough",
      "4 ended status=cancelled error=CancelledError: Cancelled: enough",
    ]);
    expect(told(await engine.history("f"))).toEqual(["1 forked from=r"]);
    await bench().clock.advance(3600 * second);
    await engine.tick();
    await engine.idle();
    expect(told(await engine.history("f")).slice(1)).toEqual(["2 deadline", expect.stringMatching(/^2 ended status=cancelled /)]);

    await engine.start(story, [], { id: "q", queue: "later" });
    await engine.send("q", word, "x", { eventId: "early" });
    await engine.kill("q", "not wanted");
    expect(told(await engine.history("q"))).toEqual(["1 queued", expect.stringMatching(/^2 ended status=killed error=KilledError: .*not wanted/)]);

    await engine.start(failing, [], { id: "broken" });
    await engine.continue("broken", "go", 1);
    await engine.retry("broken");
    expect(told(await engine.history("broken")).map((line) => line.replace(/ error=.*/, ""))).toEqual([
      "1 started", "2 event context=go", "2 step stage=begun name=broken key=broken:2 attempt=1", "3 step stage=failed name=broken key=broken:2 attempt=1", "3 ended status=failed",
      "4 retry", "5 step stage=begun name=broken key=broken:2 attempt=1",
      "6 step stage=failed name=broken key=broken:2 attempt=1", "6 ended status=failed",
    ]);

    await engine.start(child, [], { id: "w", startAt: "1 second" });
    await bench().store.deliver([{ to: "w", kind: "event", eventId: "bad", now: bench().clock.now(), body: JSON.stringify({ v: 1, context: "history word", data: 7 }) }]);
    await bench().clock.advance(second);
    for (let time = 0; time < 2; time++) {
      await engine.tick();
      await engine.idle();
    }
    expect(told(await engine.history("w"))).toEqual(["1 queued", "2 started", "3 refused context=history word code=INVALID_INPUT eventId=bad"]);
  });

  it("the end of a run that it waits for", async () => {
    const engine = bench().engine({ history });
    await engine.start(parent, [], { id: "p" });
    await engine.idle();
    await engine.continue("c", word, "done");
    for (let time = 0; time < 3; time++) {
      await engine.tick();
      await engine.idle();
    }
    expect(told(await engine.history("p"))).toEqual([
      "1 started", "1 step stage=begun name=start:child key=p:1 attempt=1", "2 step stage=ended name=start:child key=p:1 attempt=1",
      "3 result operation=2", "3 ended status=completed",
    ]);
  });

  it("an attempt that a crash cut off, and the next", async () => {
    let open = (_: string): void => {};
    hang = new Promise((resolve) => (open = resolve));
    const dying = bench().engine({ history });
    const lost = dying.start(stepping, [], { id: "r" });
    await vi.waitFor(async () => expect((await bench().store.load("r"))?.wake?.owner).toBeTruthy());
    // Its heartbeats do not come through.
    const extend = bench().store.extend.bind(bench().store);
    bench().store.extend = () => new Promise(() => {});
    hang = undefined;
    await bench().clock.advance(31 * second);
    bench().store.extend = extend;
    const next = bench().engine({ history });
    await next.tick();
    await next.idle();
    expect(await next.get("r")).toMatchObject({ status: "completed", value: "quick" });
    open("late");
    expect(await lost).toMatchObject({ status: "completed", accepted: true });
    expect(told(await next.history("r"))).toEqual([
      "1 started", "1 step stage=begun name=long key=r:1 attempt=1",
      "2 step stage=cut off name=long key=r:1 attempt=1", "2 step stage=begun name=long key=r:1 attempt=2",
      "3 step stage=ended name=long key=r:1 attempt=2", "3 ended status=completed",
    ]);
  });

  it("a step in a transaction begins and ends with one commit", async () => {
    const engine = bench().engine({ history });
    const { status } = await engine.start(writing, [], { id: "r" });
    const lines = told(await engine.history("r"));
    if (bench().store.transactions === undefined) expect([status, lines.at(-1)]).toEqual(["failed", expect.stringMatching(/^1 ended status=failed/)]);
    else expect(lines).toEqual(["1 started", "1 step stage=begun name=insert key=r:1 attempt=1", "1 step stage=ended name=insert key=r:1 attempt=1", "2 ended status=completed"]);
  });

  it("nothing of a commit that was refused", async () => {
    const engine = bench().engine({ history });
    await engine.start(endless, [], { id: "r" });
    const { commit } = bench().store;
    bench().store.commit = async function (this: Store, changes) {
      bench().store.commit = commit;
      return changes.map(() => ({ applied: false, reason: "stale" }));
    };
    await engine.continue("r", word, "x");
    expect(told(await engine.history("r"))).toEqual(["1 started", "2 event context=history word"]);
  });

  it("is bounded, and what was written before is not written again", async () => {
    const engine = bench().engine({ history: { keep: 60 } });
    const written = countWritten(bench().store, "r");
    await engine.start(endless, [], { id: "r" });
    for (let time = 0; time < 200; time++) await engine.continue("r", word, "x", { eventId: `event ${time}` });
    const entries = await engine.history("r");
    expect(entries).toHaveLength(60);
    expect(told(entries).at(-1)).toBe("201 event context=history word eventId=event 199");
    expect(told(entries)[0]).toBe("142 event context=history word eventId=event 140");
    expect(Math.max(...written.commits)).toBeLessThan(2_500);
    expect([...(await bench().store.load("r"))?.parts.keys() ?? []].length).toBeLessThan(6);
  });

  it("costs nothing where it is not asked for", async () => {
    failures = 1;
    const [without, plain] = [countWritten(bench().store, "r"), bench().engine({ logs: false })];
    await plain.start(story, [], { id: "r" });
    await plain.continue("r", word, "x");
    expect((await bench().store.load("r"))?.parts.size).toBe(0);
    expect(await plain.history("r")).toEqual([]);
    const withIt = countWritten(bench().store, "h");
    const engine = bench().engine({ history });
    await engine.start(story, [], { id: "h" });
    await engine.continue("h", word, "x");
    // What is written besides is the history alone.
    expect(withIt.commits).toHaveLength(without.commits.length);
    expect(withIt.commits.every((bytes, at) => bytes > (without.commits[at] as number))).toBe(true);
    const row = await bench().store.load("h");
    expect([...row?.parts.keys() ?? []]).toEqual(["history/0"]);
    expect([row?.state.length, row?.frame.replaceAll('"h"', '"r"').length]).toEqual(await bench().store.load("r").then((other) => [other?.state.length, other?.frame.length]));
  });
});

describe("history", () => {
  it("refuses bounds that cannot hold", () => {
    expect(() => createEngine({ store: memory(), flows: {}, history: { keep: 0 } })).toThrow(/`history\.keep`.*whole number from 1/);
    expect(() => createEngine({ store: memory(), flows: {}, history: { bytes: 1 } })).toThrow(/`history\.bytes`.*whole number from 16,384/);
  });

  it("cuts long texts", async () => {
    const engine = createEngine({ store: memory(), flows: { long }, history: {} });
    const { id } = await engine.start(long, []);
    const last = (await engine.history(id)).at(-1);
    expect(last).toMatchObject({ what: "ended", error: expect.stringMatching(/^Error: x+…$/) });
    expect((last as { error: string }).error).toHaveLength(300);
  });
});
