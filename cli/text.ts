// What several commands print: tables, times, values, and texts that others wrote.

import { inspect, stripVTControlCharacters } from "node:util";
import picocolors from "picocolors";
import type { Io } from "./io.ts";

export type Colors = ReturnType<typeof picocolors.createColors>;

/** For standard output. */
export function paintOf({ paints = false }: Io): Colors {
  return picocolors.createColors(paints);
}

/** Rows of cells, each column as wide as its widest. */
export function table(rows: readonly (readonly string[])[]): string {
  const width = (cell: string): number => stripVTControlCharacters(cell).length;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] as string))));
  return rows.map((row) => row.map((cell, column) => cell + " ".repeat((widths[column] as number) - width(cell))).join("  ").trimEnd()).join("\n");
}

/** To the second, in UTC. */
export function timeText(at: Date | number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

export function valueText(value: unknown, colour = false): string {
  return inspect(value, { depth: 4, breakLength: 100, colors: colour, maxStringLength: 2_000, maxArrayLength: 100 });
}

/** A text that a run or its caller wrote moves no cursor and colours nothing. */
export function plainText(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** The same for what has to stay in one line. */
export function lineText(text: string): string {
  return plainText(text).replaceAll("\n", "\\n");
}

export function indented(text: string, by: number): string {
  return text.split("\n").map((line) => `${" ".repeat(by)}${line}`.trimEnd()).join("\n");
}
