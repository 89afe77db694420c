// A turn may hold on to ordinary promises, and nothing is stored until they settle. One that holds for `turnTimeout` is ended.

import { durationText } from "../duration.ts";
import { deflowError } from "../errors/classes.ts";
import type { LiveRun } from "../step.ts";
import type { Core } from "./core.ts";

export interface Hold {
  readonly failure: Promise<never>;
  stop(): void;
}

/** A run that only waits for its steps may take any time. */
export function watchHold({ clock, settings: { turnTimeout } }: Core, run: LiveRun): Hold {
  let cancel = (): void => {};
  const failure = new Promise<never>((_, reject) => {
    const look = (): void => {
      if (run.active === 0 || run.closed) return arm();
      run.drop();
      reject(deflowError("TURN_TIMEOUT", { after: durationText(turnTimeout) }, { runId: run.id }));
    };
    const arm = (): void => {
      cancel = clock.after(turnTimeout, look);
    };
    arm();
  });
  return { failure, stop: () => cancel() };
}
