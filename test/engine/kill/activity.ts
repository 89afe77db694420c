// An activity that says in a log that it begins, and a process that carries it out: see activities-kill.test.ts.

import { appendFileSync } from "node:fs";
import { activity, activityContext } from "../../../runtime/patterns/activity.ts";

/** Set by the process. `hangs`: it never ends; else it takes so many milliseconds. */
export const duty = { log: "", hangs: false, takes: 0 };

export interface Rendered {
  readonly pid: number;
  readonly key: string;
  readonly attempt: number;
  readonly fence: number;
}

export const render = activity("kill.render", async (text: string) => {
  const { key, attempt, fence } = activityContext();
  appendFileSync(duty.log, `${JSON.stringify({ pid: process.pid, key, attempt, fence } satisfies Rendered)}\n`);
  if (duty.hangs) await new Promise(() => setInterval(() => {}, 1_000));
  await new Promise((resolve) => setTimeout(resolve, duty.takes));
  return `${text} by ${process.pid}`;
}, { queue: "gpu" });
