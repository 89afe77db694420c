// Two videos go through the queue. Its time is simulated. The consumer is killed once, when its work is done and the message not yet
// acknowledged.

import { type Clock, systemClock } from "deflow";
import { consumerOf } from "./consumer.ts";
import { Queue } from "./queue.ts";
import { studio } from "./video.ts";

const queue = new Queue();
const clock: Clock = { now: () => queue.time * 1000, after: systemClock.after };
const say = (text: string): void => console.log(`${String(queue.time).padStart(3)} s  ${text}`);

let checks = 0;
studio.check = async (file, key) => {
  say(`check ${file} (${key})`);
  if (++checks === 2) throw new Error("the scanner is busy");
};
studio.publish = async (file, key) => {
  say(`publish ${file} (${key})`);
  return `https://videos.example/${file}`;
};

const consume = consumerOf(queue, {
  clock,
  transcode(id, frame) {
    say(`ask for ${id}, with a frame of ${frame.length} bytes`);
    queue.send({ id, body: JSON.stringify({ frame, event: { minutes: 3 } }) }, 200);
  },
  finished: (id, outcome) => say(`${id}: ${outcome}`),
});

queue.send({ id: "v1", body: JSON.stringify({ start: "cats.mov" }) });
queue.send({ id: "v2", body: JSON.stringify({ start: "dogs.mov" }) });

let deliveries = 0;
await queue.deliver(async (message) => {
  await consume(message);
  if (++deliveries !== 6) return;
  say("killed, and the message is not acknowledged");
  throw new Error("killed");
});
say(`${deliveries} messages were delivered; there is nothing else, and nothing is left`);
