// How a diagnostic is shown to people: the same text in every adapter and in the CLI.
//
//   error DF106: the step function assigns `total`, a variable of the flow
//     --> shop.ts:12:5
//      |
//   12 |     total += 1;
//      |     ^^^^^^^^^^
//      = fix: Return the value from the step and assign its result.
//      = see: deflow explain DF106

import { isFatal, type Diagnostic, type Severity } from "./diagnostics/diagnostic.ts";
import { locator } from "./text.ts";

interface Place {
  /** Both count from 1, as editors do. */
  readonly line: number;
  readonly column: number;
}

/** The word that stands before the code. `todo` and `unsupported` stop the build as errors do, and say whose turn it is. */
const label: Record<Severity, string> = {
  error: "error",
  unsupported: "error",
  todo: "not yet",
  bug: "bug in deflow",
  warning: "warning",
};

/** Whether to colour what goes to `stream`: NO_COLOR and FORCE_COLOR as https://no-color.org says, else only a terminal. */
export function colours(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"] !== undefined) return env["FORCE_COLOR"] !== "0";
  return stream.isTTY === true;
}

/** Where in `source` a diagnostic stands. */
export function place(source: string, offset: number): Place {
  const [line, column] = locator(source)(offset);
  return { line: line + 1, column: column + 1 };
}

/** The title of a diagnostic, without its place: `DF106: the step function …`. */
export function title(diagnostic: Diagnostic): string {
  return `${diagnostic.code}: ${diagnostic.message}`;
}

/** The whole text of one diagnostic: title, place, code frame, way out. */
export function report(diagnostic: Diagnostic, source: string, fileName: string, colour = false): string {
  const paint = (style: number, text: string): string => (colour ? `\u001b[${style}m${text}\u001b[0m` : text);
  const tint = diagnostic.severity === "warning" ? 33 : 31;
  const { line, column } = place(source, diagnostic.start);
  const gutter = " ".repeat(String(line).length);
  return [
    `${paint(tint, `${label[diagnostic.severity]} ${diagnostic.code}`)}: ${diagnostic.message}`,
    `${gutter}${paint(36, "-->")} ${fileName}:${line}:${column}`,
    frame(source, diagnostic, (text) => paint(36, text), (text) => paint(tint, text)),
    `${gutter} ${paint(36, "=")} fix: ${diagnostic.fix}`,
    `${gutter} ${paint(36, "=")} see: deflow explain ${diagnostic.code}`,
  ].join("\n");
}

/** The line a diagnostic stands on, with a mark under it; of a long one what is around the mark. */
export function frame(source: string, at: { readonly start: number; readonly length: number }, dim = plain, mark = plain): string {
  const { line, column } = place(source, at.start);
  const lineStart = at.start - column + 1;
  const newline = source.indexOf("\n", at.start);
  const whole = source.slice(lineStart, newline < 0 ? source.length : newline).replace(/\r$/, "");
  const { text, before } = cut(whole, column - 1);
  const width = Math.max(1, Math.min(at.length, text.length - before));
  // Tabs are kept in the padding, so that the mark stands under the code however wide a tab is shown.
  const padding = text.slice(0, before).replaceAll(/[^\t]/g, " ");
  const gutter = " ".repeat(String(line).length);
  return [`${gutter} ${dim("|")}`, `${dim(`${line} |`)} ${text}`, `${gutter} ${dim("|")} ${padding}${mark("^".repeat(width))}`].join("\n");
}

/** Characters of a line: lines of minified code have no end. */
const widest = 180;

/** `before`: how much of the text stands before what was at `offset`. */
function cut(line: string, offset: number): { readonly text: string; readonly before: number } {
  if (line.length <= widest) return { text: line, before: offset };
  const from = offset < widest - 60 ? 0 : offset - 60;
  const start = from === 0 ? "" : "…";
  const end = from + widest < line.length ? "…" : "";
  return { text: `${start}${line.slice(from, from + widest)}${end}`, before: start.length + offset - from };
}

function plain(text: string): string {
  return text;
}

/**
 * What a text adapter throws for a file with errors: all of them, each with its frame. Nothing that comes after a text
 * adapter checks types, so it must stop here. An author's error has no stack: the places are in the message.
 */
export function failure(diagnostics: readonly Diagnostic[], source: string, fileName: string, colour = false): SyntaxError | undefined {
  const fatal = diagnostics.filter(isFatal);
  if (fatal.length === 0) return undefined;
  const error = new SyntaxError(fatal.map((diagnostic) => report(diagnostic, source, fileName, colour)).join("\n\n"));
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
