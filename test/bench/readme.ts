// Writes the README's table of figures anew from results/latest.json, which `npm run bench` wrote.
//
//   npm run bench && npm run bench:readme

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Result {
  readonly name: string;
  readonly ratio: number;
  readonly limit?: number;
}

/** The rows that readers want to know, in their order. */
const shown = [
  "compile 1,000 lines, ten flows, and map, ms",
  "the same file by tsc and the transformer, beside tsc alone, ms",
  "a flow of 10,000 statements beside ten of 1,000, ms",
  "100,000 awaits of a promise, ms",
  "300,000 turns without an await, between two awaits, ms",
  "codec: plain frame, 300 bytes",
  "codec: rich frame, 300 bytes",
  "continue on SQLite, no step, ms",
  "the 1,000th event beside the 1st, ms",
  "bytes after 1,000 events beside after 1",
  "continue on Postgres, no step, beside an update of one row, ms",
  "1,000 runs on Postgres with one wait started and finished, beside the same statements without the engine, ms",
];

const path = join(import.meta.dirname, "../../README.md");
const results = JSON.parse(readFileSync(join(import.meta.dirname, "results/latest.json"), "utf8")) as Record<string, unknown>;
const rows = Object.values(results).filter(Array.isArray).flat() as Result[];
const table = shown.map(line).join("\n");
const readme = readFileSync(path, "utf8");
const rewritten = readme.replace(/(\| ratio \| limit \|\n\|---\|---\|---\|\n)(?:\|.*\n)*/, (_, head: string) => `${head}${table}\n`);
if (!rewritten.includes(table)) throw new Error("README.md has no table of figures");
writeFileSync(path, rewritten);

function line(name: string): string {
  const row = rows.find((each) => each.name === name);
  if (row?.limit === undefined) throw new Error(`results/latest.json has no row "${name}" with a limit; run all of npm run bench`);
  return `| ${name} | ${row.ratio.toFixed(2)} | ${row.limit.toFixed(2)} |`;
}
