// Positive control: a run that is started again from the top at every stop, with the answers so far. It must agree with
// the oracle on every program; where it does not, the program depends on something outside itself.

import type { Backend, Result, Run } from "./backend.ts";
import { runScript } from "./native.ts";
import { lowerUsing } from "./using.ts";

// Replay is quadratic in the number of stops; longer programs are replayed at a sample of their stops.
const maxReplays = 40;

export const replay: Backend = {
  name: "replay",
  async run({ text }): Promise<Run> {
    const source = lowerUsing(text);
    const whole = await runScript(source);
    if (whole.kind !== "ran") return whole;
    const stride = Math.max(1, Math.ceil(whole.stops / maxReplays));
    for (let answers = 0; answers < whole.stops; answers += stride) {
      const part = await runScript(source, { answers });
      if (part.kind === "ran" && !startsWith(whole.result, part.result)) return part;
    }
    return runScript(source);
  },
};

function startsWith(whole: Result, part: Result): boolean {
  return part.outcome === "stuck" && part.trace.every((line, i) => line === whole.trace[i]);
}
