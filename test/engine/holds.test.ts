// Turns that are held: what the engine says of them, and when.

import { deflow, listen, step } from "deflow";
import { beforeEach, expect, it, vi } from "vitest";
import { waitText } from "../../runtime/engine/telling/wait-text.ts";
import { onEachStore } from "./engines.ts";

let open: () => void = () => {};
let slow: Promise<string> = Promise.resolve("");
let quick: (value: string) => void = () => {};

const report = deflow(async function report() {
  const fetched = async (): Promise<string> => {
    const page = await slow;
    return page;
  };
  const stored = async (): Promise<string> => await step("store", () => "stored");
  return (await Promise.all([fetched(), stored()])).join(" ");
});

const alone = deflow(async function alone() {
  return await slow;
});

const member = deflow(async function member() {
  return (await Promise.all([slow, listen("word")])).join(" ");
});

const late = deflow(async function late() {
  const first = async (): Promise<string> => {
    await step("first", () => "");
    return await slow;
  };
  const second = async (): Promise<string> => await step("second", () => new Promise<string>((resolve) => (quick = resolve)));
  return (await Promise.all([first(), second()])).join(" ");
});

const linked = deflow(async function linked() {
  let last: Promise<unknown> = listen("word");
  for (let link = 0; link < 20_000; link++) last = last.then((value) => value);
  return await Promise.all([last, slow]);
});

const gateOf = (promise: Promise<string>): { opened: Promise<string>; open(): void } => ({ opened: promise, open: () => open() });

const unstored = deflow(async function unstored() {
  const gate = gateOf(slow);
  const watch = (async () => {
    await listen("go");
    gate.open();
  })();
  const page = await gate.opened;
  await watch;
  return page;
});

const second = 1_000;

beforeEach(() => {
  slow = new Promise((resolve) => (open = () => resolve("page")));
});

onEachStore({ report, alone, member, late, linked, unstored }, (bench) => {
  const held = async (): Promise<void> => {
    await vi.waitFor(() => expect(bench().clock.pending).toBeGreaterThan(0));
  };
  const lineOf = (text: string): RegExp => new RegExp(`${text} \\((\\S*holds\\.test\\.ts:\\d+:\\d+)\\)`);

  it("after a second the line that holds it and the line that waits for the commit are told, once for each place", async () => {
    const engine = bench().engine();
    const runs = [engine.start(report, []), engine.start(report, [])];
    await held();
    await bench().clock.advance(second - 1);
    expect(bench().warnings()).toEqual([]);
    await bench().clock.advance(1);
    expect(bench().warnings()).toHaveLength(1);
    const [said] = bench().said;
    expect(said?.message).toMatch(/^Nothing of `report` has been stored for 1 second: /);
    expect(said?.message).toMatch(lineOf("`report#fetched` at an ordinary promise"));
    expect(said?.message).toMatch(lineOf("`report#stored` at step\\(store\\)"));
    expect(said?.message).toMatch(/ waits? for that\. What takes long belongs in a step$/);
    expect(said?.fields).toMatchObject({ runId: expect.any(String), holds: [{ flow: "report#fetched", waitsFor: "an ordinary promise" }] });
    open();
    for (const run of runs) expect(await run).toMatchObject({ status: "completed", value: "page stored" });
    await bench().clock.advance(10 * second);
    expect(bench().warnings()).toHaveLength(1);
  });

  it("where nothing waits for it, the line alone", async () => {
    const engine = bench().engine();
    const going = engine.start(alone, []);
    await held();
    await bench().clock.advance(second);
    expect(bench().warnings()).toEqual([expect.stringMatching(/^Nothing of `alone` has been stored for 1 second: `alone` at an ordinary promise \(\S*holds\.test\.ts:\d+:\d+\) holds its turn\. /)]);
    open();
    expect(await going).toMatchObject({ value: "page" });
  });

  it("the line of a combinator with an ordinary member", async () => {
    const engine = bench().engine();
    const going = engine.start(member, [], { id: "r" });
    await held();
    await bench().clock.advance(second);
    expect(bench().warnings()).toEqual([expect.stringMatching(/`member` at all of an ordinary promise, listen\(word\) \(\S*holds\.test\.ts:\d+:\d+\) holds its turn\./)]);
    open();
    expect(await going).toMatchObject({ status: "waiting" });
  });

  it("what a strand that waits meanwhile holds and cannot be stored", async () => {
    const run = bench().engine().start(unstored, []);
    const failed = expect(run).rejects.toMatchObject({ code: "TURN_TIMEOUT", message: expect.stringMatching(/ and could not have been stored: `env\.gate\.opened` is /) as string });
    await held();
    await bench().clock.advance(second);
    expect(bench().warnings()).toEqual([expect.stringMatching(/holds its turn; `unstored#\S+` at listen\(go\) \(\S+\) waits for that\. It cannot be stored as it is: `env\.gate\.opened` is a promise and cannot be stored, in `unstored#/)]);
    await bench().clock.advance(600_000);
    await failed;
  });

  it("a result that came meanwhile waits for the commit too", async () => {
    const engine = bench().engine();
    const going = engine.start(late, []);
    await vi.waitFor(() => expect(quick.length).toBe(1));
    await vi.waitFor(() => expect(bench().clock.pending).toBeGreaterThan(1));
    quick("second");
    await bench().clock.advance(second);
    expect(bench().warnings()).toEqual([expect.stringMatching(/`late#first` at an ordinary promise .* `late#second` at step\(second\) \(\S+\)/)]);
    open();
    expect(await going).toMatchObject({ value: "page second" });
    quick = () => {};
  });

  it("a chain of any length is told by its innermost wait", async () => {
    const run = bench().engine().start(linked, []);
    await held();
    await bench().clock.advance(second);
    expect(bench().warnings()[0]).toMatch(lineOf("`linked` at all of listen\\(word\\), an ordinary promise"));
    const failed = expect(run).rejects.toMatchObject({ code: "TURN_TIMEOUT" });
    await bench().clock.advance(600_000);
    await failed;
  });

  it("what holds a turn cannot be told: that is said, and the turn goes on", async () => {
    const { logger } = bench();
    const engine = bench().engine({ logger: { ...logger, warn: () => { throw new Error("the log is full"); } } });
    const run = engine.start(alone, []);
    await held();
    await bench().clock.advance(second);
    expect(bench().warnings("error")).toEqual(["What holds a turn of `alone` could not be told"]);
    open();
    expect(await run).toMatchObject({ status: "completed" });
  });
});

it("a chain that waits for itself, and combinators of combinators, are told in part", () => {
  const [one, other] = [{ by: {} }, { by: {} }] as { by: object }[] as [{ by: object }, { by: object }];
  one.by = { kind: "then", source: other };
  other.by = { kind: "follow", source: one };
  expect(waitText(one as never)).toBe("…");
  let all: { by: object } = { by: { kind: "listen", context: "word", seq: 1 } };
  for (let level = 0; level < 50; level++) {
    const source = all;
    all = { by: { kind: "all", members: Array.from({ length: 100 }, () => ({ source, state: "pending" })) } };
  }
  expect(waitText(all as never)).toMatch(/^all of all of all of …, .* and 90 more/);
  expect(waitText(all as never).length).toBeLessThan(10_000);
});
