// What a command may touch, so that tests can hold it.

import { readFileSync } from "node:fs";
import type { DeflowError } from "../runtime/errors/error.ts";

export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly colour: boolean;
  /** Where progress is shown; absent: nobody watches. */
  readonly screen?: NodeJS.WriteStream;
  /** Asks whoever sits there; absent: nobody does. */
  readonly ask?: (question: string) => Promise<string>;
  /** Ends what would go on by itself. */
  readonly signal?: AbortSignal;
}

/** A command that cannot be done as written: shown without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Shows a coded error, and gives the exit code: 1 where the runs or the flows say no, 2 where it is the command or the store. */
export function refused({ code, message, hint, docs }: DeflowError, io: Io): number {
  io.err(`deflow: ${code}: ${message}.\n  fix: ${hint}\n  see: ${docs}\n`);
  return /^STORE_|^INVALID_ARGUMENT$|^NOT_COMPILED$|^CONTRACT_MISMATCH$/.test(code) ? 2 : 1;
}

export function readSource(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read \`${file}\` (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}
