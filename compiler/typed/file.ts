// A file of a program beside what the compiler found in it. The compiler parsed the text itself, so its nodes and the program's are two
// trees of one text: a node of the one is found in the other by where it stands.

import type ts from "typescript";
import type { Unit } from "../facts.ts";
import type { LoweredFlow } from "../passes/8-emit.ts";
import { type OperationOf, operationsOf, packageImports } from "./operations.ts";
import type { TypedProgram } from "./program.ts";
import { walk } from "./walk.ts";

export class TypedFile {
  readonly program: TypedProgram;
  readonly file: ts.SourceFile;
  readonly flows: readonly LoweredFlow[];
  readonly operation: OperationOf;
  /** By the full start of the function: no two functions begin at one place. */
  readonly #units = new Map<number, Unit>();
  /** By the end of the name. */
  readonly #names = new Map<number, ts.Identifier>();
  /** By their full start. */
  readonly #awaits = new Map<number, ts.AwaitExpression>();
  /** Those of `for await`, by their full start. */
  readonly #loops = new Map<number, ts.ForOfStatement>();
  /** With an expression as their body, by their full start. */
  readonly #arrows = new Map<number, ts.ArrowFunction>();
  readonly #inFlow = new Map<ts.Node, boolean>();
  readonly #package: readonly string[];

  constructor(program: TypedProgram, file: ts.SourceFile, flows: readonly LoweredFlow[]) {
    const { api, checker } = program;
    this.program = program;
    this.file = file;
    this.flows = flows;
    this.operation = operationsOf(api, checker, file);
    for (const { facts } of flows) for (const unit of facts.unitOf.values()) this.#units.set(unit.node.pos, unit);
    this.#package = packageImports(api, file).flatMap((specifier) => {
      const module = checker.getSymbolAtLocation(specifier)?.declarations?.[0]?.getSourceFile().fileName;
      return module === undefined ? [] : [module.slice(0, module.lastIndexOf("/") + 1)];
    });
    if (flows.length > 0) walk(api, file, undefined, (node) => this.#note(node));
  }

  #note(node: ts.Node): void {
    const { api } = this.program;
    if (api.isIdentifier(node)) this.#names.set(node.end, node);
    else if (api.isAwaitExpression(node)) this.#awaits.set(node.pos, node);
    else if (api.isForOfStatement(node) && node.awaitModifier) this.#loops.set(node.pos, node);
    else if (api.isArrowFunction(node) && !api.isBlock(node.body)) this.#arrows.set(node.pos, node);
  }

  /** The name of the program at the place of one of the compiler. */
  nameAt(name: ts.Identifier): ts.Identifier | undefined {
    return this.#names.get(name.end);
  }

  awaitAt(node: ts.Node): ts.AwaitExpression | undefined {
    return this.#awaits.get(node.pos);
  }

  /** The `for await` at the place of one of the compiler. */
  loopAt(node: ts.Node): ts.ForOfStatement | undefined {
    return this.#loops.get(node.pos);
  }

  /** What an arrow function gives back, if that is all of its body. */
  givenBackBy({ node }: Unit): ts.Expression | undefined {
    return this.#arrows.get(node.pos)?.body as ts.Expression | undefined;
  }

  unitAt(fn: ts.Node): Unit | undefined {
    return fn.getSourceFile() === this.file ? this.#units.get(fn.pos) : undefined;
  }

  /** Whether a node stands in a flow of this file, one that the compiler refused too. */
  isInFlow(node: ts.Node): boolean {
    if (node.getSourceFile() !== this.file) return false;
    const { api } = this.program;
    const fn = api.findAncestor(node, (up) => api.isFunctionLike(up) || api.isClassLike(up));
    if (fn === undefined) return false;
    let known = this.#inFlow.get(fn);
    if (known === undefined) this.#inFlow.set(fn, (known = this.#units.has(fn.pos) || this.isFlow(fn) || this.isInFlow(fn.parent)));
    return known;
  }

  /** The function that `deflow` is called with. */
  isFlow(fn: ts.Node): boolean {
    const call = this.callWith(fn);
    return call !== undefined && this.operation(call.expression) === "deflow";
  }

  /** The call that a function is written as an argument of. */
  callWith(fn: ts.Node): ts.CallExpression | undefined {
    const { api } = this.program;
    let node = fn;
    while (api.isParenthesizedExpression(node.parent) || api.isAsExpression(node.parent) || api.isSatisfiesExpression(node.parent)) node = node.parent;
    const { parent } = node;
    return api.isCallExpression(parent) && parent.expression !== node ? parent : undefined;
  }

  /** Declared by the package itself. */
  isOwn(symbol: ts.Symbol): boolean {
    return symbol.declarations?.some((declaration) => this.#package.some((folder) => declaration.getSourceFile().fileName.startsWith(folder))) === true;
  }

  /** From 1. */
  lineOf(offset: number): number {
    return this.file.getLineAndCharacterOfPosition(offset).line + 1;
  }
}
