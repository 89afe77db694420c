// The strands of a run in the order in which they started: a list that each strand is a link of. A Set does the same in fifty
// times the time, since it grows at every start and end; a call of a flow is both.

import type { Frame } from "./strand.ts";

export class Strands implements Iterable<Frame> {
  size = 0;
  #first: Frame | undefined;
  #last: Frame | undefined;

  add(frame: Frame): void {
    frame.listed = true;
    frame.before = this.#last;
    if (this.#last === undefined) this.#first = frame;
    else this.#last.after = frame;
    this.#last = frame;
    this.size++;
  }

  /** One that was dropped with all others may still come to its end. */
  delete(frame: Frame): void {
    if (!frame.listed) return;
    const { before, after } = frame;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    this.#unlink(frame);
  }

  clear(): void {
    for (const frame of this) this.#unlink(frame);
    this.#first = this.#last = undefined;
  }

  /** The strand at hand may be deleted meanwhile. */
  *[Symbol.iterator](): Iterator<Frame> {
    for (let frame = this.#first; frame !== undefined;) {
      const { after } = frame;
      yield frame;
      frame = after;
    }
  }

  #unlink(frame: Frame): void {
    frame.listed = false;
    frame.before = frame.after = undefined;
    this.size--;
  }
}
