// The output text as a list of pieces: slices of the source and the glue between them.
//
//   `const x = await f(y)`  →  "x = " (glue) · "f(y)" (source 16..20) · ";\n" (glue)
//
// magic-string moves and overwrites ranges of one text. A machine needs more: a head that is printed in two places, glue
// that belongs to a place without replacing it, and thousands of slices in another order than the source's (a `snip` costs
// the whole file each). So the pieces are kept as a plain list. map.ts makes the source map of it.

/**
 * A part of the output. `from >= 0`: verbatim text of the source at that offset. Else glue, which belongs to `anchor`; -1: to
 * no place, so that a debugger steps over it.
 */
export interface Piece {
  readonly text: string;
  readonly from: number;
  readonly anchor: number;
  /** Stands for the indentation that a line had in the source. */
  readonly indentation?: true;
}

/** How the lines of a copied node are indented: `cut` characters of what they had give way to `indent`. */
interface Margin {
  readonly cut: number;
  readonly indent: string;
  /** Line starts that stay as they are: what is indented there is a value. */
  readonly fixed: ReadonlySet<number>;
}

/** Collects pieces in the order of the output. Slices that continue each other become one piece, and so does glue of one place. */
export class TextBuilder {
  readonly source: string;
  private readonly parts: (Slice | Glue | Piece)[] = [];
  private joined: readonly Piece[] | null = null;
  /** Of the lines that are copied now, but for the first of each slice; null leaves them as they are. */
  margin: Margin | null = null;
  private line = { from: 0, end: -1 };

  constructor(source: string) {
    this.source = source;
  }

  /** Appends source[start, end). */
  slice(start: number, end: number): void {
    if (end <= start) return;
    if (this.margin) this.indented(start, end, this.margin);
    else this.verbatim(start, end);
  }

  private indented(start: number, end: number, { cut, indent, fixed }: Margin): void {
    let at = start;
    for (let line = this.lineAfter(start); line < end; line = this.lineAfter(line)) {
      if (fixed.has(line)) continue;
      let text = line;
      while (text < line + cut && isBlank(this.source.charCodeAt(text))) text++;
      if (endsLine(this.source.charCodeAt(text)) || this.source.slice(line, text) === indent) continue;
      this.verbatim(at, line);
      this.parts.push({ text: indent, from: -1, anchor: text, indentation: true });
      at = text;
    }
    this.verbatim(at, end);
  }

  /** Where the line behind `at` begins. Slices of one line ask one after the other. */
  lineAfter(at: number): number {
    if (at < this.line.from || at >= this.line.end) {
      const end = this.source.indexOf("\n", at) + 1;
      this.line = { from: at, end: end > 0 ? end : Infinity };
    }
    return this.line.end;
  }

  private verbatim(start: number, end: number): void {
    if (end <= start) return;
    const last = this.parts.at(-1);
    if (last instanceof Slice && last.end === start) last.end = end;
    else this.parts.push(new Slice(start, end));
  }

  /** Appends generated text that belongs to the source offset `anchor`, or to none: -1. */
  glue(text: string, anchor: number): void {
    const last = this.parts.at(-1);
    if (last instanceof Glue && last.anchor === anchor) last.text += text;
    else if (text !== "") this.parts.push(new Glue(text, anchor));
  }

  append(other: TextBuilder): void {
    for (const part of other.parts) {
      if (part instanceof Slice) this.verbatim(part.start, part.end);
      else if (part instanceof Glue) this.glue(part.text, part.anchor);
      else this.parts.push(part);
    }
  }

  /** The finished list: nothing is appended after it was read. */
  get pieces(): readonly Piece[] {
    return (this.joined ??= this.parts.map((part) => {
      if (!(part instanceof Slice)) return part;
      return { text: this.source.slice(part.start, part.end), from: part.start, anchor: part.start };
    }));
  }

  toString(): string {
    return this.pieces.map((piece) => piece.text).join("");
  }
}

class Slice {
  readonly start: number;
  end: number;

  constructor(start: number, end: number) {
    this.start = start;
    this.end = end;
  }
}

/** Generated text of one place: what follows it and belongs there too is added to it. */
class Glue implements Piece {
  text: string;
  readonly from = -1;
  readonly anchor: number;

  constructor(text: string, anchor: number) {
    this.text = text;
    this.anchor = anchor;
  }
}

/** The width of the indentation of the line that `offset` is in. */
export function indentationAt(source: string, offset: number): number {
  const line = source.lastIndexOf("\n", offset - 1) + 1;
  let at = line;
  while (isBlank(source.charCodeAt(at))) at++;
  return at - line;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** LF, CR, and the two separators of Unicode: what engines and TypeScript count lines by. */
function endsLine(code: number): boolean {
  return code <= 13 ? code === 10 || code === 13 : code === 0x2028 || code === 0x2029;
}

/** The last character of a line: CR and LF together are one end. */
export function isLineEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return endsLine(code) && !(code === 13 && text.charCodeAt(at + 1) === 10);
}

/** Offset → [line, column], both from 0. */
export function locator(source: string): (offset: number) => [number, number] {
  const starts = lineStarts(source);
  return (offset) => {
    const line = lineAt(starts, offset);
    return [line, offset - (starts[line] as number)];
  };
}

/** The offsets at which the lines of a text begin. */
export function lineStarts(source: string): number[] {
  const starts = [0];
  for (let at = 0; at < source.length; at++) if (isLineEnd(source, at)) starts.push(at + 1);
  return starts;
}

/** The line, from 0, of those that begin at `starts` that an offset is in. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
