// What a command may touch, so that tests can hold it.

import { readFileSync } from "node:fs";

export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly colour: boolean;
}

/** A command that cannot be done as written: shown without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export function readSource(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read \`${file}\` (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}
