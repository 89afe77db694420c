// A program with its checker, and what its files say of classes and objects: which are stored by a name of their own.

import type ts from "typescript";
import { operationsOf, packageImports } from "./operations.ts";
import { walk } from "./walk.ts";

export class TypedProgram {
  /** The TypeScript that made the program: another version numbers the kinds of its nodes otherwise. */
  readonly api: typeof ts;
  readonly checker: ts.TypeChecker;
  readonly #program: ts.Program;
  #known: { readonly classes: ReadonlySet<ts.Symbol>; readonly externals: ReadonlySet<ts.Symbol> } | undefined;

  constructor(api: typeof ts, program: ts.Program) {
    this.api = api;
    this.checker = program.getTypeChecker();
    this.#program = program;
  }

  /** Declared by TypeScript's own libraries, or by Node for its globals. */
  isLibrary(symbol: ts.Symbol): boolean {
    return symbol.declarations?.some((declaration) => {
      const file = declaration.getSourceFile();
      return this.#program.isSourceFileDefaultLibrary(file) || nodeTypes.test(file.fileName);
    }) === true;
  }

  /** A class that `serializable` was given, anywhere in the program. */
  isRegistered(symbol: ts.Symbol): boolean {
    return (this.#known ??= this.#find()).classes.has(symbol);
  }

  /** The type of what `external` was given. */
  isExternal(symbol: ts.Symbol): boolean {
    return (this.#known ??= this.#find()).externals.has(symbol);
  }

  #find(): { classes: Set<ts.Symbol>; externals: Set<ts.Symbol> } {
    const { api, checker } = this;
    const [classes, externals] = [new Set<ts.Symbol>(), new Set<ts.Symbol>()];
    const add = (to: Set<ts.Symbol>, argument: ts.Node | undefined): void => {
      const symbol = argument && checker.getTypeAtLocation(argument).getSymbol();
      if (symbol) to.add(symbol);
    };
    for (const file of this.#program.getSourceFiles()) {
      if (file.isDeclarationFile || !/\b(?:serializable|external)\b/.test(file.text) || packageImports(api, file).length === 0) continue;
      const operation = operationsOf(api, checker, file);
      walk(api, file, undefined, (node) => {
        if (api.isCallExpression(node)) {
          const called = operation(node.expression);
          if (called === "serializable") add(classes, node.arguments[0]);
          if (called === "external") add(externals, node.arguments[1]);
        } else if (api.isDecorator(node) && operation(node.expression) === "serializable") add(classes, node.parent);
      });
    }
    return { classes, externals };
  }
}

const nodeTypes = /[\\/](?:@types[\\/]node|undici-types|bun-types)[\\/]/;
