// The output text as a list of pieces: slices of the source and the glue between them.
//
//   `const x = await f(y)`  →  "x = " (glue) · "f(y)" (source 16..20) · ";\n" (glue)
//
// magic-string moves and overwrites ranges of one text. A machine needs more: a head that is printed in two places, glue
// that belongs to a place without replacing it, and thousands of slices in another order than the source's (a `snip` costs
// the whole file each). So the pieces are kept as a plain list, and magic-string only encodes the map.

import { SourceMap } from "magic-string";

/** A part of the output. `from >= 0`: verbatim text of the source at that offset. Else glue, which belongs to `anchor`. */
export interface Piece {
  readonly text: string;
  readonly from: number;
  readonly anchor: number;
}

/** Collects pieces in the order of the output. */
export class TextBuilder {
  readonly pieces: Piece[] = [];
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** Appends source[start, end), joined to the piece before where it continues it. */
  slice(start: number, end: number): void {
    if (end <= start) return;
    const last = this.pieces.at(-1);
    if (last && last.from >= 0 && last.from + last.text.length === start) {
      this.pieces[this.pieces.length - 1] = { text: this.source.slice(last.from, end), from: last.from, anchor: last.from };
      return;
    }
    this.pieces.push({ text: this.source.slice(start, end), from: start, anchor: start });
  }

  /** Appends generated text that belongs to the source offset `anchor`. */
  glue(text: string, anchor: number): void {
    if (text !== "") this.pieces.push({ text, from: -1, anchor });
  }

  append(other: TextBuilder): void {
    for (const piece of other.pieces) {
      if (piece.from >= 0) this.slice(piece.from, piece.from + piece.text.length);
      else this.pieces.push(piece);
    }
  }

  toString(): string {
    let text = "";
    for (const piece of this.pieces) text += piece.text;
    return text;
  }
}

type Segment = [column: number, source: 0, line: number, sourceColumn: number];

/**
 * The source map (version 3) of a list of pieces. Source text gets a segment at every word, so that the columns of
 * breakpoints and of stack frames are exact; each line of glue gets one, at its anchor, so that no step of a debugger
 * lands nowhere.
 */
export function sourceMap(pieces: readonly Piece[], source: string, fileName: string): SourceMap {
  const locate = locator(source);
  const mappings: Segment[][] = [[]];
  let column = 0;
  for (const piece of pieces) {
    for (const part of piece.text.matchAll(/\n|\w+|[^\w\n]+/g)) {
      if (part[0] === "\n") {
        mappings.push([]);
        column = 0;
        continue;
      }
      const at = piece.from >= 0 ? piece.from + part.index : part.index === 0 || column === 0 ? piece.anchor : -1;
      if (at >= 0) {
        const [line, sourceColumn] = locate(at);
        mappings.at(-1)?.push([column, 0, line, sourceColumn]);
      }
      column += part[0].length;
    }
  }
  return new SourceMap({ file: fileName, sources: [fileName], sourcesContent: [source], names: [], mappings });
}

/** Offset → [line, column], both from 0. */
export function locator(source: string): (offset: number) => [number, number] {
  const starts = [0];
  for (let i = source.indexOf("\n"); i >= 0; i = source.indexOf("\n", i + 1)) starts.push(i + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return [low, offset - (starts[low] as number)];
  };
}
