import { type Clock, systemClock } from "deflow";
import { beforeEach, expect, it, vi } from "vitest";
import { showsWhatItPrints } from "../console.ts";
import { consumerOf } from "./consumer.ts";
import { Queue } from "./queue.ts";
import { studio } from "./video.ts";

showsWhatItPrints(new URL(".", import.meta.url));

const check = vi.spyOn(studio, "check");
const publish = vi.spyOn(studio, "publish");

beforeEach(() => {
  check.mockReset().mockResolvedValue();
  publish.mockReset().mockResolvedValue("there");
});

/** The queue, what came out of it, and how long its messages were. */
function studioOf(answer: object = { minutes: 3 }) {
  const queue = new Queue();
  const clock: Clock = { now: () => queue.time * 1000, after: systemClock.after };
  const finished: [string, string][] = [];
  const consume = consumerOf(queue, {
    clock, finished: (id, outcome) => void finished.push([id, outcome]),
    transcode: (id, frame) => queue.send({ id, body: JSON.stringify({ frame, event: answer }) }, 100),
  });
  return { queue, consume, finished };
}

it("goes through the queue, message by message", async () => {
  const { queue, consume, finished } = studioOf();
  const bodies: string[] = [];
  queue.send({ id: "v", body: JSON.stringify({ start: "a.mov" }) });
  await queue.deliver((message) => (bodies.push(message.body), consume(message)));
  expect([finished, queue.time]).toEqual([[["v", "there, 3 minutes"]], 160]);
  expect(bodies.map((body) => Object.keys(JSON.parse(body) as object))).toEqual([["start"], ["frame", "event"], ["frame", "wake"]]);
  expect(Math.max(...bodies.map(({ length }) => length))).toBeLessThan(1000);
});

it("each message may be delivered twice: the same keys, and the same outcome", async () => {
  const { queue, consume, finished } = studioOf();
  queue.send({ id: "v", body: JSON.stringify({ start: "a.mov" }) });
  const seen = new Set<string>();
  await queue.deliver(async (message) => {
    await consume(message);
    if (seen.size < seen.add(message.body).size) throw new Error("killed");
  });
  expect(new Set(finished.map(String))).toEqual(new Set(["v,there, 3 minutes"]));
  for (const step of [check, publish]) expect([step.mock.calls.length > 1, new Set(step.mock.calls.map(([, key]) => key)).size]).toEqual([true, 1]);
});

it("a step that fails three times ends the run", async () => {
  check.mockRejectedValue(new Error("infected"));
  const { queue, consume, finished } = studioOf();
  queue.send({ id: "v", body: JSON.stringify({ start: "a.mov" }) });
  await queue.deliver(consume);
  expect([finished, queue.time, check.mock.calls.length]).toEqual([[["v", "failed: infected"]], 30, 3]);
});

it("an answer that does not fit the schema is no answer", async () => {
  const { queue, consume, finished } = studioOf({ minutes: "three" });
  queue.send({ id: "v", body: JSON.stringify({ start: "a.mov" }) });
  let refused: unknown;
  await queue.deliver((message) => consume(message).catch((error: unknown) => { refused = error; }));
  expect([finished, refused]).toMatchObject([[], { code: "INVALID_INPUT" }]);
});
