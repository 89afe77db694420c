// Whether an await of the same function is over whenever a node is evaluated: ordinary code is in no run any more then.
//
//   await fetch(url); respond("done");        surely
//   if (slow) await fetch(url); respond();    not on every way

import type ts from "typescript";

export class AfterAwait {
  readonly #api: typeof ts;
  /** Whether who has come to the node's end has awaited. */
  readonly #known = new Map<ts.Node, boolean>();
  /** Where what is behind the first part that awaits begins; infinite: none does. */
  readonly #behind = new Map<readonly ts.Node[], number>();

  constructor(api: typeof ts) {
    this.#api = api;
  }

  is(node: ts.Node): boolean {
    const api = this.#api;
    for (let at = node; !api.isFunctionLike(at.parent) && !api.isSourceFile(at.parent); at = at.parent) {
      const list = listOf(at, api);
      if ((list && at.pos >= this.#behindAwait(list)) || evaluatedBefore(at, api).some((before) => this.#awaitsSurely(before))) return true;
    }
    return false;
  }

  #behindAwait(list: readonly ts.Node[]): number {
    let behind = this.#behind.get(list);
    if (behind === undefined) this.#behind.set(list, (behind = list.find((part) => this.#awaitsSurely(part))?.end ?? Infinity));
    return behind;
  }

  #awaitsSurely(root: ts.Node): boolean {
    let awaits = this.#known.get(root);
    if (awaits === undefined) this.#known.set(root, (awaits = this.#find(root)));
    return awaits;
  }

  /** Without recursion into what may be nested deeply. */
  #find(root: ts.Node): boolean {
    const api = this.#api;
    const work = [root];
    for (let node = work.pop(); node; node = work.pop()) {
      const known = this.#known.get(node);
      if (known === false) continue;
      if (known || api.isAwaitExpression(node) || (api.isForOfStatement(node) && node.awaitModifier)) return true;
      if (api.isIfStatement(node) && node.elseStatement && this.#awaitsSurely(node.thenStatement) && this.#awaitsSurely(node.elseStatement)) return true;
      if (api.isConditionalExpression(node) && this.#awaitsSurely(node.whenTrue) && this.#awaitsSurely(node.whenFalse)) return true;
      for (const part of partsOf(node, api)) if (part) work.push(part);
    }
    return false;
  }
}

/** A list that is evaluated in its order. */
function listOf({ parent }: ts.Node, api: typeof ts): readonly ts.Node[] | undefined {
  if (api.isBlock(parent) || api.isCaseOrDefaultClause(parent)) return parent.statements;
  if (api.isVariableDeclarationList(parent)) return parent.declarations;
  if (api.isArrayLiteralExpression(parent)) return parent.elements;
  if (api.isObjectLiteralExpression(parent)) return parent.properties;
  return api.isCallExpression(parent) || api.isNewExpression(parent) ? parent.arguments : undefined;
}

/** Parts of the node's parent that are through when it is reached, beside those before it in a list. */
function evaluatedBefore(node: ts.Node, api: typeof ts): readonly ts.Node[] {
  const { parent } = node;
  const head = (expression: ts.Node | undefined): readonly ts.Node[] => (expression === undefined || expression === node ? [] : [expression]);
  if (api.isIfStatement(parent) || api.isWhileStatement(parent) || api.isSwitchStatement(parent) || api.isForOfStatement(parent) || api.isForInStatement(parent)) return head(parent.expression);
  if (api.isForStatement(parent)) return parent.statement === node ? [...head(parent.initializer), ...head(parent.condition)] : head(parent.initializer);
  if (api.isConditionalExpression(parent)) return head(parent.condition);
  if (api.isBinaryExpression(parent)) return parent.right === node && !isPatternAssignment(parent, api) ? [parent.left] : [];
  return api.isCallExpression(parent) || api.isNewExpression(parent) ? head(parent.expression) : [];
}

/** What is evaluated whenever the node is. */
function partsOf(node: ts.Node, api: typeof ts): readonly (ts.Node | undefined)[] {
  if (api.isFunctionLike(node) || api.isClassLike(node) || api.isLabeledStatement(node) || api.isDoStatement(node)) return [];
  if (api.isIfStatement(node) || api.isWhileStatement(node) || api.isSwitchStatement(node) || api.isForOfStatement(node) || api.isForInStatement(node)) return [node.expression];
  if (api.isConditionalExpression(node)) return [node.condition];
  if (api.isForStatement(node)) return [node.initializer, node.condition];
  if (api.isTryStatement(node)) return [node.finallyBlock, node.catchClause ? undefined : node.tryBlock];
  if (api.isVariableDeclaration(node)) return [node.initializer];
  if (api.isBinaryExpression(node)) return isPatternAssignment(node, api) ? [node.right] : [node.left, isShort(node, api) ? undefined : node.right];
  if (api.isOptionalChain(node)) return [node.expression];
  const parts: ts.Node[] = [];
  api.forEachChild(node, (part) => void parts.push(part));
  return parts;
}

/** Its defaults may be left out. */
function isPatternAssignment({ left, operatorToken }: ts.BinaryExpression, api: typeof ts): boolean {
  return operatorToken.kind === api.SyntaxKind.EqualsToken && (api.isArrayLiteralExpression(left) || api.isObjectLiteralExpression(left));
}

function isShort({ operatorToken: { kind } }: ts.BinaryExpression, api: typeof ts): boolean {
  const { AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken, AmpersandAmpersandEqualsToken, BarBarEqualsToken, QuestionQuestionEqualsToken } = api.SyntaxKind;
  return [AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken, AmpersandAmpersandEqualsToken, BarBarEqualsToken, QuestionQuestionEqualsToken].some((short) => short === kind);
}
