// Module and global values that an expression had read before an await: the `console.log` of `console.log(await x)`.
//
// Such a function belongs to the code, not to the run, so a frame names it instead of holding it. That is exact as long as
// the module still refers to the same thing when the frame is written; where it does not, the value is stored like any
// other, or refused.

export class Reference {
  readonly text: string;
  value: unknown;
  /** Gives what the code refers to now; absent where the frame came from a store and was not entered yet. */
  readonly read: (() => unknown) | undefined;
  /** True: the frame holds the value itself. */
  held: boolean;

  constructor(text: string, value: unknown, read: (() => unknown) | undefined, held: boolean) {
    this.text = text;
    this.value = value;
    this.read = read;
    this.held = held;
  }
}

/** At a stop: a local that was read from `text`. */
export function reference(text: string, value: unknown, read: () => unknown): Reference {
  return new Reference(text, value, read, true);
}

/** In a fresh activation: the local again. */
export function dereference(stored: Reference, read: () => unknown): unknown {
  return stored.held ? stored.value : read();
}
