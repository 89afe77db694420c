// Very many calls at once.

import { context, createEngine, deflow, listen, memory, step } from "deflow";
import { expect, it } from "vitest";
import { sqlite } from "../../runtime/stores/sqlite.ts";

const word = context<string>("word");
const seen = { begun: 0 };
const inner = { start: async (): Promise<unknown> => undefined };

const brief = deflow(async function brief() {
  seen.begun++;
  return await listen(word);
});

const words = deflow(async function words(count: number) {
  const said: string[] = [];
  while (said.length < count) said.push(await listen(word));
  return said;
});

const starter = deflow(async function starter() {
  return await step("start another", async () => await inner.start());
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const round = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("of a thousand starts at once 256 begin together, and the next ones when those are stored", async () => {
  const store = sqlite(":memory:");
  const engine = createEngine({ store, flows: { brief } });
  seen.begun = 0;
  const runs = Promise.all(numbers(1_000).map(() => engine.start(brief, [])));
  const begun: number[] = [];
  for (let n = 0; n < 20 && begun.at(-1) !== 1_000; n++) {
    await round();
    begun.push(seen.begun);
  }
  expect([...new Set(begun)]).toEqual([256, 512, 768, 1_000]);
  expect(new Set((await runs).map(({ id, status }) => `${status} ${id}`)).size).toBe(1_000);
  await engine.close();
  await store.close();
});

it("calls of one run are taken in the order in which they were made, however many there are", async () => {
  const engine = createEngine({ store: memory(), flows: { words } });
  const said = numbers(600).map(String);
  const { id } = await engine.start(words, [said.length]);
  const answers = await Promise.all(said.map((text) => engine.continue(id, word, text)));
  expect(answers.at(-1)).toMatchObject({ status: "completed", value: said });
  await engine.close();
});

it("turns that wait for other starts do not wait for each other", async () => {
  const engine = createEngine({ store: memory(), flows: { brief, starter } });
  inner.start = async () => (await engine.start(brief, [])).status;
  const runs = await Promise.all(numbers(700).map(() => engine.start(starter, [])));
  expect(runs).toEqual(runs.map(() => expect.objectContaining({ status: "completed", value: "waiting" })));
  await engine.close();
});

it("an engine that is closed ends what was begun of a burst, and takes no more", async () => {
  const store = memory();
  const engine = createEngine({ store, flows: { brief } });
  const calls = Promise.allSettled(numbers(1_000).map((n) => engine.start(brief, [], { id: `run ${n}` })));
  await round();
  await engine.close();
  const outcomes = await calls;
  const stored = await Promise.all(numbers(1_000).map((n) => store.load(`run ${n}`)));
  expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual(stored.map((row) => row !== undefined));
});
