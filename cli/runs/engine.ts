// An engine for one command.
//
//   without --program   it has no flow: it reads, and what is given to a run is left in the store for a worker, which knows the flow and its schemas
//   with --program      it has the program's flows, and goes on with the run here
//
// It keeps all lines of logs and history that a run has: how many stay is for the program's own engine to say.

import { createEngine, type Engine } from "../../runtime/engine/engine.ts";
import type { Run } from "../../runtime/engine/run.ts";
import { isDeflowError } from "../../runtime/errors/error.ts";
import { NotFoundError } from "../../runtime/errors/run.ts";
import type { Store } from "../../runtime/store.ts";
import { type Io, UsageError } from "../io.ts";
import { openStore, type StoreOptions } from "../store.ts";
import { flowsOf } from "./program.ts";

export interface RunOptions extends StoreOptions {
  /** A module that declares the flows, or imports them. */
  readonly program?: string;
  readonly json?: boolean;
}

export interface Desk {
  readonly engine: Engine;
  readonly store: Store;
  /** The flows' code is at hand. */
  readonly isLoaded: boolean;
}

const all = { keep: 1_000_000, bytes: 1 << 30 };

/** `run`: the one that is worked on. */
export async function withEngine<T>(options: RunOptions & { readonly run?: string }, use: "read" | "write", io: Io, work: (desk: Desk) => Promise<T>): Promise<T> {
  const flows = options.program === undefined ? {} : await flowsOf(options.program, io);
  const store = await openStore(options, use);
  try {
    const quiet = (): void => {};
    const logger = { debug: quiet, info: quiet, warn: quiet, error: (message: string) => io.err(`${message}\n`) };
    const history = use === "write" && options.run !== undefined && (await store.load(options.run, undefined, ["history"]))?.parts.size;
    const engine = createEngine({ store, flows, logger, logs: all, ...(history ? { history: all } : {}) });
    try {
      return await work({ engine, store, isLoaded: options.program !== undefined });
    } finally {
      await engine.close();
    }
  } finally {
    await store.close();
  }
}

/** One whose state names what is not at hand is told as far as it can be, with `unreadable`. */
export async function readRun(engine: Engine, id: string, place: number): Promise<Run> {
  try {
    return await engine.get(id);
  } catch (error) {
    if (!isDeflowError(error)) throw error;
    const { runs: [run] } = await engine.find({ cursor: String(place - 1), limit: 1 });
    if (run === undefined) throw error;
    return run;
  }
}

/** Says what takes so long, where somebody watches. */
export function tellsOfWorker({ isLoaded }: Desk, { screen, err }: Io): void {
  if (!isLoaded && screen !== undefined) err("A worker that has the flow's code is waited for.\n");
}

/** For what a worker cannot be asked to do. @throws UsageError. */
export function needsProgram(command: string, { program }: RunOptions): void {
  if (program === undefined) throw new UsageError(`${command} goes on with the flow's code here: give --program <file>, a module that declares the flows or imports them`);
}

/** @throws NotFoundError. */
export function missing(run: string): never {
  throw new NotFoundError(run, { runId: run });
}
