// The source map (version 3) of a list of pieces, encoded in one pass over the text.
//
// Source text gets a segment at every token, so that the columns of breakpoints and of stack frames are exact; each line of
// glue gets one, at its anchor, or one that says it has none: a debugger steps over it. A file of 1,300 lines has 23,000
// segments: as a list of lists for an encoder they cost three times what writing their digits at once does.
//
//   total += price(line)      a segment at each:  total  +  =  price  (  line  )

import { isLineEnd, lineAt, lineStarts, type Piece } from "./text.ts";

/** A source map of revision 3 (ECMA-426), of one source. */
export class SourceMap {
  readonly version = 3;
  readonly file: string;
  readonly sources: string[];
  readonly sourcesContent: string[];
  readonly names: string[] = [];
  readonly mappings: string;

  constructor(file: string, source: string, mappings: string) {
    this.file = file;
    this.sources = [file];
    this.sourcesContent = [source];
    this.mappings = mappings;
  }

  /** As JSON. */
  toString(): string {
    return JSON.stringify(this);
  }
}

export function sourceMap(pieces: readonly Piece[], source: string, fileName: string): SourceMap {
  const starts = lineStarts(source);
  const mappings = new Mappings();
  for (const { text, from, anchor } of pieces) {
    const offset = from >= 0 ? from : anchor;
    const line = offset >= 0 ? lineAt(starts, offset) : -1;
    const column = offset - (starts[line] ?? 0);
    if (from >= 0) mapSource(mappings, text, line, column);
    else mapGlue(mappings, text, line, column);
  }
  return new SourceMap(fileName, source, mappings.toString());
}

function mapSource(mappings: Mappings, text: string, startLine: number, startColumn: number): void {
  let line = startLine;
  let column = startColumn;
  let before = SPACE;
  for (let i = 0; i < text.length; i++) {
    if (isLineEnd(text, i)) {
      mappings.newLine();
      line++;
      column = 0;
      before = SPACE;
      continue;
    }
    const code = text.charCodeAt(i);
    if (i === 0 || column === 0 || startsToken(code, before)) mappings.segment(line, column);
    before = code;
    column++;
    mappings.column++;
  }
}

/** `line` is -1 for what belongs to no place. */
function mapGlue(mappings: Mappings, text: string, line: number, column: number): void {
  for (let at = 0; at < text.length; ) {
    if (isLineEnd(text, at)) {
      mappings.newLine();
      at++;
      continue;
    }
    if (line >= 0) mappings.segment(line, column);
    else mappings.nowhere();
    const start = at;
    while (at < text.length && !isLineEnd(text, at)) at++;
    mappings.column += at - start;
  }
}

const SPACE = 32;

/** True at every token; in the middle of one at most where its characters differ, as in `+=`. */
function startsToken(code: number, before: number): boolean {
  if (isWord(code)) return !isWord(before);
  return code > SPACE && (code !== before || !isRepeated(code));
}

/** As far as tokens need to be told apart: names, numbers and everything beyond ASCII. */
function isWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 || code === 36 || code > 127;
}

/** & * + - . / = ? |: two of them side by side are one token. */
function isRepeated(code: number): boolean {
  return code === 61 || code === 38 || code === 42 || code === 43 || (code >= 45 && code <= 47) || code === 63 || code === 124;
}

const digits = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const COMMA = 44;
const SEMICOLON = 59;
/** No segment takes more: four numbers of at most seven digits, and a comma. */
const longest = 29;

/** Segments with one source, as base 64 of the differences to the one before. */
class Mappings {
  /** Where the next segment stands in the output. */
  column = 0;
  private bytes = new Uint8Array(4096);
  private length = 0;
  private first = true;
  private lastColumn = 0;
  private lastLine = 0;
  private lastSourceColumn = 0;

  newLine(): void {
    this.reserve();
    this.bytes[this.length++] = SEMICOLON;
    this.first = true;
    this.column = 0;
    this.lastColumn = 0;
  }

  segment(sourceLine: number, sourceColumn: number): void {
    this.nowhere();
    this.number(0);
    this.number(sourceLine - this.lastLine);
    this.number(sourceColumn - this.lastSourceColumn);
    this.lastLine = sourceLine;
    this.lastSourceColumn = sourceColumn;
  }

  /** A segment without a source. */
  nowhere(): void {
    this.reserve();
    if (!this.first) this.bytes[this.length++] = COMMA;
    this.first = false;
    this.number(this.column - this.lastColumn);
    this.lastColumn = this.column;
  }

  toString(): string {
    return new TextDecoder().decode(this.bytes.subarray(0, this.length));
  }

  /** The sign is the lowest bit, the sixth of a digit says that more follow. */
  private number(value: number): void {
    let rest = value < 0 ? (-value << 1) | 1 : value << 1;
    do {
      const digit = rest & 31;
      rest >>>= 5;
      this.bytes[this.length++] = digits[rest > 0 ? digit | 32 : digit] as number;
    } while (rest > 0);
  }

  private reserve(): void {
    if (this.length + longest <= this.bytes.length) return;
    const more = new Uint8Array(this.bytes.length * 2);
    more.set(this.bytes);
    this.bytes = more;
  }
}
