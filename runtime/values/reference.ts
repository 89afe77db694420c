// Module and global values that an expression had read before an await: the `console.log` of `console.log(await x)`.
//
// Such a function belongs to the code, not to the run, so a frame names it instead of holding it. That is exact as long as
// the module still refers to the same thing when the frame is written, and when it is read; where it does not when it is written,
// the value is stored like any other, or refused. It is looked up as soon as the frame is read: before anything of the run goes on,
// which may give the module another value.

import { CorruptFrameError } from "../errors/codec.ts";
import type { Meta } from "../strands/registry.ts";

type Read = () => unknown;

export class Reference {
  readonly text: string;
  value: unknown;
  /** Gives what the code refers to now; absent where the frame comes from a store and was not looked up yet. */
  read: Read | undefined;
  /** True: `value` is what was read. */
  held: boolean;

  constructor(text: string, value: unknown, read: Read | undefined, held: boolean) {
    this.text = text;
    this.value = value;
    this.read = read;
    this.held = held;
  }
}

/** At a stop: a local that was read from `text`. */
export function reference({ meta }: { readonly meta: Meta }, text: string, value: unknown): Reference {
  return new Reference(text, value, meta.reads?.[text], true);
}

/** Looks up what locals of a stored frame name. What cannot be read yet is left for `dereference`: another strand may have to set it up first. */
export function lookUp(locals: Readonly<Record<string, unknown>>, reads: Readonly<Record<string, Read>>): void {
  for (const key of Object.keys(locals)) {
    const stored = locals[key];
    if (!(stored instanceof Reference) || stored.read !== undefined) continue;
    stored.read = Object.hasOwn(reads, stored.text) ? reads[stored.text] : undefined;
    if (stored.held || stored.read === undefined) continue;
    try {
      stored.value = stored.read();
      stored.held = true;
    } catch {
      // It throws again when the strand goes on, and tells the strand.
    }
  }
}

/** In a fresh activation: the local again; of code that did not name it yet when the frame was written what it names now. */
export function dereference({ meta }: { readonly meta: Meta }, text: string, stored: unknown): unknown {
  if (stored !== undefined && !(stored instanceof Reference)) throw new CorruptFrameError("locals", `it does not hold what \`${text}\` was`);
  return stored?.held === true ? stored.value : meta.reads?.[text]?.();
}
