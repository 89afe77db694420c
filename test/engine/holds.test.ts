// Turns that are held: what the engine says of them, and when.

import { deflow, listen, step } from "deflow";
import { beforeEach, expect, it, vi } from "vitest";
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

const second = 1_000;

beforeEach(() => {
  slow = new Promise((resolve) => (open = () => resolve("page")));
});

onEachStore({ report, alone, member, late }, (bench) => {
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
});
