// The variables of a text by TypeScript's own binder: which function's activation holds each, and which functions refer to it.

import ts from "typescript";

/** A function, or a part of a class that runs as one. */
export type Activation = ts.SignatureDeclaration | ts.ClassStaticBlockDeclaration | ts.PropertyDeclaration;

export interface Variable {
  readonly name: string;
  readonly activation: Activation | undefined;
  /** Ends of its declarations: with their initialisers, which a pattern's names may not be read in. */
  readonly declared: readonly number[];
  readonly kind: "lexical" | "var" | "parameter" | "function" | "arguments";
  captured: boolean;
  /** Assigned elsewhere than where it is declared. */
  assigned: boolean;
  /** Something may refer to it before it is initialised. */
  early: boolean;
}

export class Names {
  readonly file: ts.SourceFile;
  private readonly variables = new Map<ts.Symbol | Activation, Variable>();
  private readonly references = new Map<ts.Identifier, Variable>();
  private readonly captures = new Map<ts.Node, Set<Variable>>();

  constructor(text: string) {
    const { file, checker } = parsed(text);
    this.file = file;
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node)) this.meet(node, checker);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }

  /** What an identifier refers to or declares; undefined for properties, labels, module state and globals. */
  variable(node: ts.Identifier): Variable | undefined {
    return this.references.get(node);
  }

  /** What a function or class, and all inside it, refers to of the activations around it. */
  captured(node: ts.Node): ReadonlySet<Variable> {
    return this.captures.get(node) ?? new Set();
  }

  /** Of one activation. */
  declaredIn(activation: Activation): Variable[] {
    return [...this.variables.values()].filter((each) => each.activation === activation);
  }

  private meet(node: ts.Identifier, checker: ts.TypeChecker): void {
    const variable = this.resolve(node, checker);
    if (variable === undefined) return;
    this.references.set(node, variable);
    const { activation } = variable;
    const isInner = activationOf(node) !== activation;
    if (isWritten(node)) variable.assigned = true;
    if (isInner) this.captureAround(node, variable);
    if (variable.declared.some((end) => node.getStart() < end) && !isDeclared(node)) variable.early = true;
    if (isInClause(node, variable)) variable.early = true;
  }

  private captureAround(node: ts.Node, variable: Variable): void {
    variable.captured = true;
    for (let at = node; at !== variable.activation && at.parent !== undefined; at = at.parent) {
      if (isActivation(at) || ts.isClassLike(at)) this.capture(at, variable);
    }
  }

  private capture(by: ts.Node, variable: Variable): void {
    const known = this.captures.get(by);
    if (known) known.add(variable);
    else this.captures.set(by, new Set([variable]));
    if (ts.isFunctionDeclaration(by) || variable.declared.some((end) => by.getStart() < end)) variable.early = true;
  }

  private resolve(node: ts.Identifier, checker: ts.TypeChecker): Variable | undefined {
    const { parent } = node;
    if (isName(node)) return undefined;
    if (node.text === "arguments") return this.argumentsOf(node);
    const symbol = ts.isShorthandPropertyAssignment(parent) && parent.name === node ? checker.getShorthandAssignmentValueSymbol(parent) : checker.getSymbolAtLocation(node);
    const declaration = symbol?.valueDeclaration;
    if (symbol === undefined || declaration === undefined) return undefined;
    const kind = kindOf(declaration);
    const activation = kind === undefined ? undefined : holderOf(declaration);
    if (kind === undefined || activation === undefined) return undefined;
    let variable = this.variables.get(symbol);
    if (variable === undefined) {
      const declared = (symbol.declarations ?? []).map((each) => ((ts.isBindingElement(each) ? ts.findAncestor(each, ts.isVariableDeclaration) : undefined) ?? each).end);
      this.variables.set(symbol, (variable = { name: symbol.name, activation, declared: kind === "lexical" ? declared : [], kind, captured: false, assigned: false, early: false }));
    }
    return variable;
  }

  private argumentsOf(node: ts.Node): Variable | undefined {
    let activation = activationOf(node);
    while (activation && ts.isArrowFunction(activation)) activation = activationOf(activation);
    if (activation === undefined) return undefined;
    let variable = this.variables.get(activation);
    if (variable === undefined) this.variables.set(activation, (variable = { name: "~args", activation, declared: [], kind: "arguments", captured: false, assigned: false, early: false }));
    return variable;
  }
}

function parsed(text: string): { file: ts.SourceFile; checker: ts.TypeChecker } {
  const name = "/program.js";
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const host: ts.CompilerHost = {
    getSourceFile: (asked) => (asked === name ? file : undefined),
    getDefaultLibFileName: () => "", writeFile: () => undefined, getCurrentDirectory: () => "/", getCanonicalFileName: (asked) => asked,
    useCaseSensitiveFileNames: () => true, getNewLine: () => "\n", fileExists: (asked) => asked === name, readFile: () => undefined,
  };
  const program = ts.createProgram([name], { allowJs: true, noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext }, host);
  return { file, checker: program.getTypeChecker() };
}

export function isActivation(node: ts.Node): node is Activation {
  return ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node) || ts.isPropertyDeclaration(node);
}

/** The activation that runs the node; a computed name and a decorator run outside of what they name. */
export function activationOf(node: ts.Node): Activation | undefined {
  for (let at = node; at.parent !== undefined; at = at.parent) {
    if (isActivation(at.parent) && at !== (at.parent as ts.NamedDeclaration).name) return at.parent;
    if (isActivation(at.parent) && ts.isFunctionExpression(at.parent)) return at.parent;
  }
  return undefined;
}

function kindOf(node: ts.Declaration): Variable["kind"] | undefined {
  if (ts.isFunctionDeclaration(node)) return "function";
  // Its own name is a variable inside it.
  if (ts.isFunctionExpression(node)) return "parameter";
  if (ts.isClassDeclaration(node)) return "lexical";
  let root: ts.Node = node;
  while (ts.isBindingElement(root) || ts.isBindingName(root)) root = root.parent;
  if (ts.isParameter(root)) return "parameter";
  if (!ts.isVariableDeclaration(root)) return undefined;
  return ts.isCatchClause(root.parent) || (root.parent.flags & ts.NodeFlags.BlockScoped) !== 0 ? "lexical" : "var";
}

function holderOf(node: ts.Declaration): Activation | undefined {
  if (ts.isFunctionExpression(node)) return node;
  return activationOf(ts.isFunctionDeclaration(node) ? node.parent : node);
}

/** A key, a member's name or a label, which refers to no variable. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isMetaProperty(parent)) return parent.name === node;
  if (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isAccessor(parent) || ts.isPropertyDeclaration(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent);
}

function isDeclared(node: ts.Identifier): boolean {
  return ts.isBindingElement(node.parent) || ts.isVariableDeclaration(node.parent) || ts.isParameter(node.parent) ? node.parent.name === node
    : (ts.isFunctionDeclaration(node.parent) || ts.isClassDeclaration(node.parent)) && node.parent.name === node;
}

export function assigns(operator: ts.SyntaxKind): boolean {
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
}

/** Assigned, in any position of a pattern, or counted up or down. */
function isWritten(node: ts.Identifier): boolean {
  let at: ts.Node = node;
  for (let { parent } = at; ; at = parent, { parent } = at) {
    if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) {
      return parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken;
    }
    if (ts.isForInStatement(parent) || ts.isForOfStatement(parent)) return parent.initializer === at;
    if (ts.isBinaryExpression(parent) && assigns(parent.operatorToken.kind)) return parent.left === at;
    const through = ts.isParenthesizedExpression(parent) || ts.isArrayLiteralExpression(parent) || ts.isObjectLiteralExpression(parent) || ts.isSpreadElement(parent)
      || ts.isSpreadAssignment(parent) || ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent);
    if (!through) return false;
  }
}

/** Declared in one clause of a `switch`, which another may reach without it. */
function isInClause(node: ts.Node, { kind, declared }: Variable): boolean {
  if (kind !== "lexical") return false;
  for (let at = node; at.parent !== undefined && !isActivation(at); at = at.parent) {
    if (ts.isCaseBlock(at.parent) && declared.some((end) => end > at.parent.pos && end < at.parent.end)) return !declared.some((end) => end > at.pos && end <= at.end);
  }
  return false;
}
