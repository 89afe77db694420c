// The oracle: the program as the engine itself runs it. Stops are answered one at a time, first come first served,
// when nothing else is left to do: exactly when a stored run would get its next input.

import { Script } from "node:vm";
import type { Backend, Run } from "./backend.ts";
import { Host } from "./host.ts";
import { lowerUsing } from "./using.ts";
import { createWorld, microtasksDone } from "./world.ts";

export const native: Backend = {
  name: "native",
  run: async ({ text }) => runScript(lowerUsing(text)),
};

/**
 * The same with less room on the stack for whatever traces. A program that gives another result then runs until its stack is full: how
 * deep that is belongs to no program, and differs from one version of the engine to the next.
 */
export const nativeWithLessStack: Backend = {
  name: "native-with-less-stack",
  run: async ({ text }) => runScript(lowerUsing(text), { prelude: hungryTrace }),
};

const hungryTrace = `"use strict"; {
  const trace = T;
  const deep = (levels, value) => levels === 0 ? trace(value) : deep(levels - 1, value);
  globalThis.T = (value) => deep(100, value);
}`;

const defineStops = new Script(`"use strict"; (stop) => {
  globalThis.L = (value) => new Promise((resolve) => stop(() => resolve(value)));
  globalThis.LX = (error) => new Promise((_, reject) => stop(() => reject(error)));
}`, { filename: "native-stops.js" });

/** Runs a script that declares `f`, up to `answers` answered stops. */
export async function runScript(text: string, options: { answers?: number; prelude?: string; strict?: boolean } = {}): Promise<Run> {
  const host = new Host();
  const world = createWorld(host);
  const waiting: (() => void)[] = [];
  (defineStops.runInContext(world) as (stop: (answer: () => void) => void) => void)((answer) => waiting.push(answer));
  if (options.prelude !== undefined) new Script(options.prelude).runInContext(world);
  const strict = options.strict === false ? "" : `"use strict";`;
  const f = new Script(`${strict}${text}\nf;`, { filename: "program.js" }).runInContext(world) as () => Promise<unknown>;
  f().then(
    (value) => host.settle("returns", value),
    (error: unknown) => host.settle("throws", error),
  );
  let answers = 0;
  for (;;) {
    await microtasksDone();
    if (host.outcome !== undefined || answers === options.answers) break;
    const answer = waiting.shift();
    if (answer === undefined || !host.countStop()) break;
    answers++;
    answer();
  }
  return { kind: "ran", result: host.close(), stops: answers };
}
