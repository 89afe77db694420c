// Bills for electricity: when a customer asks why, the run says what it did and what happened to it.

import { context, deflow, type Engine, type EngineOptions, listen, run, step } from "deflow";

export const confirmed = context<boolean>("confirmed");
export const meters = { read: async (_meter: string) => 1042 };

export const bill = deflow(async function bill(meter: string) {
  run.log("reading", { meter });
  const reading = await step("read", async ({ log }) => {
    const value = await meters.read(meter);
    if (value < 0) {
      log.warn("the meter gives nonsense", { value });
      throw new Error(`${value} kWh`);
    }
    return value;
  }, { retry: { attempts: 3, jitter: false } });
  await listen(confirmed);
  console.log(`billed ${reading} kWh`);
  return reading;
});

export const kept: Pick<EngineOptions, "logs" | "history"> = { logs: { level: "info", keep: 200, console: true }, history: { keep: 200 } };

/** "#2 read failed": the number is that of the commit that made it so. */
export async function why(engine: Engine, id: string): Promise<string[]> {
  const happened = await engine.history(id);
  return happened.map((entry) => `#${entry.version} ${entry.what === "step" ? `${entry.name} ${entry.stage}` : entry.what}`);
}
