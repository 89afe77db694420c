// Where a range of the rewritten text comes from in the source, asked of the pieces that the text was joined from.

import type { Piece } from "../text.ts";

interface Places {
  /** Where new[start, end) stands in the source, where all of it is one stretch of that, at most with other indentation. */
  verbatim(start: number, end: number): readonly [start: number, end: number] | undefined;
  /** The source offset of the character at `at` where it is source text, else -1. */
  source(at: number): number;
  /** The source offset that the character at `at` belongs to: its own, or the anchor of its glue; -1 for glue without one. */
  anchor(at: number): number;
  /** Whether new[start, end) is glue of one place. */
  glued(start: number, end: number): boolean;
}

export function places(pieces: readonly Piece[]): Places {
  const { starts, origins, anchors, runs } = stretches(pieces);
  let near = 0; // asked for the next time too, mostly
  const stretch = (at: number): number => {
    if ((starts[near] as number) <= at && at < (starts[near + 1] as number)) return near;
    let low = 0;
    let high = starts.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    return (near = low);
  };
  const offset = (i: number, at: number): number => {
    const origin = origins[i] as number;
    return origin < 0 ? -1 : origin + at - (starts[i] as number);
  };
  return {
    verbatim(start, end) {
      const i = stretch(start);
      const from = offset(i, start);
      if (from < 0) return undefined;
      if (end <= (starts[i + 1] as number)) return [from, from + end - start];
      const last = stretch(end - 1);
      return runs[last] === runs[i] && (origins[last] as number) >= 0 ? [from, offset(last, end - 1) + 1] : undefined;
    },
    source: (at) => offset(stretch(at), at),
    anchor(at) {
      const i = stretch(at);
      return (origins[i] as number) >= 0 ? offset(i, at) : (anchors[i] as number);
    },
    glued(start, end) {
      const i = stretch(start);
      return (origins[i] as number) < 0 && end <= (starts[i + 1] as number);
    },
  };
}

/**
 * The pieces, neighbours that continue each other in the source joined. `starts` has the end of the text as its last. Stretches
 * with nothing but indentation between them have the same number in `runs`.
 */
function stretches(pieces: readonly Piece[]): { starts: number[]; origins: number[]; anchors: number[]; runs: number[] } {
  const starts: number[] = [];
  const origins: number[] = [];
  const anchors: number[] = [];
  const runs: number[] = [];
  let run = 0;
  let indented = NaN; // the source offset that continues the run behind indentation
  let at = 0;
  let next = -1; // the source offset that would continue the last stretch
  for (const { text, from, anchor, indentation = false } of pieces) {
    if (text === "") continue;
    if (from < 0 || from !== next) {
      if (!indentation && from !== indented) run++;
      runs.push(run);
      starts.push(at);
      origins.push(from);
      anchors.push(anchor);
    }
    indented = indentation ? anchor : NaN;
    at += text.length;
    next = from < 0 ? -1 : from + text.length;
  }
  starts.push(at);
  return { starts, origins, anchors, runs };
}
