// Copies binding patterns as the targets of assignments, with their variables where the machine keeps them. Types go.
//
//   const { a, b: [c] } = await f()   →   ({ a: a.v, b: [c] } = $v);

import ts from "typescript";
import { CompilerBug } from "../diagnostics/table.ts";
import { copy } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";

/** A binding pattern as the target of an assignment: `{ a, b: [c] }` → `{ a: $e.a.v, b: [c] }`. Types go. */
export function copyPattern(e: Emitter, name: ts.BindingName): void {
  if (ts.isIdentifier(name)) return e.glue(targetText(e, name), name);
  let at = e.startOf(name);
  for (const element of name.elements) {
    e.out.slice(at, e.startOf(element));
    if (ts.isBindingElement(element)) copyPatternElement(e, element);
    at = element.end;
  }
  e.out.slice(at, name.end);
}

function copyPatternElement(e: Emitter, element: ts.BindingElement): void {
  if (element.dotDotDotToken) e.glue("...", element);
  if (element.propertyName) {
    copy(e, element.propertyName);
    e.glue(": ", element);
  } else if (ts.isIdentifier(element.name) && ts.isObjectBindingPattern(element.parent) && !element.dotDotDotToken && targetText(e, element.name) !== element.name.text)
    e.glue(`${element.name.text}: `, element);
  copyPattern(e, element.name);
  if (element.initializer) {
    e.glue(" = ", element);
    copy(e, element.initializer);
  }
}

function targetText(e: Emitter, name: ts.Identifier): string {
  const binding = e.facts.declarations.get(name);
  if (!binding) throw new CompilerBug(`\`${name.text}\` declares nothing`, name);
  const base = e.base(binding);
  return binding.cell ? `${base}.v` : base;
}
