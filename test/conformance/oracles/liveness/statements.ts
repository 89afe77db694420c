// What is live before a statement, given what is live after it and where its jumps lead. Loops are gone round until nothing changes.

import ts from "typescript";
import { expressions, type Expressions } from "./expressions.ts";
import type { Count } from "./liveness.ts";
import type { Variable } from "./names.ts";
import { hasUsing } from "./operands.ts";
import { stops } from "./stops.ts";
import { ends, type Live, nothing, through, union, type Ways, whereJumpsLead, without } from "./ways.ts";

export class Statements {
  private readonly count: Count;
  constructor(count: Count) {
    this.count = count;
  }

  /** The statements of one scope: its functions are made first, from variables that have no value yet. */
  list(statements: readonly ts.Statement[], after: Live, ways: Ways): Live {
    return this.scope(statements, this.inOrder(statements, after, ways), ways);
  }

  private inOrder(statements: readonly ts.Statement[], after: Live, ways: Ways): Live {
    // What stands behind a jump is not reached.
    const last = this.count.may ? -1 : statements.findIndex((each) => !ends(each));
    const reached = last < 0 ? statements : statements.slice(0, last + 1);
    const using = statements.some((each) => ts.isVariableStatement(each) && (each.declarationList.flags & ts.NodeFlags.Using) !== 0);
    const [end, inside] = using ? this.merged(statements, after, ways) : [after, ways];
    return reached.reduceRight((live, each) => this.before(each, live, inside), end);
  }

  private scope(statements: readonly ts.Statement[], after: Live, ways: Ways): Live {
    const values = this.values(ways);
    const functions = statements.filter(ts.isFunctionDeclaration);
    let live = after;
    for (const { name } of functions) if (name) live = values.write(name, live, true);
    for (const each of functions) live = values.made(each, live);
    return without(live, ...statements.flatMap((each) => this.lexical(each)));
  }

  /** Variables that are made anew whenever their scope is entered. */
  private lexical(node: ts.Statement): Variable[] {
    const found: Variable[] = [];
    const add = (name: ts.Node): void => {
      if (!ts.isIdentifier(name)) return ts.forEachChild(name, (child) => (ts.isBindingElement(child) ? add(child.name) : undefined));
      const variable = this.count.names.variable(name);
      if (variable && variable.kind !== "var" && variable.kind !== "parameter") found.push(variable);
    };
    if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && node.name) add(node.name);
    if (ts.isVariableStatement(node)) for (const { name } of node.declarationList.declarations) add(name);
    return found;
  }

  before(node: ts.Statement, after: Live, ways: Ways): Live {
    if (!this.count.may) return this.statement(node, after, ways);
    if (isCompound(node) && !stops(node)) return union(after, ways.throws, whereJumpsLead([node], ways), this.mentioned(node));
    return union(this.statement(node, union(after, ways.throws), ways), ways.throws);
  }

  /** A statement without a stop is one step: what is read in it anywhere is not certainly dead before it. */
  private mentioned(node: ts.Node): Live {
    const found = new Set<Variable>();
    const visit = (each: ts.Node): void => {
      const variable = ts.isIdentifier(each) ? this.count.names.variable(each) : undefined;
      if (variable) found.add(variable);
      ts.forEachChild(each, visit);
    };
    visit(node);
    return found;
  }

  private statement(node: ts.Statement, after: Live, ways: Ways): Live {
    const values = this.values(ways);
    if (ts.isBlock(node)) return this.list(node.statements, after, ways);
    if (ts.isVariableStatement(node)) return this.declarations(node.declarationList, after, ways);
    if (ts.isFunctionDeclaration(node)) return after;
    if (ts.isClassDeclaration(node)) return values.made(node, node.name ? values.write(node.name, after) : after);
    if (ts.isReturnStatement(node)) return values.before(node.expression, ways.returns());
    if (ts.isThrowStatement(node)) return values.before(node.expression, ways.throws);
    if (ts.isBreakOrContinueStatement(node)) return (ts.isBreakStatement(node) ? ways.breaks : ways.continues).get(node.label?.text ?? "")?.() ?? nothing;
    if (ts.isIfStatement(node)) return this.either(node, after, ways);
    if (ts.isSwitchStatement(node)) return this.switched(node, after, ways);
    if (ts.isTryStatement(node)) return this.tried(node, after, ways);
    if (ts.isLabeledStatement(node)) return this.labelled(node, after, ways, []);
    if (ts.isIterationStatement(node, false)) return this.loop(node, after, ways, []);
    return ts.isExpressionStatement(node) ? values.before(node.expression, after) : after;
  }

  private declarations({ declarations, flags }: ts.VariableDeclarationList, after: Live, ways: Ways): Live {
    const values = this.values(ways);
    const isVar = (flags & ts.NodeFlags.BlockScoped) === 0;
    return declarations.reduceRight((live, { name, initializer }) => {
      if (initializer === undefined && isVar) return live;
      return values.before(initializer, values.bind(name, live));
    }, after);
  }

  private either({ expression, thenStatement, elseStatement }: ts.IfStatement, after: Live, ways: Ways): Live {
    const branches = [this.before(thenStatement, after, ways), elseStatement ? this.before(elseStatement, after, ways) : after];
    const taken = this.count.may ? undefined : constant(expression);
    return this.values(ways).before(expression, taken === undefined ? union(...branches) : (branches[taken ? 0 : 1] as Live));
  }

  private switched({ expression, caseBlock: { clauses } }: ts.SwitchStatement, after: Live, ways: Ways): Live {
    const inside = { ...ways, breaks: new Map(ways.breaks).set("", () => after) };
    const values = this.values(ways);
    let next = after;
    const bodies = clauses.toReversed().map((clause) => (next = this.inOrder(clause.statements, next, inside))).toReversed();
    const byDefault = bodies[clauses.findIndex(ts.isDefaultClause)] ?? after;
    const tests = clauses.reduceRight((live, clause, i) => (ts.isCaseClause(clause) ? values.before(clause.expression, union(live, bodies[i] as Live)) : live), byDefault);
    return values.before(expression, this.scope(clauses.flatMap(({ statements }) => [...statements]), tests, ways));
  }

  private labelled({ label, statement }: ts.LabeledStatement, after: Live, ways: Ways, outer: readonly string[]): Live {
    const inside = { ...ways, breaks: new Map(ways.breaks).set(label.text, () => after) };
    const labels = [...outer, label.text];
    if (ts.isLabeledStatement(statement)) return this.labelled(statement, after, inside, labels);
    return ts.isIterationStatement(statement, false) ? this.loop(statement, after, inside, labels) : this.before(statement, after, inside);
  }

  private tried({ tryBlock, catchClause, finallyBlock }: ts.TryStatement, after: Live, ways: Ways): Live {
    if (!finallyBlock) return this.caught(tryBlock, catchClause, after, ways);
    const last = (to: Live): Live => this.before(finallyBlock, to, ways);
    if (!this.count.may) {
      const normal = ends(tryBlock) || (catchClause !== undefined && ends(catchClause.block)) ? last(after) : nothing;
      return this.caught(tryBlock, catchClause, normal, through(ways, last(ways.throws), last));
    }
    // The end of a `finally` is one place, whichever way it was come to.
    const all = last(union(after, ways.throws, whereJumpsLead([tryBlock, catchClause], ways)));
    return this.caught(tryBlock, catchClause, all, through(ways, all, () => all));
  }

  private caught(tryBlock: ts.Block, clause: ts.CatchClause | undefined, after: Live, ways: Ways): Live {
    if (!clause) return this.before(tryBlock, after, ways);
    const values = this.values(ways);
    const body = this.before(clause.block, after, ways);
    const { variableDeclaration: caught } = clause;
    return this.before(tryBlock, after, { ...ways, throws: caught ? values.bind(caught.name, body) : body });
  }

  private loop(node: ts.IterationStatement, after: Live, ways: Ways, labels: readonly string[]): Live {
    if (ts.isForStatement(node)) return this.counted(node, after, ways, labels);
    if (ts.isForInStatement(node) || ts.isForOfStatement(node)) return this.iterated(node, after, ways, labels);
    const { expression } = node as ts.WhileStatement | ts.DoStatement;
    const test = (body: Live): Live => this.tested(expression, body, after, ways);
    if (ts.isDoStatement(node)) return fixed((top) => this.body(node, test(top), after, ways, labels));
    return fixed((top) => test(this.body(node, top, after, ways, labels)));
  }

  private counted(node: ts.ForStatement, after: Live, ways: Ways, labels: readonly string[]): Live {
    const { initializer, condition, incrementor } = node;
    const own = initializer && ts.isVariableDeclarationList(initializer) ? initializer : undefined;
    const [end, inside] = hasUsing(node) ? this.merged([node.statement], after, ways) : [after, ways];
    const values = this.values(inside);
    // Each round has variables of its own, copied from the round before.
    const copied = own && this.count.may ? new Set(own.declarations.flatMap(({ name }) => this.variablesOf(name)).filter((each) => each.captured)) : nothing;
    const top = fixed((again) => {
      const update = union(values.before(incrementor, again), copied);
      return this.tested(condition, this.body(node, update, end, inside, labels), end, inside);
    });
    if (own) return without(this.declarations(own, top, inside), ...own.declarations.flatMap(({ name }) => this.variablesOf(name)).filter(({ kind }) => kind === "lexical"));
    return values.before(initializer, top);
  }

  private iterated(node: ts.ForInStatement | ts.ForOfStatement, after: Live, ways: Ways, labels: readonly string[]): Live {
    const awaits = ts.isForOfStatement(node) && node.awaitModifier !== undefined;
    const { initializer, statement } = node;
    const [end, inside] = awaits ? this.merged([statement], after, ways) : [after, ways];
    const values = this.values(inside);
    const target = ts.isVariableDeclarationList(initializer) ? (initializer.declarations[0] as ts.VariableDeclaration).name : initializer;
    const own = ts.isVariableDeclarationList(initializer) && (initializer.flags & ts.NodeFlags.BlockScoped) !== 0 ? this.variablesOf(target) : [];
    const top = fixed((again) => {
      const round = without(values.bind(target, this.body(node, again, end, inside, labels)), ...own);
      const next = union(after, round);
      return awaits ? this.count.stop(node, union(next, ways.throws)) : next;
    });
    return this.values(ways).before(node.expression, top);
  }

  private body(node: ts.IterationStatement, again: Live, after: Live, ways: Ways, labels: readonly string[]): Live {
    const continues = new Map(ways.continues);
    for (const label of ["", ...labels]) continues.set(label, () => again);
    // A label's own `break` leads where the loop's does.
    const breaks = new Map(ways.breaks);
    for (const label of ["", ...labels]) breaks.set(label, () => after);
    const inside = { ...ways, breaks, continues };
    if (!ts.isForOfStatement(node) || !hasUsing(node)) return this.before(node.statement, again, inside);
    // Each round disposes of its own.
    const [end, disposing] = this.merged([node.statement], again, inside);
    return this.before(node.statement, end, disposing);
  }

  private tested(test: ts.Expression | undefined, yes: Live, no: Live, ways: Ways): Live {
    if (test === undefined) return yes;
    const known = this.count.may ? undefined : constant(test);
    return this.values(ways).before(test, known === undefined ? union(yes, no) : known ? yes : no);
  }

  /** A scope that has to close or dispose: as a `finally`, its end is one place for all ways out. */
  private merged(nodes: readonly ts.Node[], after: Live, ways: Ways): [Live, Ways] {
    if (!this.count.may) return [after, ways];
    const all = union(after, ways.throws, whereJumpsLead(nodes, ways));
    return [all, through(ways, all, () => all)];
  }

  private variablesOf(name: ts.Node): Variable[] {
    if (!ts.isIdentifier(name)) {
      const found: Variable[] = [];
      ts.forEachChild(name, (child) => void (ts.isBindingElement(child) && found.push(...this.variablesOf(child.name))));
      return found;
    }
    const variable = this.count.names.variable(name);
    return variable ? [variable] : [];
  }

  private values(ways: Ways): Expressions {
    return expressions(this.count, ways);
  }
}

function isCompound(node: ts.Statement): boolean {
  return ts.isBlock(node) || ts.isIfStatement(node) || ts.isSwitchStatement(node) || ts.isTryStatement(node) || ts.isLabeledStatement(node) || ts.isIterationStatement(node, false);
}

function fixed(round: (top: Live) => Live): Live {
  for (let top = nothing; ; ) {
    const next = round(top);
    if ([...next].every((each) => top.has(each))) return top;
    top = union(top, next);
  }
}

/** The value of a test that is written out. */
function constant(test: ts.Expression): boolean | undefined {
  if (test.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (test.kind === ts.SyntaxKind.FalseKeyword) return false;
  return ts.isNumericLiteral(test) ? Number(test.text) !== 0 : undefined;
}
