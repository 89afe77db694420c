// A configuration that is code, as its tree: what stands in comments is not there.

import ts from "typescript";

/** Text that is put in. */
export interface Edit {
  readonly at: number;
  readonly text: string;
}

export function parsed(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

export function isSyntaxWrong(source: ts.SourceFile): boolean {
  return (source as unknown as { parseDiagnostics: readonly unknown[] }).parseDiagnostics.length > 0;
}

export function hasText(source: ts.SourceFile, matches: (text: string) => boolean): boolean {
  return some(source, (node) => ts.isStringLiteralLike(node) && matches(node.text));
}

export function some(node: ts.Node, matches: (node: ts.Node) => boolean): boolean {
  return matches(node) || ts.forEachChild(node, (child) => some(child, matches)) === true;
}
