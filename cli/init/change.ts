// What `deflow init` would do to one file, and what it leaves to the author.

export interface Change {
  /** Relative to the package. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** What is needed in a file that is not edited, and why. */
export interface ByHand {
  readonly file: string;
  readonly why: string;
  /** The lines to add. */
  readonly lines: readonly string[];
}

export function isChange(outcome: Change | ByHand): outcome is Change {
  return "after" in outcome;
}
