// What is done with a video that somebody uploads. A transcoder takes minutes for it and then sends a message.

import { context, deflow, listen, sleep, step } from "deflow";
import { z } from "zod";

export const transcoded = context("transcoded", z.object({ minutes: z.number() }));

/** The world outside. `ticket` comes back with the transcoder's answer. */
export const studio = {
  check: async (_file: string, _key: string): Promise<void> => {},
  publish: async (_file: string, _key: string): Promise<string> => "",
};

export const video = deflow(async function video(file: string) {
  await step("check", ({ key }) => studio.check(file, key), { retry: { attempts: 3, delay: "10 seconds", jitter: false } });
  const { minutes } = await listen(transcoded);
  await sleep("1 minute"); // until the caches have it
  const address = await step("publish", ({ key }) => studio.publish(file, key));
  return `${address}, ${minutes} minutes`;
});
