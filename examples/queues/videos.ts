// Videos are converted two at a time, whatever the number of servers; those of paying customers first.

import { deflow, type Engine, step } from "deflow";

export const converter = { convert: async (file: string, _key: string) => `${file}.webm` };

export const convert = deflow(async function convert(file: string) {
  return await step("convert", ({ key }) => converter.convert(file, key), { retry: 3 });
});

export async function upload(engine: Engine, file: string, paying: boolean) {
  return await engine.start(convert, [file], { id: file, queue: "videos", priority: paying ? 10 : 0 });
}

/** Settings are kept in the store and hold for the workers of every process. */
export async function configure(engine: Engine) {
  return await engine.queue("videos").limit(2);
}

/** Before the converter is updated: nothing of the queue is under way when it resolves. Afterwards: `resume()`. */
export async function makeRoomForUpdate(engine: Engine) {
  await engine.queue("videos").drain();
}
