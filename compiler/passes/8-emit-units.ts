// Emits the functions made in a flow: each is lifted to a registered factory beside the flow, and made where it stood by
// calling the factory with the captured variables.
//
//   const add = (n) => { total += n };
//   →  const $f_add = $.code("f#add", "total*", ($e) => ({ add: (n) => { $e.total.v += n } }).add);     beside the flow
//      add = $f_add({ total });                                                               in its place

import ts from "typescript";
import { CompilerBug } from "../diagnostics/table.ts";
import type { Unit } from "../facts.ts";
import { isAnonymousFunction, isConstructed, keyText } from "../roles.ts";
import { TextBuilder } from "../text.ts";
import { inferredName } from "./7-name.ts";
import { prologueText } from "./8-emit-bindings.ts";
import { copy, copyChildren } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";
import { accessText, isKeyed, propertyText } from "./8-emit-keys.ts";
import { copyClassCreation, emitClass } from "./8-emit-classes.ts";
import { copyAccessor } from "./8-emit-literals.ts";
import { machineText } from "./8-emit-machine.ts";
import { emitTemplates } from "./8-emit-templates.ts";

/** The factories of every function of the flow, to stand before the statement that holds it. */
export function emitFactories(e: Emitter, before: ts.Statement): TextBuilder {
  const out = new TextBuilder(e.source.file.text);
  for (const unit of e.options.ids.keys()) {
    if (unit === e.facts.root || unit.kind === "inline") continue;
    out.glue(`\nconst ${nameOf(e, unit)} = `, e.startOf(unit.node));
    if (unit.kind === "class") emitClass(e.inUnit(unit, out));
    else if (unit.kind === "machine") machineText(e.inUnit(unit, out), makerOf(unit));
    else emitCode(e.inUnit(unit, out));
    out.glue(";", e.startOf(before));
  }
  emitTemplates(e, out, before);
  return out;
}

function makerOf({ async, generator }: Unit): "strand" | "generator" | "asyncGenerator" {
  if (!generator) return "strand";
  return async ? "asyncGenerator" : "generator";
}

export function nameOf(e: Emitter, unit: Unit): string {
  return e.options.names.get(unit) ?? missing(unit);
}

function missing(unit: Unit): never {
  throw new CompilerBug("a function without a factory", unit.node);
}

/** `$f_add({ total })`. A function that ordinary code may call passes on whose run its environment is. */
export function creation(e: Emitter, unit: Unit): string {
  return `${nameOf(e, unit)}(${e.environment(unit)}${unit.strands && e.unit.kind === "code" ? `, ${e.unit.env}` : ""})`;
}

function emitCode(e: Emitter): void {
  const { unit } = e;
  const node = unit.node as ts.FunctionLikeDeclaration;
  e.glue(`${e.$}.code(${JSON.stringify(e.options.ids.get(unit))}, ${JSON.stringify(e.environmentSlots())}, (${unit.env}) => `, node);
  const named = codeName(node);
  const key = `${unit.env}["~key"]`;
  if (ts.isAccessor(node)) {
    e.glue(`${e.$}.accessor({ `, node);
    copyFunction(e, node);
    e.glue(" })", node);
  } else if (isKeyed(node)) {
    e.glue(ts.isMethodDeclaration(node) ? "({ " : `({ [${key}]: `, node);
    copyFunction(e, node);
    e.glue(` })[${key}]`, node);
  } else if (named === undefined) copyFunction(e, node);
  else {
    e.glue(ts.isMethodDeclaration(node) ? "({ " : `({ ${propertyText(named)}: `, node);
    copyFunction(e, node);
    e.glue(` })${accessText(named)}`, node);
  }
  e.glue(unit.strands ? ", true)" : ")", node);
}

/** The property that gives the function its name; undefined where it brings its own. */
function codeName(node: ts.FunctionLikeDeclaration): string | undefined {
  if (isKeyed(node)) return undefined;
  if (ts.isMethodDeclaration(node)) return methodName(node.name);
  if (isAnonymousFunction(node)) return inferredName(node);
  return undefined;
}

function methodName(name: ts.PropertyName): string {
  if (ts.isComputedPropertyName(name) || ts.isPrivateIdentifier(name)) throw new CompilerBug("a method without a plain name", name);
  return keyText(name);
}

/** The function as it stands, with what its parameters and hoisted functions need at the top of its body. */
function copyFunction(e: Emitter, node: ts.FunctionLikeDeclaration): void {
  const scope = e.facts.scopeOf.get(node);
  const prologue = scope && !e.unit.ordinary ? prologueText(e, scope) : "";
  const { body } = node;
  if (!body) return copyChildren(e, node);
  let at = e.startOf(node);
  ts.forEachChild(node, (child) => {
    e.out.slice(at, e.startOf(child));
    if (child === body && prologue !== "") copyBody(e, body, prologue);
    else if (child === node.name && isKeyed(node)) e.glue(`[${e.unit.env}["~key"]]`, child);
    else copy(e, child);
    at = child.end;
  });
  e.out.slice(at, node.end);
}

function copyBody(e: Emitter, body: ts.ConciseBody, prologue: string): void {
  if (!ts.isBlock(body)) {
    e.glue(`{ ${prologue} return (`, body);
    copy(e, body);
    return e.glue("); }", body);
  }
  e.glue(`{ ${prologue}`, body);
  let at = e.startOf(body) + 1;
  for (const statement of body.statements) {
    e.out.slice(at, e.startOf(statement));
    copy(e, statement);
    at = statement.end;
  }
  e.out.slice(at, body.end);
}

/** A nested function or class where it stands. */
export function copyUnit(e: Emitter, unit: Unit): void {
  const { node } = unit;
  if (unit.kind === "inline" || unit.kind === "class") return copyInline(e, unit);
  // A declaration was made when its block was entered.
  if (ts.isFunctionDeclaration(node)) return isHoistedPart(e, node) ? e.glue(creation(e, unit), node) : undefined;
  if (ts.isAccessor(node)) return copyAccessor(e, unit, node);
  if (ts.isMethodDeclaration(node)) {
    if (isKeyed(node)) copy(e, node.name);
    else e.glue(propertyText(methodName(node.name)), node);
    e.glue(": ", node);
  }
  // `new $f({ … })(1)` would construct the factory.
  e.glue(isConstructed(node as ts.Node as ts.Expression) ? `(${creation(e, unit)})` : creation(e, unit), node);
}

/** In a machine, pass 5 prints the declaration as the value of its local. */
function isHoistedPart(e: Emitter, node: ts.FunctionDeclaration): boolean {
  return node.name !== undefined && e.facts.declarations.get(node.name)?.hoisted === true;
}

//   class A { m() { return x } }   →   (($e1) => class A { m() { return $e1.x } })({ x })
function copyInline(e: Emitter, unit: Unit): void {
  const { node } = unit;
  const binding = ts.isClassDeclaration(node) && node.name ? e.facts.declarations.get(node.name) : undefined;
  if (!binding || binding.hoisted) return copyInlineValue(e, unit);
  // A class declared in a statement that is copied as a whole.
  if (!binding.cell) e.glue(`${binding.mutated ? "let" : "const"} ${binding.name} = `, node);
  else e.glue(binding.early ? `${binding.name}.v = ` : `const ${binding.name} = ${e.$}.cell(`, node);
  copyInlineValue(e, unit);
  e.glue(binding.cell && !binding.early ? ");" : ";", node);
}

function copyInlineValue(e: Emitter, unit: Unit): void {
  if (unit.kind === "class") return copyClassCreation(e, unit);
  const inner = e.inUnit(unit);
  const { node } = unit;
  const name = ts.isClassExpression(node) && !node.name ? inferredName(node) : undefined;
  const [open, close] = capturing(e, unit);
  e.glue(open, node);
  if (name !== undefined) e.glue(`({ ${propertyText(name)}: `, node);
  copyClass(e, inner, node as ts.ClassLikeDeclaration);
  if (name !== undefined) e.glue(` })${accessText(name)}`, node);
  e.glue(close, node);
}

/** What hands a class its captured variables: an arrow called in place. */
function capturing(e: Emitter, unit: Unit): [open: string, close: string] {
  const { node } = unit;
  // `abstract` and TypeScript's decorators stand before declarations only, so there the function has a body.
  const declared = ts.isClassDeclaration(node) && node.modifiers !== undefined;
  const captures = unit.captures.size > 0;
  if (!declared && !captures) return ["", ""];
  const parameter = captures ? unit.env : "";
  const [open, close] = declared ? ["{ ", ` return ${node.name?.text}; }`] : ["(", ")"];
  // `new (…)(environment)` would construct the arrow.
  const [begin, end] = isConstructed(node as ts.Expression) ? ["(", ")"] : ["", ""];
  return [`${begin}((${parameter}) => ${open}`, `${close})(${captures ? e.environment(unit) : ""})${end}`];
}

/** The text of a class is what its `toString` gives, so its lines stay as they are. */
function copyClass(e: Emitter, inner: Emitter, node: ts.ClassLikeDeclaration): void {
  const { margin } = e.out;
  e.out.margin = null;
  let at = e.startOf(node);
  ts.forEachChild(node, (child) => {
    e.out.slice(at, e.startOf(child));
    if (ts.isClassElement(child)) copyMember(e, inner, child);
    else copy(e, child);
    at = child.end;
  });
  e.out.slice(at, node.end);
  e.out.margin = margin;
}

/** The computed name of a member is evaluated by the function around the class. */
function copyMember(e: Emitter, inner: Emitter, node: ts.Node & { name?: ts.Node }): void {
  let at = e.startOf(node);
  ts.forEachChild(node, (child) => {
    e.out.slice(at, e.startOf(child));
    copy(child === node.name ? e : inner, child);
    at = child.end;
  });
  e.out.slice(at, node.end);
}
