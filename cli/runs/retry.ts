// deflow retry: a failed run goes on from its last commit, here: its steps are made again under the same keys, with all their attempts.

import type { Io } from "../io.ts";
import { needsProgram, type RunOptions, withEngine } from "./engine.ts";
import { told } from "./input.ts";

/** Exit code 1: it has failed again. */
export async function retry(id: string, options: RunOptions, io: Io): Promise<number> {
  needsProgram("retry", options);
  return await withEngine({ ...options, run: id }, "write", io, async ({ engine }) => {
    const run = await engine.retry(id);
    return told(run, options, io) || Number(run.status === "failed");
  });
}
