// A conformance program: one JavaScript text with `async function f()`, and how it becomes a module with a flow.
//
// The text may use four globals that the host provides:
//   T(value)   traces the value and gives it back
//   L(value)   a stop that gives the value back
//   LX(error)  a stop that throws the error
//   FUEL()     true once the program has used up its steps; counted in the host, outside the run
// Code beside `f` is ordinary code and keeps no state: at level L2 its module is evaluated again at every stop.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import ts from "typescript";

export interface Program {
  /** Unique in a suite, such as `order/callee-before-arguments`. */
  readonly id: string;
  readonly text: string;
  /** First comment line: what a wrong compiler gets wrong. */
  readonly hazard: string;
  /** Set where a level promises less than the oracle shows (`// levels: L0`). */
  readonly levels: readonly Level[];
  /** Whether it is run at L3 too: not where it promises less without naming L3. */
  readonly stored: boolean;
  /** It may run in realms that have served other programs (realm.ts). */
  readonly reuse?: boolean;
  /** The extent of `f`, where it is known without parsing. */
  readonly f?: Extent;
}

export interface Extent {
  readonly start: number;
  readonly end: number;
}

export type Level = "L0" | "L1" | "L2";
export const levels: readonly Level[] = ["L0", "L1", "L2"];

export function program(id: string, text: string): Program {
  const [first = "", second = ""] = text.split("\n", 2);
  const only = /^\/\/ levels: ([L0-9 ]+)/.exec(second)?.[1]?.trim().split(" ");
  return {
    id,
    text,
    hazard: first.startsWith("// ") ? first.slice(3) : "",
    levels: only === undefined ? levels : levels.filter((level) => only.includes(level)),
    stored: only?.includes("L3") ?? true,
  };
}

/** All `.js` files under a folder (or the one file), sorted by id; ids are relative to `base`. */
export function loadSuite(path: string, base: string = path): Program[] {
  const files = statSync(path).isFile() ? [path] : filesUnder(path);
  return files
    .filter((file) => file.endsWith(".js"))
    .toSorted()
    .map((file) => {
      const id = (relative(base, file) || basename(file)).replace(/\.js$/, "").split(sep).join("/");
      return program(id, readFileSync(file, "utf8"));
    });
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

/** The program as a flow's module. Lines keep their numbers. */
export function asModule({ text, f }: { readonly text: string; readonly f?: Extent }): string {
  const { start, end } = f ?? findF(text);
  return `import { deflow } from "deflow"; ${text.slice(0, start)}export const flow = deflow(${text.slice(start, end)});${text.slice(end)}`;
}

/** The extent of the one top-level `async function f`. */
function findF(text: string): Extent {
  const file = ts.createSourceFile("program.js", text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS);
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === "f") {
      return { start: statement.getStart(file), end: statement.end };
    }
  }
  throw new Error("a conformance program declares `async function f()` at its top level");
}
