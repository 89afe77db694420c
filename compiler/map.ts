// The source map (version 3) of a list of pieces, encoded in one pass over the text.
//
// Source text gets a segment at every token, so that the columns of breakpoints and of stack frames are exact; each line of
// glue gets one, at its anchor, or one that says it has none: a debugger steps over it. A file of 1,300 lines has 23,000
// segments: as a list of lists for an encoder they cost three times what writing their digits at once does.
//
//   total += price(line)      a segment at each:  total  +  =  price  (  line  )

import { endsLine, locator, type Piece } from "./text.ts";

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

  toString(): string {
    return JSON.stringify(this);
  }
}

export function sourceMap(pieces: readonly Piece[], source: string, fileName: string): SourceMap {
  const locate = locator(source);
  const mappings = new Mappings();
  let column = 0;
  for (const { text, from, anchor } of pieces) {
    const verbatim = from >= 0;
    let [sourceLine, sourceColumn] = locate(verbatim ? from : Math.max(anchor, 0));
    let before = SPACE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (endsLine(code) && !(code === RETURN && text.charCodeAt(i + 1) === NEWLINE)) {
        mappings.newLine();
        column = 0;
        if (verbatim) [sourceLine, sourceColumn] = [sourceLine + 1, 0];
        before = SPACE;
        continue;
      }
      const starts = i === 0 || column === 0 || (verbatim && startsToken(code, before));
      if (starts && (verbatim || anchor >= 0)) mappings.segment(column, sourceLine, sourceColumn);
      else if (starts) mappings.nowhere(column);
      before = code;
      column++;
      if (verbatim) sourceColumn++;
    }
  }
  return new SourceMap(fileName, source, mappings.toString());
}

const NEWLINE = 10;
const RETURN = 13;
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
  private bytes = new Uint8Array(4096);
  private length = 0;
  private first = true;
  private column = 0;
  private sourceLine = 0;
  private sourceColumn = 0;

  newLine(): void {
    this.reserve();
    this.bytes[this.length++] = SEMICOLON;
    this.first = true;
    this.column = 0;
  }

  segment(column: number, sourceLine: number, sourceColumn: number): void {
    this.nowhere(column);
    this.number(0);
    this.number(sourceLine - this.sourceLine);
    this.number(sourceColumn - this.sourceColumn);
    this.sourceLine = sourceLine;
    this.sourceColumn = sourceColumn;
  }

  /** A segment without a source. */
  nowhere(column: number): void {
    this.reserve();
    if (!this.first) this.bytes[this.length++] = COMMA;
    this.first = false;
    this.number(column - this.column);
    this.column = column;
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
