// deflow continue, send, settle: input for a run, from outside. It is JSON, and meets the schema of its context before it meets the flow.
//
//   deflow continue E-1 decision '{"ok":true}'      the run waits for it now; answers with the state after the turn
//   deflow send E-1 decision '{"ok":true}'          for whenever it listens
//   deflow settle <token> '{"reference":"P-1"}'     the answer to a callback
//
// With --program the turn, and the steps in it, are made here. Without it the input is left in the store, and a worker of the program makes
// the turn, schema included; it is waited for.

import type { Duration } from "../../runtime/realm/duration.ts";
import { type Io, UsageError } from "../io.ts";
import { jsonText } from "../json.ts";
import { paintOf } from "../text.ts";
import { type RunOptions, tellsOfWorker, withEngine } from "./engine.ts";
import type { Run } from "../../runtime/engine/run.ts";
import { runText, runView } from "./run-text.ts";

export interface InputOptions extends RunOptions {
  readonly permit?: string;
  readonly eventId?: string;
  /** How long a worker is waited for. */
  readonly wait?: string;
}

export async function continueRun(id: string, context: string, text: string | undefined, options: InputOptions, io: Io): Promise<number> {
  const data = await payloadOf(text, io);
  return await withEngine({ ...options, run: id }, "write", io, async (desk) => {
    tellsOfWorker(desk, io);
    const run = await desk.engine.continue(id, context, data, { ...permitAndId(options), ...(options.wait === undefined ? {} : { wait: options.wait as Duration }) });
    return told(run, options, io);
  });
}

export async function send(id: string, context: string, text: string | undefined, options: InputOptions, io: Io): Promise<number> {
  const data = await payloadOf(text, io);
  return await withEngine({ ...options, run: id }, "write", io, async ({ engine }) => {
    const sent = await engine.send(id, context, data, permitAndId(options));
    io.out(options.json ? `${jsonText(sent)}\n` : sent.duplicate ? "It had been sent before; nothing was done.\n" : "Sent.\n");
    return 0;
  });
}

export async function settle(token: string, text: string | undefined, options: InputOptions, io: Io): Promise<number> {
  const data = await payloadOf(text, io);
  return await withEngine(options, "write", io, async (desk) => {
    tellsOfWorker(desk, io);
    return told(await desk.engine.settle(token, data), options, io);
  });
}

/** Shows the run, and gives the exit code of a command that was done. */
export function told(run: Run, { json }: RunOptions, io: Io): number {
  io.out(json ? `${jsonText(runView(run), 2)}\n` : `${runText(runView(run), paintOf(io))}\n`);
  return 0;
}

function permitAndId({ permit = process.env["DEFLOW_PERMIT"], eventId }: InputOptions): { permit?: string; eventId?: string } {
  return { ...(permit === undefined ? {} : { permit }), ...(eventId === undefined ? {} : { eventId }) };
}

/** `-`: what comes in on standard input. Absent: nothing is given. @throws UsageError. */
async function payloadOf(text: string | undefined, io: Io): Promise<unknown> {
  if (text === undefined) return undefined;
  const json = text === "-" ? await (io.input ?? nobody)() : text;
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    throw new UsageError(`the payload is no JSON: ${(error as Error).message}. A text needs quotes of its own: '"yes"'`);
  }
}

function nobody(): never {
  throw new UsageError("`-` reads the payload from standard input, and there is none");
}
