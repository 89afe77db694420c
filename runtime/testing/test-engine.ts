// An engine for tests of flows: in memory, on a clock that stands still until the test moves it, each commit read back from
// its text, steps replaced by stand-ins where the test gives some.
//
//   const t = testEngine({ flows: { approve }, steps: { pay: async () => "paid" } });
//   const run = await t.start(approve, [expense]);
//   await t.advance("2 days");
//   expect(t.steps("remind")).toHaveLength(1);

import type { Flow } from "../api/deflow.ts";
import { SimulatedClock } from "../realm/clock.ts";
import { type Duration, milliseconds } from "../realm/duration.ts";
import { Core } from "../engine/core.ts";
import { type Engine, engineOver } from "../engine/engine.ts";
import type { EngineOptions } from "../engine/options.ts";
import { memory } from "../stores/memory.ts";
import { PerformedSteps, type PerformedStep, type StandIn } from "./performed-steps.ts";

/** Of `testEngine()`: those of `createEngine`, but for the store, the clock and `dev`, which are the test's: memory, simulated, on. */
export interface TestEngineOptions extends Partial<Omit<EngineOptions, "store" | "clock" | "flows" | "dev">> {
  /** The flows that exist for this engine, by any key. */
  readonly flows: Readonly<Record<string, Flow<never[], unknown>>>;
  /** By the names of steps: what is called in place of their functions. Default: all steps call their own. */
  readonly steps?: Readonly<Record<string, StandIn>>;
  /** What the clock shows at first, a number in milliseconds since the epoch; default: the beginning of the year 2000, UTC. */
  readonly now?: Date | number;
}

/** An engine on a clock that the test moves. It has no worker: `advance` does what one would do. */
export interface TestEngine extends Engine {
  /** The clock of all runs. */
  readonly clock: SimulatedClock;
  /** Lets time pass: timers, retries and timeouts fall due in their order, each at its time, and what they set off runs. */
  advance(duration: Duration): Promise<void>;
  /** The attempts of a step, oldest first, of all runs. @throws UnknownStep for a name that no flow here has. */
  steps(name: string): readonly PerformedStep[];
  /** @throws UnknownStep if a stand-in has a name that no flow here has. */
  close(): Promise<void>;
}

/** Runs without a worker: `advance` does what one would do, and in the same order each time. */
export function testEngine({ flows, steps = {}, now = Date.UTC(2000, 0, 1), ...options }: TestEngineOptions): TestEngine {
  const clock = new SimulatedClock(now);
  const performed = new PerformedSteps(steps, flows, clock);
  const core = new Core({ ...options, flows, clock, store: memory(), dev: true }, performed);
  const engine = engineOver(core);
  return {
    ...engine,
    clock,
    steps: (name) => performed.of(name),
    advance: (duration) => advance(engine, clock, clock.now() + milliseconds(duration)),
    async close() {
      await engine.close();
      performed.check();
    },
  };
}

async function advance(engine: Engine, clock: SimulatedClock, until: number): Promise<void> {
  for (;;) {
    const { nextAt } = await engine.tick({ limit: Infinity, within: Number.MAX_SAFE_INTEGER - clock.now() });
    await engine.idle();
    const next = nextAt === undefined ? Infinity : Math.max(nextAt.getTime(), clock.now());
    // Timers of steps under way are the clock's own, and may come first.
    if (next > until) break;
    await clock.set(next);
  }
  await clock.set(until);
  await engine.idle();
}
