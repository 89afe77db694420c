// Where the points that stored frames name stand in the source of a package, as it is on disk.

import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { compile } from "../../compiler/index.ts";
import { frame as codeFrame, place } from "../../compiler/report.ts";
import { packageFiles } from "../project.ts";

interface SourceLine {
  /** As it stands in the lock. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line, with a mark under what is awaited. */
  readonly text: string;
}

/** Of these flows, by `unit point`: `approve#each listen:decision`. Nothing where there is no package: a store can be looked at from anywhere. */
export function sourceLines(flows: readonly string[], from: string, config: string | undefined): ReadonlyMap<string, SourceLine> {
  const lines = new Map<string, SourceLine>();
  /** Two flows of one name: which of them the run is of, nobody can say. */
  const doubtful: string[] = [];
  const { folder, released, files } = packageFiles(from, config) ?? { folder: "", released: {}, files: [] };
  for (const path of files) {
    const source = readFileSync(path, "utf8");
    // The name of a flow stands in its file.
    if (!source.includes("deflow") || !flows.some((flow) => source.includes(flow))) continue;
    const file = relative(folder, path).replaceAll("\\", "/");
    for (const { unit, point, start } of compile(source, { fileName: file, released, dev: true })?.points ?? []) {
      const key = `${unit} ${point}`;
      if (lines.has(key)) doubtful.push(key);
      lines.set(key, { file, ...place(source, start), text: codeFrame(source, { start, length: 1 }) });
    }
  }
  for (const key of doubtful) lines.delete(key);
  return lines;
}
