// The flow beside what the build made of it. Which emitted line belongs to which source line is read from the source map.

import { SourceMap, type SourceMapPayload } from "node:module";
import { beside, width, wrap } from "./text.ts";
import type { Workshop } from "./workshop.ts";

interface Emitted {
  readonly text: string;
  /** The source line it is mapped to, or that of the line before; from 1. */
  readonly line: number;
}

const leftWidth = 44;

/** The lines of the loop in src/flow.ts that waits for the manager, with their part of dist/flow.js. */
export function excerpt(workshop: Workshop): string[] {
  const source = workshop.read("src/flow.ts").split("\n");
  const from = source.findIndex((line) => line.includes("while (decision === null)")) + 1;
  const to = source.findIndex((line) => line.includes("await remind();")) + 1;
  const [enter, body] = segments(machine(emittedLines(workshop)), from, to);
  if (from === 0 || to === 0 || !enter || !body) throw new Error("dist/flow.js has not the two parts that belong to the loop in src/flow.ts");
  return [
    ...beside(["src/flow.ts"], ["dist/flow.js"], leftWidth),
    ...rows(source, enter, (line) => line === from + 1),
    ...beside(["..."], ["..."], leftWidth),
    ...rows(source, body, () => true),
  ];
}

function emittedLines(workshop: Workshop): Emitted[] {
  const map = new SourceMap(JSON.parse(workshop.read("dist/flow.js.map")) as SourceMapPayload);
  let line = 0;
  return workshop.read("dist/flow.js").split("\n").map((text, row) => {
    const entry = map.findEntry(row, Math.max(text.search(/\S/), 0));
    if ("originalLine" in entry && entry.generatedLine === row) line = entry.originalLine + 1;
    return { text, line };
  });
}

/** The flow's own machine, without the functions before it. */
function machine(lines: readonly Emitted[]): readonly Emitted[] {
  return lines.slice(lines.findIndex(({ text }) => text.startsWith("export const approve")));
}

/** The runs of emitted lines that belong to the source lines. */
function segments(lines: readonly Emitted[], from: number, to: number): Emitted[][] {
  const found: Emitted[][] = [];
  let last = -2;
  for (const [row, line] of lines.entries()) {
    if (line.line < from || line.line > to) continue;
    if (row === last + 1) found.at(-1)?.push(line);
    else found.push([line]);
    last = row;
  }
  return found;
}

/** Source lines left, each at the first of its emitted lines. */
function rows(source: readonly string[], lines: readonly Emitted[], shown: (line: number) => boolean): string[] {
  const indent = Math.min(...lines.filter(({ text }) => text.trim() !== "").map(({ text }) => text.search(/\S/)));
  const groups: { line: number; texts: string[] }[] = [];
  for (const { text, line } of lines) {
    if (!shown(line)) continue;
    if (groups.at(-1)?.line !== line) groups.push({ line, texts: [] });
    groups.at(-1)?.texts.push(halved(text.slice(indent)));
  }
  const margin = Math.min(...groups.map(({ line }) => (source[line - 1] ?? "").search(/\S/)));
  return groups.flatMap(({ line, texts }) => {
    const left = wrap((source[line - 1] ?? "").slice(margin), leftWidth - 3).map((text, row) => `${row === 0 ? String(line).padStart(2) : "  "} ${text}`);
    return beside(left, texts.flatMap((text) => wrap(text, width - leftWidth - 3)), leftWidth);
  });
}

/** Two columns per level in place of four. */
function halved(text: string): string {
  return text.replace(/^ +/, (spaces) => spaces.slice(spaces.length / 2));
}
