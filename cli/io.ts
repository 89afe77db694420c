// What a command may touch, so that tests can hold it.

import { readFileSync } from "node:fs";
import type { DeflowError } from "../runtime/errors/error.ts";
import { plainText } from "./text.ts";

export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Standard error is coloured. */
  readonly colour: boolean;
  /** Standard output is. */
  readonly paints?: boolean;
  /** What comes in on standard input, to its end. */
  readonly input?: () => Promise<string>;
  /** Loads a module of the author's; absent: as `node --import deflow/register` does. */
  readonly load?: (path: string) => Promise<unknown>;
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

/** What to do in the words of a command line, where the error's own are those of a program. */
const ways: { readonly [code: string]: string } = {
  NOT_FOUND: "`deflow ls` lists the runs of the store; ended ones are removed after their retention time.",
  NOT_LISTENING: "`deflow show` says what the run waits for; `deflow send` may come before the listen.",
  WRONG_PERMIT: "Give the permit that the listen names: --permit, or DEFLOW_PERMIT.",
  STORE_OLDER: "A command changes no tables: let a program with this version of deflow open the store first.",
  STORE_MISSING: "Check the address; the program that has the runs makes the tables.",
  UNKNOWN_FLOW: "Give the module that declares the flow, or imports it: --program <file>.",
};

/** Shows a coded error, and gives the exit code: 1 where the runs or the flows say no, 2 where it is the command or the store. */
export function refused({ code, message, hint, cause }: DeflowError, io: Io): number {
  const why = causeText(cause);
  const told = why === "" || message.includes(why) ? "" : `  cause: ${plainText(why)}\n`;
  io.err(`deflow: ${code}: ${plainText(message)}.\n${told}  fix: ${ways[code] ?? hint}\n  see: deflow explain ${code}\n`);
  return /^STORE_|^INVALID_ARGUMENT$|^NOT_COMPILED$|^CONTRACT_MISMATCH$/.test(code) ? 2 : 1;
}

/** Of several addresses that were tried, what each said. */
function causeText(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === "") return cause.errors.map(causeText).join("; ");
  return cause instanceof Error ? cause.message : "";
}

export function readSource(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read \`${file}\` (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}
