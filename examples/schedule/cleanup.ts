// Every day at three sessions that are over are removed. The schedule is a run that never ends: it sleeps until the next time.

import { deflow, type Engine, isDeflowError, run, sleepUntil, step } from "deflow";

export const sessions = { removeOld: async (_key: string) => console.log("removed") };

const day = 24 * 3_600_000;

/** When it is this hour next, UTC; both times are milliseconds. */
export function next(hour: number, after: number): number {
  const today = new Date(after).setUTCHours(hour, 0, 0, 0);
  return today > after ? today : today + day;
}

export const cleanup = deflow(async function cleanup(hour: number) {
  // After the last one in any case: another machine's clock may be behind.
  for (let time = next(hour, Date.now()); ; time = next(hour, Math.max(time, Date.now()))) {
    await sleepUntil(time);
    try {
      await step("remove", ({ key }) => sessions.removeOld(key), { retry: 5 });
    } catch (error) {
      // What goes wrong today must not end the schedule; who cancels it means to.
      if (isDeflowError(error, "CANCELLED")) throw error;
      run.log.error("The cleanup failed", error);
    }
  }
});

/** Whenever a process begins: the first of all starts the schedule, the others find it. */
export async function schedule(engine: Engine) {
  return await engine.start(cleanup, [3], { id: "cleanup" });
}
