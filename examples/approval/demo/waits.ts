// What waits where, in words of the source.

import { inspect } from "node:util";
import type { Runs, Seen } from "./runs.ts";
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

/** A line for each way that runs went: from where they stood to where they stand, or how they ended. */
export function moves(before: readonly Seen[], after: Runs): string[] {
  const ways = new Map<string, string[]>();
  for (const run of before) {
    const way = `${standing(run)}  ->  ${standing(after.get(run.id))}`;
    ways.set(way, [...(ways.get(way) ?? []), run.id]);
  }
  return table([...ways].toSorted(([a], [b]) => a.localeCompare(b)).map(([way, ids]) => [way, String(ids.length).padStart(2), ids.join(" ")]), 4);
}

/** Its innermost strand, which started last. */
function standing(seen: Seen | undefined): string {
  const strand = seen?.strands.at(-1);
  return strand ? `${place(strand)} ${strand.point ?? "start"}` : seen?.run.status ?? "gone";
}

/** Each strand of a run, with its locals. */
export function strandsOf({ id, strands }: Seen): string[] {
  return [`  ${id}, strand by strand:`, ...strands.flatMap((strand) => [
    `    ${strand.flow} at ${place(strand)} waits for ${strand.waitsFor ?? "nothing"}${Object.keys(strand.locals).length > 0 ? "; its locals:" : ""}`,
    ...Object.entries(strand.locals).map(([name, value]) => `      ${name}: ${short(valueText(value), width - name.length - 8)}`),
  ])];
}

function valueText(value: unknown): string {
  const isCell = typeof value === "object" && value !== null && Object.keys(value).join() === "v";
  return isCell ? `${inspect((value as { v: unknown }).v)}, in a cell` : inspect(value, { depth: 1, breakLength: Infinity });
}

function short(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 3)}...`;
}

export function frameOf({ id, row }: Seen): string[] {
  const { frame } = row;
  return [`  The frame of ${id}, ${Buffer.byteLength(frame)} bytes, as runs.db has it:`, ...wrapJson(frame, width - 4).map((line) => `    ${line}`)];
}
