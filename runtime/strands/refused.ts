// The machine of a flow that the compiler refused: a build that ignored the diagnostics meets them at the first call.

import { FlowRefusedError } from "../errors/load.ts";
import { fail, type Frame, type Machine } from "./strand.ts";

export function refused(flow: string, diagnostics: string): Machine {
  return async (frame: Frame) => fail(frame, new FlowRefusedError(flow, diagnostics, { runId: frame.run.id }));
}
