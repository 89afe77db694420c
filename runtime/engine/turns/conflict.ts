// What a turn throws when somebody else has changed the run, or holds its lease.

import type { Refusal } from "../../store.ts";

/** Nothing of the turn is stored beyond the commits before. */
export class Conflict extends Error {
  readonly reason: Refusal;
  /** It was the turn's first: the turn can be made again from a newer state. */
  readonly first: boolean;

  constructor(reason: Refusal, first: boolean) {
    super(`The commit was refused: ${reason}`);
    this.reason = reason;
    this.first = first;
  }
}
