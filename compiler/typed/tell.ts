// How a rule tells what it found.

import type ts from "typescript";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Code, diagnoseAt } from "../diagnostics/table.ts";

export type Tell = (code: Code, node: ts.Node, name?: string, detail?: string, remedy?: string) => void;

/** Each place is told once of each code: a function may be given to two steps. */
export function teller(found: Diagnostic[]): Tell {
  const told = new Set<string>();
  return (code, node, name, detail, remedy) => {
    const start = node.getStart();
    if (told.has(`${code} ${start}`)) return;
    told.add(`${code} ${start}`);
    found.push(diagnoseAt(code, start, node.end - start, name, detail, remedy));
  };
}
