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
}

/** Collects pieces in the order of the output. Slices that continue each other become one piece when the list is asked for. */
export class TextBuilder {
  readonly source: string;
  private readonly parts: (Slice | Piece)[] = [];
  private joined: readonly Piece[] | null = null;

  constructor(source: string) {
    this.source = source;
  }

  /** Appends source[start, end). */
  slice(start: number, end: number): void {
    if (end <= start) return;
    const last = this.parts.at(-1);
    if (last && "end" in last && last.end === start) last.end = end;
    else this.parts.push({ start, end });
  }

  /** Appends generated text that belongs to the source offset `anchor`, or to none: -1. */
  glue(text: string, anchor: number): void {
    if (text !== "") this.parts.push({ text, from: -1, anchor });
  }

  append(other: TextBuilder): void {
    for (const part of other.parts) {
      if ("end" in part) this.slice(part.start, part.end);
      else this.parts.push(part);
    }
  }

  /** The finished list: nothing is appended after it was read. */
  get pieces(): readonly Piece[] {
    return (this.joined ??= this.parts.map((part) => {
      if (!("end" in part)) return part;
      return { text: this.source.slice(part.start, part.end), from: part.start, anchor: part.start };
    }));
  }

  toString(): string {
    return this.pieces.map((piece) => piece.text).join("");
  }
}

interface Slice {
  readonly start: number;
  end: number;
}

/** LF, CR, and the two separators of Unicode: what engines and TypeScript count lines by. CR and LF together are one end. */
export function endsLine(code: number): boolean {
  return code === 10 || code === 13 || code === 0x2028 || code === 0x2029;
}

/** Offset → [line, column], both from 0. */
export function locator(source: string): (offset: number) => [number, number] {
  const starts = [0];
  for (const { index, 0: end } of source.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(index + end.length);
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
