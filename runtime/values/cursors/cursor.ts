/** A position in an iteration. */
export interface Cursor {
  /** The value of the last `advance` that gave true. */
  value: unknown;
  advance(): boolean;
  /** Leaves early; errors of the iterator's `return` are thrown. */
  close(): void;
  /** Leaves by an exception; errors of the iterator's `return` are dropped. */
  abandon(): void;
}
