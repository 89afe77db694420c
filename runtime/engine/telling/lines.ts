// The last lines of something, kept with a run in parts of their own, so that a commit writes what it adds and not the whole:
//
//   log/0  log/1  …  log/7      lines of JSON, one below the other; the last part takes more until it is long enough
//
// Whole parts are dropped, the oldest first: so somewhat more than `keep` lines are stored, and never more than `bytes`.

import type { Parts } from "../turns/parts.ts";

export interface Bounds {
  /** Lines. */
  readonly keep: number;
  /** Of all their texts, in UTF-8. */
  readonly bytes: number;
}

/** Code units of a part that takes no more lines: about what a commit with a line in it writes. */
const partSize = 2_000;

/** The parts called `name` after `lines` were added. Each line must be much shorter than `bounds.bytes`. */
export function addLines(before: Parts, name: string, lines: readonly string[], { keep, bytes }: Bounds): Parts {
  const parts = partsOf(before, name);
  for (const line of lines) {
    const last = parts.at(-1);
    if (last !== undefined && last.text.length < partSize) last.text += `\n${line}`;
    else parts.push({ number: (last?.number ?? -1) + 1, text: line });
  }
  const counts = parts.map(({ text }) => text.split("\n").length);
  const sizes = parts.map(({ text }) => Buffer.byteLength(text));
  let [count, size, from] = [total(counts), total(sizes), 0];
  for (; from < parts.length - 1; from++) {
    const left = count - (counts[from] as number);
    if (left < keep && size <= bytes) break;
    count = left;
    size -= sizes[from] as number;
  }
  return new Map(parts.slice(from).map(({ number, text }) => [`${name}/${number}`, text]));
}

/** Oldest first. */
export function readLines(parts: Parts, name: string, keep = Infinity): readonly string[] {
  const lines = partsOf(parts, name).flatMap(({ text }) => text.split("\n"));
  return keep < lines.length ? lines.slice(lines.length - keep) : lines;
}

function partsOf(parts: Parts, name: string): { readonly number: number; text: string }[] {
  const own = [...parts].filter(([key]) => key.startsWith(`${name}/`)).map(([key, text]) => ({ number: Number(key.slice(name.length + 1)), text }));
  return own.toSorted((a, b) => a.number - b.number);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
