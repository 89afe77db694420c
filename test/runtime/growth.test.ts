// A flow that goes round and round is stored in one size: what was answered, timed out, settled, run or lost leaves nothing behind.
// Loops without the operations of flows are in fixtures/hazards/growth.

import { callback, deflow, listen, respond, sleep, step } from "deflow";
import { expect, test } from "vitest";
import { cancel, within } from "../../runtime/patterns/index.ts";
import { modes, Play } from "./turns.ts";

/** Each goes on when it is sent "next". */
const loops = {
  listens: deflow(async function listens() {
    for (let n = 0; ; n++) await listen("next", { timeout: "1 day", prompt: { n }, label: "again" });
  }),
  responds: deflow(async function responds() {
    for (let n = 0; ; n++) {
      respond({ n }, "asked");
      await listen("next");
    }
  }),
  timers: deflow(async function timers() {
    for (;;) {
      await Promise.race([listen("next"), sleep("1 day"), within("2 days", listen("never"))]).catch(() => 0);
    }
  }),
  steps: deflow(async function steps() {
    for (let n = 0; ; n++) {
      const sum = await step("add", () => n + 1);
      await Promise.all([step("one", () => sum), step("two", () => "two", { retry: 3 })]);
      await listen("next");
    }
  }),
  callbacks: deflow(async function callbacks() {
    for (;;) {
      const given = callback({ timeout: "1 day" });
      respond(given.token);
      await Promise.race([given, listen("next")]);
    }
  }),
  reactions: deflow(async function reactions() {
    let seen = 0;
    for (;;) {
      const next = listen("next").then((n) => n).finally(() => { seen = 0; });
      void next.then(() => { seen++; });
      await next;
      respond(seen);
    }
  }),
  strands: deflow(async function strands() {
    const wait = async (context: string): Promise<unknown> => await listen(context);
    for (;;) {
      const lost = wait("never");
      await Promise.race([lost, wait("next")]);
      cancel(lost);
      await lost.catch(() => 0);
    }
  }),
  failures: deflow(async function failures() {
    for (;;) {
      try {
        await step("fails", () => { throw new Error("no"); });
      } catch (error) {
        respond((error as Error).message);
      } finally {
        await listen("next");
      }
    }
  }),
};

/** A number counts as one digit, a token as none. */
function size(frame: string): number {
  return frame.replace(/"[\w-]{20,}"/g, '""').replace(/\d+/g, "0").length;
}

const cases = Object.entries(loops).flatMap(([name, flow]) => modes.map((mode) => ({ name, mode: mode.name, flow, how: mode })));

test.each(cases)("$name, $mode: the fiftieth round is stored as the fifth", async ({ flow, how }) => {
  const play = new Play(how);
  const sizes: number[] = [];
  await play.begin(flow as never);
  for (let round = 0; round < 50; round++) {
    await play.send("next", round);
    sizes.push(size(play.last.frame));
  }
  expect(play.last.status).toBe("waiting");
  expect(sizes.at(-1)).toBe(sizes[4]);
});

test("1,000 events leave what one left", async () => {
  const play = new Play(modes[0] as (typeof modes)[0]);
  await play.begin(loops.responds as never);
  await play.send("next", 0);
  const after = size(play.last.frame);
  for (let event = 1; event < 1_000; event++) await play.send("next", event);
  expect(size(play.last.frame)).toBe(after);
});
