// `// deflow-ignore DF504: counts what this process did` silences one code: on the line that the comment ends, or, where that has no code before the
// comment, on the line of the next token.
//
// It gives a reason, and there is something to silence; else it is told of itself (DF109).

import type ts from "typescript";
import { isFatal, type Diagnostic } from "./diagnostics/diagnostic.ts";
import { diagnoseAt, isCode, severityOf } from "./diagnostics/table.ts";
import { lineAt, lineStarts } from "./text.ts";

interface Ignore {
  readonly code: string;
  readonly reason: string;
  readonly start: number;
  readonly length: number;
  /** The line that it is about, from 0. */
  readonly line: number;
}

/** What only types tell is found later than the rest, and a build without types never finds it. */
type Kind = "syntax" | "types";

/** The diagnostics of one kind without those that comments silence, and what is wrong with the comments about that kind. */
export function withoutIgnored(found: readonly Diagnostic[], file: ts.SourceFile, api: Pick<typeof ts, "forEachChild">, kind: Kind): readonly Diagnostic[] {
  if (!file.text.includes("deflow-ignore")) return found;
  const starts = lineStarts(file.text);
  const ignores = ignoresIn(file, starts, api).filter(({ code }) => isTyped(code) === (kind === "types"));
  if (ignores.length === 0) return found;
  const used = new Set<Ignore>();
  const left = found.filter((diagnostic) => {
    const line = lineAt(starts, diagnostic.start);
    const ignore = ignores.find(({ code, line: about }) => code === diagnostic.code && about === line && canBeIgnored(code));
    if (ignore) used.add(ignore);
    return !ignore;
  });
  return [...left, ...ignores.flatMap((ignore) => complaint(ignore, used.has(ignore)))].sort((a, b) => a.start - b.start);
}

function isTyped(code: string): boolean {
  return /^DF5/.test(code);
}

/** What keeps a flow from being compiled cannot be wished away. What types tell is emitted all the same, and so is a step that assigns: that may be meant. */
function canBeIgnored(code: string): boolean {
  return isCode(code) && (isTyped(code) || code === "DF106" || !isFatal({ severity: severityOf(code) }));
}

function complaint({ code, reason, start, length }: Ignore, used: boolean): Diagnostic[] {
  const told = (what: string, fix: string): Diagnostic[] => [diagnoseAt("DF109", start, length, what, "", fix)];
  if (!isCode(code)) return told(`there is no diagnostic \`${code}\` to ignore`, "Name the code that the compiler tells.");
  if (!canBeIgnored(code)) return told(`\`${code}\` cannot be ignored: what it is about is not compiled`, "Do what it says, and remove the comment.");
  // Told on request alone, so that it may be told elsewhere.
  if (!used && code === "DF503") return [];
  if (!used) return told(`there is no ${code} here to ignore`, "Remove the comment.");
  return reason === "" ? told(`this ignores ${code} without a reason`, `Say why: \`// deflow-ignore ${code}: …\`.`) : [];
}

const comment = /(?:\/\/|\/\*)[ \t]*deflow-ignore[ \t]+(\w+)(?::[ \t]*([^\n]*?))?[ \t]*(?:\*\/|\r?$)/gm;

function ignoresIn(file: ts.SourceFile, starts: readonly number[], api: Pick<typeof ts, "forEachChild">): Ignore[] {
  const { text } = file;
  return [...text.matchAll(comment)].flatMap(({ 0: { length }, 1: code = "", 2: reason = "", index }) => {
    if (!isComment(file, index, api)) return [];
    const own = lineAt(starts, index);
    const isAlone = text.slice(starts[own], index).replaceAll(/\/\*.*?\*\//g, "").trim() === "";
    return [{ code, reason, start: index, length, line: isAlone ? lineAt(starts, tokenAfter(text, index)) : own }];
  });
}

/** Where the next token begins, whatever comments stand before it. */
function tokenAfter(text: string, at: number): number {
  const trivia = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/)*/y;
  trivia.lastIndex = at;
  return at + (trivia.exec(text)?.[0].length ?? 0);
}

/** A comment begins there: it is not in a text, a template or a regular expression, nor in another comment. */
function isComment(file: ts.SourceFile, at: number, api: Pick<typeof ts, "forEachChild">): boolean {
  let node: ts.Node = file;
  for (;;) {
    let before = node.pos;
    const inner: ts.Node | undefined = api.forEachChild(node, (child) => {
      if (child.pos <= at && at < child.end) return child;
      if (child.end <= at) before = Math.max(before, child.end);
      return undefined;
    });
    if (inner === undefined) return (node === file || at < node.getStart(file) || hasChildren(node, api)) && beginsComment(file.text, before, at);
    node = inner;
  }
}

/** Between `before` and `at` are comments, spaces, and tokens in which no comment can seem to be. */
function beginsComment(text: string, before: number, at: number): boolean {
  const piece = /\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/|[^]/y;
  piece.lastIndex = before;
  while (piece.lastIndex < at) piece.exec(text);
  return piece.lastIndex === at;
}

function hasChildren(node: ts.Node, api: Pick<typeof ts, "forEachChild">): boolean {
  return api.forEachChild(node, () => true) === true;
}
