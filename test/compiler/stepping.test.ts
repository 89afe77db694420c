// Stepping through a compiled flow: from a breakpoint at a line of the source, a debugger comes by the lines that it comes by in
// the function as it was written.

import { readdirSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import { begin, deflow, type Flow } from "deflow";
import { describe, expect, test } from "vitest";
import * as internal from "../../runtime/internal.ts";
import { shared } from "../../runtime/realm/shared.ts";
import { compiled } from "./source.ts";
import { step, type Pause } from "./stepper.ts";

const folder = fileURLToPath(new URL("../../fixtures/stepping/", import.meta.url));
const wait = async <T>(value: T): Promise<T> => value;
const refuse = async (message: string): Promise<never> => {
  throw new Error(message);
};
const body = (text: string): string => text.replaceAll("export const ", "const      ");

/** A file's lines, of those that are paused at, each once where the debugger stays on it. */
function path(places: readonly number[]): number[] {
  return places.filter((line, i) => line !== places[i - 1]).map((line) => line + 1);
}

async function natively(source: string, line: number): Promise<Pause[]> {
  const names = { wait, refuse, deflow: (flow: unknown) => flow };
  return step(`${body(source)}return f;`, names, [{ line, column: 0 }], async (f: () => Promise<unknown>) => await f().catch(() => undefined));
}

interface Mapped extends Pause {
  readonly original: number | undefined;
}

async function inFlow(source: string, line: number, limit?: number): Promise<Mapped[]> {
  shared.flows.clear();
  const { code, map } = compiled(`import { deflow } from "deflow"; ${source}`, { fileName: "stepped.js" });
  const decoded = new SourceMap(JSON.parse(map.toString()) as never);
  const at = (line: number, column: number) => decoded.findEntry(line, column) as { originalLine?: number; originalColumn?: number; generatedLine: number };
  const text = `${body(code).replaceAll(/import .*? from ".*?";/g, (all) => " ".repeat(all.length))}return f;`;
  // As debuggers do: in each line of the output that has something of that line.
  const places = code.split("\n").flatMap((text, row) => {
    const column = Array.from(text).findIndex((_, column) => at(row, column).originalLine === line);
    return column < 0 ? [] : [{ line: row, column }];
  });
  const pauses = await step(text, { wait, refuse, deflow, $: internal }, places, async (f: Flow<[], unknown>) => await begin(f, []), limit);
  return pauses.map((pause) => ({ ...pause, original: at(pause.line, pause.column).originalLine }));
}

/** At each line, the variables that were there in the source; of two with one name the machine calls the second `x$2`. */
function missing(native: readonly Pause[], mapped: readonly Mapped[]): string[] {
  const there = new Map<number, Set<string>>();
  for (const { original, variables } of mapped) if (original !== undefined) there.set(original, new Set([...(there.get(original) ?? []), ...variables]));
  return native.flatMap(({ line, variables }) => variables.filter((name) => there.has(line) && !there.get(line)?.has(name)).map((name) => `${name} at ${line + 1}`));
}

describe.each(readdirSync(folder))("%s", (name) => {
  const source = readFileSync(`${folder}${name}`, "utf8");
  const lines = source.split("\n");
  const first = 2;

  test("comes by the same lines, and shows the same variables", async () => {
    const native = await natively(source, first);
    const mapped = await inFlow(source, first);
    // Where a `catch` takes its error there is an assignment to pause at.
    const own = mapped.flatMap(({ original }) => (original === undefined || /^ *\} catch \(/.test(lines[original] ?? "") ? [] : [original]));
    expect(path(own)).toEqual(path(native.map(({ line }) => line)));
    expect(native.length).toBeGreaterThan(10);
    expect(missing(native, mapped)).toEqual([]);
  });

  test("a breakpoint at any line is reached", async () => {
    const reached = new Set((await natively(source, first)).map(({ line }) => line));
    for (const line of reached) expect([line + 1, (await inFlow(source, line, 1))[0]?.original]).toEqual([line + 1, line]);
  });
});
