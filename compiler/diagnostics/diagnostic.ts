// What the compiler says about a flow: a code from the table, a place, a reason, a way out.

/**
 * error: the author's code. unsupported: will never be compiled, the fix names the alternative. todo: not compiled yet.
 * bug: an invariant of the compiler broke. warning: compiled, and worth knowing.
 */
export type Severity = "error" | "unsupported" | "todo" | "bug" | "warning";

/** What the compiler says of a place in the source. */
export interface Diagnostic {
  /** "DF101"; the page is compiler/diagnostics/DF101.md. */
  readonly code: string;
  /** Whose problem it is. */
  readonly severity: Severity;
  /** Names the thing in backticks and says what is wrong with it. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
  /** The page about it, a path within the package. */
  readonly docs: string;
  /** Offset and length in the source, in UTF-16 units. */
  readonly start: number;
  readonly length: number;
}

/** True for what keeps a flow from being compiled. */
export function isFatal({ severity }: Pick<Diagnostic, "severity">): boolean {
  return severity !== "warning";
}
