// The tokens of a file, and what its source map says of each: what the test of exact maps is made of.
//
//   complaints()  every token of the output that is a copy maps to the same token of the source, at its line and column
//   lost()        every token of the source that is executed is where some segment of the map leads

import { SourceMap as NodeMap } from "node:module";
import ts from "typescript";
import { isTypeOnly } from "../../compiler/roles.ts";
import type { SourceMap } from "../../compiler/map.ts";
import type { Piece } from "../../compiler/text.ts";

export interface Token {
  readonly text: string;
  readonly start: number;
  readonly node: ts.Node;
}

interface Output {
  readonly code: string;
  readonly map: SourceMap;
  readonly pieces: readonly Piece[];
}

function parse(text: string, fileName: string): ts.SourceFile {
  return ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
}

/** The tokens as the scanner finds them, in order; of the source without types. */
function tokensOf(file: ts.SourceFile, withTypes = true): Token[] {
  const tokens: Token[] = [];
  const visit = (node: ts.Node): void => {
    if (!withTypes && isTypeOnly(node)) return;
    const children = node.kind >= ts.SyntaxKind.FirstJSDocNode && node.kind <= ts.SyntaxKind.LastJSDocNode ? [] : node.getChildren(file);
    if (children.length > 0) for (const child of children) visit(child);
    else if (node.end > node.getStart(file) && ts.isToken(node)) tokens.push({ text: node.getText(file), start: node.getStart(file), node });
  };
  visit(file);
  return tokens;
}

/** Where segments of the map lead, from each place of the output. Lines are counted as TypeScript counts them, and V8. */
class Origins {
  private readonly decoded: NodeMap;
  private readonly output: ts.SourceFile;
  private readonly source: ts.SourceFile;

  constructor(map: SourceMap, output: ts.SourceFile, source: ts.SourceFile) {
    this.decoded = new NodeMap(JSON.parse(map.toString()) as never);
    this.output = output;
    this.source = source;
  }

  /** The offset in the source of the segment that begins exactly at `at`; undefined where none does, -1 for a place that is none. */
  of(at: number): number | undefined {
    const { line, character } = this.output.getLineAndCharacterOfPosition(at);
    const entry = this.decoded.findEntry(line, character);
    if (!("generatedLine" in entry) || entry.generatedLine !== line || entry.generatedColumn !== character) return undefined;
    if (entry.originalLine === undefined) return -1;
    const start = this.source.getLineStarts()[entry.originalLine];
    const end = this.source.getLineStarts()[entry.originalLine + 1] ?? this.source.end + 1;
    return start === undefined || start + entry.originalColumn >= end ? -1 : start + entry.originalColumn;
  }

  all(): Set<number> {
    const reached = new Set<number>();
    for (let at = 0; at < this.output.end; at++) {
      const from = this.of(at);
      if (from !== undefined && from >= 0) reached.add(from);
    }
    return reached;
  }
}

export interface Checked {
  readonly copied: number;
  readonly complaints: readonly string[];
  readonly lost: readonly Token[];
}

export function check(text: string, fileName: string, { code, map, pieces }: Output): Checked {
  const source = parse(text, fileName);
  const output = parse(code, fileName);
  const origins = new Origins(map, output, source);
  const inSource = new Map(tokensOf(source).map((token) => [token.start, token.text]));
  const isCopy = copies(pieces);
  const complaints: string[] = [];
  let copied = 0;
  for (const token of tokensOf(output)) {
    if (!isCopy(token.start, token.start + token.text.length)) continue;
    copied++;
    const from = origins.of(token.start);
    const found = from === undefined ? "no segment" : inSource.get(from);
    if (found !== token.text) complaints.push(`${token.text} maps to ${found ?? `${from}, where no token begins`}`);
  }
  const reached = origins.all();
  return { copied, complaints, lost: tokensOf(source, false).filter((token) => !reached.has(token.start)) };
}

/** Whether output[start, end) is text of the source. */
function copies(pieces: readonly Piece[]): (start: number, end: number) => boolean {
  const verbatim: [number, number][] = [];
  let at = 0;
  for (const { text, from } of pieces) {
    if (from >= 0) verbatim.push([at, at + text.length]);
    at += text.length;
  }
  let i = 0;
  // Asked in the order of the output.
  return (start, end) => {
    while (i < verbatim.length && (verbatim[i] as [number, number])[1] <= start) i++;
    const piece = verbatim[i];
    return piece !== undefined && piece[0] <= start && end <= piece[1];
  };
}
