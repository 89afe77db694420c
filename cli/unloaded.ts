// Frozen flows that no file of the program imports: an engine that does not load them strands their runs. It may load them in another way, by a glob
// of a bundler or by a name that is computed, and so this is a warning.

import { resolve } from "node:path";
import ts from "typescript";
import type { Project, ProjectFile, Script } from "./project.ts";

/** A line for each file that has frozen flows alone and is imported by none. */
export function unloadedTexts({ files, scripts }: Project): string[] {
  const frozen = files.filter(({ compiled: { flows } }) => flows.length > 0 && flows.every((flow) => /@\d+$/.test(flow)));
  if (frozen.length === 0) return [];
  const imported = new Set(scripts.flatMap(importsOf));
  return frozen.filter(({ path }) => !imported.has(resolve(path))).map(unloadedText);
}

function unloadedText({ name, compiled: { flows } }: ProjectFile): string {
  const listed = flows.map((flow) => `\`${flow}\``).join(", ");
  return `warning: no file of the program imports ${name}. An engine that does not load it does not have ${listed}, and leaves the runs stranded that only that fits: import it where your engines are made.\n\n`;
}

/** Whole paths. */
function importsOf({ file: { fileName, text }, program }: Script): string[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.flatMap(({ fileName: specifier }) => {
    const found = ts.resolveModuleName(specifier, fileName, program.getCompilerOptions(), ts.sys).resolvedModule?.resolvedFileName;
    return found === undefined || resolve(found) === resolve(fileName) ? [] : [resolve(found)];
  });
}
