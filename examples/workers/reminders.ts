// Reminders of invoices. A service has a worker; a function that is called every minute ticks. Either is enough.

import { createEngine, deflow, type Engine, sleep, step, type Store } from "deflow";

export const mail = { send: async (to: string) => console.log(`${to}: please pay`) };

export const remind = deflow(async function remind(to: string, days: number) {
  await sleep(days * 24 * 3_600_000);
  await step("send", () => mail.send(to), { retry: 5 });
});

/** A service: what it gives stops it in order, for SIGTERM. */
export function serve(store: Store): { engine: Engine; stop(): Promise<void> } {
  const engine = createEngine({ store, flows: { remind }, lease: "1 minute" });
  const worker = engine.work({ concurrency: 20 });
  return {
    engine,
    async stop() {
      await worker.stop();
      await engine.close();
      await store.close();
    },
  };
}

/** Cron, or a serverless function: when to call again at the latest. */
export async function everyMinute(engine: Engine): Promise<Date | undefined> {
  const { nextAt } = await engine.tick({ limit: 100, within: "25 seconds" });
  return nextAt;
}
