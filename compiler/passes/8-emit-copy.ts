// Copies source into the output, with its bindings where the machine keeps them: the one place that knows how a name, a
// nested function, a declaration or a jump of the source is written in the output.
//
//   total += line.price        →   $e.total.v += line.price        total: a captured cell
//   return x                   →   return $.done($f, x)            inside a statement that is copied as a whole

import ts from "typescript";
import { CompilerBug } from "../diagnostics/table.ts";
import type { Binding, Facts, Unit } from "../facts.ts";
import { type BlockId, type Exit, type Machine, selfText, type Template } from "../ir.ts";
import { isCallee, isConstructed, isFinally, isReference, isSuperMember, isTypeOnly, skipOuter, standsInOrdinaryFunction, usage } from "../roles.ts";
import type { Suspends } from "../suspends.ts";
import { indentationAt, TextBuilder } from "../text.ts";
import type { Source } from "./1-find.ts";
import { isNewTarget, isOwnSuper } from "./2-scope.ts";
import { isConstant, isEarly } from "./2-scope-cells.ts";
import { isSymbolMaker } from "./5-lower-calls.ts";
import { copyBlock, copyCatch, copyDeclarations, copyFor, copyForInOf, copySwitch } from "./8-emit-bindings.ts";
import { copyPropertyAccess, copySuperCallee } from "./8-emit-callees.ts";
import { copyLiteral, copySuper } from "./8-emit-literals.ts";
import { copyPattern } from "./8-emit-patterns.ts";
import { copyUnit, propertyText } from "./8-emit-units.ts";

export type UnitNames = ReadonlyMap<Unit, string>;

export interface EmitterOptions {
  readonly prefix: string;
  readonly names: UnitNames;
  readonly machines: ReadonlyMap<Unit, Machine>;
  readonly ids: ReadonlyMap<Unit, string>;
}

/** Writes the code of one unit; `inUnit` gives the emitter of a nested one. */
export class Emitter {
  readonly facts: Facts & { suspends: Suspends };
  readonly source: Source;
  readonly options: EmitterOptions;
  readonly unit: Unit;
  readonly out: TextBuilder;
  readonly machine: Machine | null;
  private readonly dead = new Set<Binding>();
  private started: ts.Node | null = null;
  private position = 0;
  /** The `case` of a block, for jumps out of copied statements. */
  labels: ReadonlyMap<BlockId, string> = new Map();
  /** Statements whose comments were written, and what stands in them; true for those that are copied as a whole. */
  readonly commented = new Map<ts.Node, boolean>();

  constructor(facts: Facts & { suspends: Suspends }, source: Source, options: EmitterOptions, unit = facts.root, out = new TextBuilder(source.file.text)) {
    this.facts = facts;
    this.source = source;
    this.options = options;
    this.unit = unit;
    this.out = out;
    this.machine = options.machines.get(unit) ?? null;
  }

  inUnit(unit: Unit, out = this.out): Emitter {
    const emitter = new Emitter(this.facts, this.source, this.options, unit, out);
    // An inline unit stays inside the function around it: its other parts are still that machine's.
    if (unit.kind === "inline") emitter.labels = this.labels;
    return emitter;
  }

  get $(): string {
    return this.options.prefix;
  }

  /** Glue that belongs to the start of a node. */
  glue(text: string, at: ts.Node): void {
    // How a `finally` is entered and left is no line of the source.
    this.out.glue(text, isFinally(at) ? -1 : this.startOf(at));
  }

  /** Where the node's first token is. Runs of questions are about one node, and each skips its comments anew. */
  startOf(node: ts.Node): number {
    if (node !== this.started) {
      this.position = node.getStart(this.source.file);
      this.started = node;
    }
    return this.position;
  }

  /** Glue that a debugger steps over: it is executed at other times than what stands around it in the source. */
  hidden(text: string): void {
    this.out.glue(text, -1);
  }

  template(template: Template, at: ts.Node): void {
    for (const part of template) {
      if (typeof part === "string") this.glue(part, at);
      else if ("pattern" in part) this.indentedNode(part.pattern, () => copyPattern(this, part.pattern));
      else if ("evaluated" in part) this.indentedNode(part.evaluated, () => copyEvaluated(this, part.evaluated));
      else if ("key" in part) this.glue(part.name, at);
      else this.indentedNode(part, () => copy(this, part));
    }
  }

  /** Copies a part of a machine: the lines after its first one are as far from that as they were in the source. */
  indented(start: number, end: number, copied: () => void): void {
    const { out } = this;
    if (out.margin || out.lineAfter(start) >= end) return copied();
    out.margin = { cut: indentationAt(out.source, start), indent: MARGIN, fixed: this.source.fixedLines };
    copied();
    out.margin = null;
  }

  private indentedNode(node: ts.Node, copied: () => void): void {
    this.indented(this.startOf(node), node.end, copied);
  }

  /** Where `unit` finds the binding: the variable or, for a cell, what holds it. */
  base(binding: Binding): string {
    if (this.dead.has(binding)) return `${this.$}.cell(${this.$}.tdz)`;
    if (binding.unit === this.unit) {
      return binding.hoisted ? binding.slot : binding.name;
    }
    return `${this.unit.env}.${this.unit.captures.get(binding) ?? missing(binding)}`;
  }

  /** Copies what is evaluated while `bindings` are in their dead zone, without a variable to hold their cells. */
  inDeadZone(bindings: readonly Binding[], copied: () => void): void {
    for (const binding of bindings) this.dead.add(binding);
    copied();
    for (const binding of bindings) this.dead.delete(binding);
  }

  /** `{ total, x: $e.x }`: the captured variables of `unit`, as this unit holds them. */
  environment(unit: Unit): string {
    const entries = [...unit.captures].map(([binding, key]) => {
      const base = this.base(binding);
      return base === key ? key : `${propertyText(key)}: ${base}`;
    });
    if (unit.arrow && unit.usesThis) entries.push(`this: ${this.self()}`);
    if (unit.arrow && unit.usesArguments) entries.push(`arguments: ${this.arguments()}`);
    if (unit.arrow && unit.usesTarget) entries.push(`"~target": ${this.target()}`);
    if (unit.usesSuper) entries.push(`"~home": ${unit.arrow ? this.home() : "undefined"}`);
    if (isKeyed(unit.node)) entries.push(`"~key": ${ts.isAccessor(unit.node) ? "arguments[0]" : `${this.$}.lastKey()`}`);
    return entries.length > 0 ? `{ ${entries.join(", ")} }` : "{}";
  }

  self(): string {
    return this.unit.kind === "machine" || this.unit.arrow ? selfText(this.unit, this.$) : "this";
  }

  /** What was constructed; a machine's function never is. */
  target(): string {
    if (this.unit.arrow && this.unit.parent) return `${this.unit.env}["~target"]`;
    return this.unit.kind === "machine" ? "undefined" : "new.target";
  }

  /** The literal whose method this is, or is in. */
  home(): string {
    return `${this.unit.env}["~home"]`;
  }

  arguments(): string {
    if (this.unit.arrow && this.unit.parent) return `${this.unit.env}.arguments`;
    return this.machine?.arguments?.name ?? "arguments";
  }
}

/** Where the statements of a machine stand. */
const MARGIN = "      ";

function missing(binding: Binding): never {
  throw new CompilerBug(`\`${binding.name}\` is used where it was not captured`);
}

/** Copies one node. */
export function copy(e: Emitter, node: ts.Node): void {
  if (isTypeOnly(node)) return e.out.slice(node.getStart(), node.end);
  const hole = e.machine?.holes.get(node);
  if (hole) return copyHole(e, hole, node);
  copyEvaluated(e, node);
}

/** The node itself, whatever it is printed as elsewhere. */
function copyEvaluated(e: Emitter, node: ts.Node): void {
  const exit = e.machine?.exits.get(node);
  if (exit) return copyExit(e, node as ts.ReturnStatement, exit);
  const unit = e.facts.unitOf.get(node);
  if (unit && unit !== e.unit) return copyUnit(e, unit);
  copyByKind(e, node);
  if (lacksSemicolon(node, e.out.source)) e.glue(";", node);
}

/** A line that was safe to begin with a name is not once the name is written `(0, $e.f)`: no statement relies on its newline. */
function lacksSemicolon(node: ts.Node, source: string): boolean {
  if (node.kind < Kind.FirstStatement || node.kind > Kind.LastStatement) return false;
  const ends =
    ts.isExpressionStatement(node) || ts.isVariableStatement(node) || ts.isReturnStatement(node) || ts.isThrowStatement(node) ||
    ts.isBreakOrContinueStatement(node) || ts.isDoStatement(node) || ts.isDebuggerStatement(node);
  return ends && source[node.end - 1] !== ";";
}

const Kind = ts.SyntaxKind;

function copyByKind(e: Emitter, node: ts.Node): void {
  if (isSuperMember(node) && isCallee(node) && isOwnSuper(node.expression, e.unit)) return copySuperCallee(e, node);
  switch (node.kind) {
    case Kind.Identifier: return copyIdentifier(e, node as ts.Identifier);
    case Kind.ShorthandPropertyAssignment: return copyShorthand(e, node as ts.ShorthandPropertyAssignment);
    case Kind.PropertyAccessExpression: return copyPropertyAccess(e, node as ts.PropertyAccessExpression);
    case Kind.BinaryExpression: return copyBinary(e, node as ts.BinaryExpression);
    default: return e.unit.ordinary ? copyOrdinary(e, node) : copyStatement(e, node);
  }
}

function copyStatement(e: Emitter, node: ts.Node): void {
  switch (node.kind) {
    case Kind.ComputedPropertyName: return isKeyedProperty(node.parent) ? copyNamingKey(e, node as ts.ComputedPropertyName) : copyChildren(e, node);
    case Kind.ThisKeyword: return e.glue(e.self(), node);
    case Kind.SuperKeyword: return copySuper(e, node);
    case Kind.MetaProperty: return isNewTarget(node) ? e.glue(e.target(), node) : copyChildren(e, node);
    case Kind.ObjectLiteralExpression: return copyLiteral(e, node as ts.ObjectLiteralExpression);
    case Kind.VariableDeclarationList: return copyDeclarations(e, node as ts.VariableDeclarationList);
    case Kind.Block: return copyBlock(e, node as ts.Block);
    case Kind.SwitchStatement: return copySwitch(e, node as ts.SwitchStatement);
    case Kind.ForStatement: return copyFor(e, node as ts.ForStatement);
    case Kind.ForInStatement:
    case Kind.ForOfStatement: return copyForInOf(e, node as ts.ForInOrOfStatement);
    case Kind.CatchClause: return copyCatch(e, node as ts.CatchClause);
    default: return copyChildren(e, node);
  }
}

/** Step functions and classes: nothing but captured names changes, and an arrow's `this` and `super`. */
function copyOrdinary(e: Emitter, node: ts.Node): void {
  if (node.kind === ts.SyntaxKind.ThisKeyword && e.unit.arrow && !standsInOrdinaryFunction(node, e.unit.node)) return e.glue(e.self(), node);
  if (node.kind === ts.SyntaxKind.SuperKeyword && isOwnSuper(node, e.unit)) return copySuper(e, node);
  if (isNewTarget(node) && e.unit.arrow && !standsInOrdinaryFunction(node, e.unit.node)) return e.glue(e.target(), node);
  copyChildren(e, node);
}

/** The text of a node, its children copied each by its kind. */
export function copyChildren(e: Emitter, node: ts.Node): void {
  let at = e.startOf(node);
  ts.forEachChild(node, (child) => {
    if (isCopiedAsIs(e, child)) return;
    const start = e.startOf(child);
    if (child.end <= start) return;
    e.out.slice(at, start);
    copy(e, child);
    at = child.end;
  });
  e.out.slice(at, node.end);
}

/** Literals, operators, types: part of the slice around them. */
function isCopiedAsIs(e: Emitter, child: ts.Node): boolean {
  return (child.kind < Kind.Identifier && !e.machine?.holes.has(child)) || isTypeOnly(child);
}

function copyHole(e: Emitter, hole: Template, node: ts.Node): void {
  if (ts.isIdentifier(node) && ts.isShorthandPropertyAssignment(node.parent) && node.parent.name === node) e.glue(`${node.text}: `, node);
  const braces = isMarkup(node);
  if (braces) e.glue("{", node);
  e.template(hole, node);
  if (braces) e.glue("}", node);
}

/** An element that stands in another one: what replaces it is an expression there. */
function isMarkup(node: ts.Node): boolean {
  const { parent } = node;
  return (ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node)) && (ts.isJsxElement(parent) || ts.isJsxFragment(parent) || ts.isJsxAttribute(parent));
}

function copyExit(e: Emitter, node: ts.ReturnStatement | ts.BreakOrContinueStatement, exit: Exit): void {
  const { $ } = e;
  const value = ts.isReturnStatement(node) ? node.expression : undefined;
  if (exit.kind === "done") {
    const [open, before, close] = returning(e);
    e.glue(open, node);
    if (value) {
      e.glue(before, value);
      copyOperand(e, value);
    }
    return e.glue(close, node);
  }
  e.glue("{ ", node);
  if (exit.value) {
    e.glue(`${$}v = `, node);
    if (value) copyOperand(e, value);
    else e.glue("undefined", node);
    e.glue("; ", node);
  }
  e.glue(`${$}pc = ${label(e, exit.to)}; continue ${$}L; }`, node);
}

/** An expression where commas separate. */
function copyOperand(e: Emitter, node: ts.Expression): void {
  if (!isSequence(node)) return copy(e, node);
  e.glue("(", node);
  copy(e, node);
  e.glue(")", node);
}

/** `a, b` */
export function isSequence(node: ts.Node): boolean {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === Kind.CommaToken;
}

/** What ends a machine with a value: a generator gives it to the runtime that drives it, a strand settles its promise. */
export function returning(e: Emitter): readonly [open: string, before: string, close: string] {
  return e.machine?.unit.generator ? ["return", " ", ";"] : [`return ${e.$}.done(${e.$}f`, ", ", ");"];
}

export function label(e: Emitter, id: BlockId): string {
  const text = e.labels.get(id);
  if (text === undefined) throw new CompilerBug(`no case for b${id}`);
  return text;
}

function copyIdentifier(e: Emitter, node: ts.Identifier): void {
  if (node.text === "arguments" && isReference(node) && !e.facts.references.has(node) && isOwnArguments(e, node)) return e.glue(e.arguments(), node);
  if (!e.unit.ordinary && isSymbolMaker(e.facts, node)) return e.glue(`${e.$}.symbol`, node);
  const text = referenceText(e, node);
  if (text === node.text) return e.out.slice(e.startOf(node), node.end);
  if (isCallee(node)) return e.glue(`(0, ${text})`, node);
  e.glue(text.endsWith(")") && isConstructed(node) ? `(${text})` : text, node);
}

/** In ordinary code only an arrow of the flow's lacks an `arguments` of its own. */
function isOwnArguments({ unit }: Emitter, node: ts.Identifier): boolean {
  if (!unit.ordinary) return unit.usesArguments;
  return unit.arrow && !standsInOrdinaryFunction(node, unit.node);
}

/** A function under a computed key is named after the key, so its factory needs it. */
function copyNamingKey(e: Emitter, node: ts.ComputedPropertyName): void {
  e.glue(`[${e.$}.nameKey(`, node);
  copy(e, node.expression);
  e.glue(")]", node);
}

function isKeyedProperty(node: ts.Node): boolean {
  return ts.isPropertyAssignment(node) ? isKeyed(skipOuter(node.initializer)) : isKeyed(node);
}

/** An anonymous function or class, a method or an accessor whose name is computed. */
export function isKeyed(node: ts.Node): boolean {
  if (ts.isMethodDeclaration(node) || ts.isAccessor(node)) return ts.isComputedPropertyName(node.name) && ts.isObjectLiteralExpression(node.parent);
  if (!ts.isArrowFunction(node) && !((ts.isFunctionExpression(node) || ts.isClassExpression(node)) && !node.name)) return false;
  let at: ts.Node = node;
  while (ts.isParenthesizedExpression(at.parent)) at = at.parent;
  return ts.isPropertyAssignment(at.parent) && at.parent.initializer === at && ts.isComputedPropertyName(at.parent.name);
}

/** How the reference is written in the output; its own text where nothing about it changes. */
function referenceText(e: Emitter, node: ts.Identifier): string {
  const reference = e.facts.references.get(node);
  if (!reference) return node.text;
  const { binding } = reference;
  const base = e.base(binding);
  if (reference.write && isConstant(binding)) return `${e.$}.constant(() => ${!binding.cell ? base : binding.early ? `${e.$}.get(${base}, ${JSON.stringify(binding.name)})` : `${base}.v`}).v`;
  if (!binding.cell || isBoundNatively(e, binding, node)) return base;
  if (!binding.early || !isEarly(reference, binding)) return `${base}.v`;
  const quoted = JSON.stringify(binding.name);
  return reference.write ? `${e.$}.check(${base}, ${quoted}).v` : `${e.$}.get(${base}, ${quoted})`;
}

/** Among the parameters of an ordinary function, a parameter is not in its cell yet: the body's first statement makes it. */
function isBoundNatively(e: Emitter, binding: Binding, node: ts.Node): boolean {
  if (binding.kind !== "param" || binding.hoisted || e.unit !== binding.unit) return false;
  const { body } = e.unit.node as ts.FunctionLikeDeclaration;
  return body !== undefined && node.pos < body.pos;
}

function copyShorthand(e: Emitter, node: ts.ShorthandPropertyAssignment): void {
  if (e.machine?.holes.has(node.name)) copy(e, node.name);
  else {
    const text = referenceText(e, node.name);
    if (text === node.name.text) e.out.slice(node.name.getStart(), node.name.end);
    else e.glue(`${node.name.text}: ${text}`, node);
  }
  if (!node.objectAssignmentInitializer) return;
  e.out.slice(node.name.end, node.objectAssignmentInitializer.getStart());
  copy(e, node.objectAssignmentInitializer);
}

/** Assigning a variable that may be uninitialised throws after its right side was evaluated. */
function copyBinary(e: Emitter, node: ts.BinaryExpression): void {
  const reference = ts.isIdentifier(node.left) ? e.facts.references.get(node.left) : undefined;
  const early = reference?.binding.cell && reference.binding.early && !isConstant(reference.binding) && isEarly(reference, reference.binding);
  // In a pattern, `x = 1` is a target with its default.
  if (!early || !reference || usage(node) !== "read" || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return copyChildren(e, node);
  e.glue(`${e.$}.set(${e.base(reference.binding)}, ${JSON.stringify(reference.binding.name)}, `, node);
  copy(e, node.right);
  e.glue(")", node);
}
