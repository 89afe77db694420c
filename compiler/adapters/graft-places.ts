// Where a range of the rewritten text comes from in the source, asked of the pieces that the text was joined from.

import type { Piece } from "../text.ts";

export interface Places {
  /** The source offset of new[start, end) where all of it is one untouched stretch of the source, else -1. */
  verbatim(start: number, end: number): number;
  /** The source offset of the character at `at` where it is source text, else -1. */
  source(at: number): number;
  /** The source offset that the character at `at` belongs to: its own, or the anchor of its glue; -1 for glue without one. */
  anchor(at: number): number;
}

export function places(pieces: readonly Piece[]): Places {
  const { starts, origins, anchors } = stretches(pieces);
  const stretch = (at: number): number => {
    let low = 0;
    let high = starts.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const offset = (i: number, at: number): number => {
    const origin = origins[i] as number;
    return origin < 0 ? -1 : origin + at - (starts[i] as number);
  };
  return {
    verbatim(start, end) {
      const i = stretch(start);
      return end <= (starts[i + 1] as number) ? offset(i, start) : -1;
    },
    source: (at) => offset(stretch(at), at),
    anchor(at) {
      const i = stretch(at);
      return (origins[i] as number) >= 0 ? offset(i, at) : (anchors[i] as number);
    },
  };
}

/** The pieces, neighbours that continue each other in the source joined. `starts` has the end of the text as its last. */
function stretches(pieces: readonly Piece[]): { starts: number[]; origins: number[]; anchors: number[] } {
  const starts: number[] = [];
  const origins: number[] = [];
  const anchors: number[] = [];
  let at = 0;
  let next = -1; // the source offset that would continue the last stretch
  for (const { text, from, anchor } of pieces) {
    if (text === "") continue;
    if (from < 0 || from !== next) {
      starts.push(at);
      origins.push(from);
      anchors.push(anchor);
    }
    at += text.length;
    next = from < 0 ? -1 : from + text.length;
  }
  starts.push(at);
  return { starts, origins, anchors };
}
