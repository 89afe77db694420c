// What waits where, in words of the source.

import { inspect } from "node:util";
import type { Seen } from "./runs.ts";
import { table, width, wrapJson } from "./text.ts";

type Strand = Seen["strands"][number];

const place = ({ file, line }: Strand): string => `${file}:${String(line ?? 0)}`;

/** A line for each place: how many strands stand there, and of which runs. */
export function waitsByPlace(runs: readonly Seen[]): string[] {
  const places = new Map<string, { strand: Strand; ids: string[] }>();
  const strands = runs.flatMap(({ id, strands }) => strands.map((strand) => ({ id, strand })));
  for (const { id, strand } of strands.toSorted((a, b) => (a.strand.line ?? 0) - (b.strand.line ?? 0))) {
    const key = `${place(strand)} ${strand.point ?? ""}`;
    const entry = places.get(key) ?? { strand, ids: [] };
    places.set(key, entry);
    entry.ids.push(id);
  }
  return table([...places.values()].map(({ strand, ids }) => [place(strand), strand.point ?? "start", String(ids.length).padStart(2), ids.join(" ")]));
}

/** Each strand of a run, with its locals. */
export function strandsOf({ id, strands }: Seen): string[] {
  return [`  ${id}, strand by strand:`, ...strands.flatMap((strand) => [
    `    ${strand.flow} at ${place(strand)}, waits for ${strand.waitsFor ?? "nothing"}`,
    ...inspect(strand.locals, { depth: 1, compact: 100, breakLength: width - 8 }).split("\n").map((line) => `      ${line}`),
  ])];
}

export function frameOf({ id, row }: Seen): string[] {
  const { frame } = row;
  return [`  The frame of ${id} as runs.db has it, ${Buffer.byteLength(frame)} bytes:`, ...wrapJson(frame, width - 4).map((line) => `    ${line}`)];
}
