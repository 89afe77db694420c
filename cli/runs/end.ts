// deflow cancel, kill: ending a run. `cancel` lets it clean up, which is for the flow's code: with --program here, else for a worker. `kill`
// ends it where it stands, in the store alone.

import type { Io } from "../io.ts";
import { type RunOptions, tellsOfWorker, withEngine } from "./engine.ts";
import { told } from "./input.ts";

export interface EndOptions extends RunOptions {
  readonly reason?: string;
}

export function cancel(id: string, options: EndOptions, io: Io): Promise<number> {
  return withEngine({ ...options, run: id }, "write", io, async (desk) => {
    tellsOfWorker(desk, io);
    return told(await desk.engine.cancel(id, options.reason), options, io);
  });
}

export function kill(id: string, options: EndOptions, io: Io): Promise<number> {
  return withEngine({ ...options, run: id }, "write", io, async ({ engine }) => told(await engine.kill(id, options.reason), options, io));
}
