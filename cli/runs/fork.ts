// deflow fork: a second run that goes on from where a waiting one stands. The original is only read.

import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";
import { paintOf } from "../text.ts";
import { needsProgram, type RunOptions, withEngine } from "./engine.ts";
import { runText, runView } from "./run-text.ts";

export interface ForkOptions extends RunOptions {
  readonly id?: string;
}

/** The tokens of its callbacks are told here alone: the store has their hashes. */
export async function fork(from: string, options: ForkOptions, io: Io): Promise<number> {
  needsProgram("fork", options);
  return await withEngine({ ...options, run: from }, "write", io, async ({ engine }) => {
    const { tokens, ...run } = await engine.fork(from, options.id === undefined ? {} : { id: options.id });
    const lines = Object.entries(tokens).map(([operation, token]) => `token  of callback ${operation}: ${token}\n`);
    io.out(options.json ? `${jsonText({ ...runView(run as Parameters<typeof runView>[0]), tokens }, 2)}\n` : `${runText(run, paintOf(io))}\n${lines.join("")}`);
    return 0;
  });
}
