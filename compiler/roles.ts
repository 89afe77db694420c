// The role that an identifier plays where it stands: a reference, the target of an assignment, a mere name.

import ts from "typescript";

const Kind = ts.SyntaxKind;

/** True where the identifier is evaluated or assigned: not a property name, label, attribute, declaration or type. */
export function isReference(id: ts.Identifier): boolean {
  const { parent } = id;
  switch (parent.kind) {
    case Kind.PropertyAccessExpression: return (parent as ts.PropertyAccessExpression).expression === id;
    case Kind.PropertyAssignment:
    case Kind.BindingElement:
    case Kind.VariableDeclaration:
    case Kind.Parameter:
    case Kind.PropertyDeclaration: return (parent as ts.HasInitializer).initializer === id;
    case Kind.ArrowFunction: return (parent as ts.ArrowFunction).body === id;
    case Kind.MetaProperty:
    case Kind.QualifiedName:
    case Kind.LabeledStatement:
    case Kind.BreakStatement:
    case Kind.ContinueStatement:
    case Kind.JsxAttribute:
    case Kind.JsxNamespacedName: return false;
    case Kind.JsxOpeningElement:
    case Kind.JsxSelfClosingElement:
    case Kind.JsxClosingElement: return !/^[a-z]/.test(id.text);
    default: return !ts.isFunctionLike(parent) && !ts.isClassLike(parent);
  }
}

/** How an expression is used where it stands: read, written, or read and then written (`x += 1`). */
export function usage(node: ts.Expression): "read" | "write" | "update" {
  const parent = node.parent;
  switch (parent.kind) {
    case Kind.PrefixUnaryExpression:
    case Kind.PostfixUnaryExpression: return isUpdate((parent as ts.PostfixUnaryExpression).operator) ? "update" : "read";
    case Kind.BinaryExpression: return operandUsage(node, parent as ts.BinaryExpression);
    case Kind.ForInStatement:
    case Kind.ForOfStatement: return (parent as ts.ForInOrOfStatement).initializer === node ? "write" : "read";
    default:
      if (isOuter(parent)) return usage(parent);
      return isPatternPart(node) ? "write" : "read";
  }
}

function operandUsage(node: ts.Expression, { left, operatorToken }: ts.BinaryExpression): "read" | "write" | "update" {
  if (left !== node || !isAssignment(operatorToken.kind)) return "read";
  return operatorToken.kind === Kind.EqualsToken ? "write" : "update";
}

/** `[node] = …`, `({ a: node } = …)`, `({ node } = …)`, `[...node] = …`, `[node = 1] = …` (whose `=` is asked above). */
function isPatternPart(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isArrayLiteralExpression(parent) || ts.isSpreadElement(parent) || ts.isSpreadAssignment(parent)) return isPattern(parent);
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node && isPattern(parent.parent);
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node && isPattern(parent.parent);
  return false;
}

/** True where an array or object literal is the left side of a destructuring assignment. */
export function isPattern(node: ts.Node): boolean {
  if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) return isPattern(node.parent);
  if (!ts.isArrayLiteralExpression(node) && !ts.isObjectLiteralExpression(node)) return false;
  const { parent } = node;
  if (ts.isParenthesizedExpression(parent)) return false;
  if (ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === Kind.EqualsToken) return true;
  if ((ts.isForInStatement(parent) || ts.isForOfStatement(parent)) && parent.initializer === node) return true;
  return isPatternPart(node);
}

export function isAssignment(operator: ts.SyntaxKind): boolean {
  return operator >= Kind.FirstAssignment && operator <= Kind.LastAssignment;
}

function isUpdate(operator: ts.SyntaxKind): boolean {
  return operator === Kind.PlusPlusToken || operator === Kind.MinusMinusToken;
}

/** Whether between the node and `outer` there is a function, or a class, that has a `this` of its own. */
export function standsInOrdinaryFunction(node: ts.Node, outer: ts.Node): boolean {
  for (let up = around(node); up !== outer; up = around(up)) if ((ts.isFunctionLike(up) && !ts.isArrowFunction(up)) || ts.isClassLike(up)) return true;
  return false;
}

/** The node around; of a computed key, a base or a decorator what is around the literal or the class, for there it is evaluated. */
function around(node: ts.Node): ts.Node {
  const { parent } = node;
  if (ts.isHeritageClause(node) || (ts.isDecorator(node) && ts.isClassLike(parent))) return parent.parent;
  return ts.isComputedPropertyName(node) || ts.isDecorator(node) ? parent.parent.parent : parent;
}

export type SuperMember = (ts.PropertyAccessExpression | ts.ElementAccessExpression) & { readonly expression: ts.SuperExpression };

/** `super.m`, `super[k]` */
export function isSuperMember(node: ts.Node): node is SuperMember {
  return (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
}

/** True for what has no meaning at run time. */
export function isTypeOnly(node: ts.Node): boolean {
  const { kind } = node;
  // Asked of every node: type keywords such as `string` have no children and no names, so only the range of types matters.
  if (kind >= Kind.FirstTypeNode && kind <= Kind.LastTypeNode) return true;
  return (
    kind === Kind.TypeParameter || kind === Kind.InterfaceDeclaration || kind === Kind.TypeAliasDeclaration ||
    (kind === Kind.HeritageClause && (node as ts.HeritageClause).token === Kind.ImplementsKeyword)
  );
}

type Outer =
  | ts.ParenthesizedExpression | ts.AsExpression | ts.NonNullExpression | ts.SatisfiesExpression | ts.TypeAssertion | ts.ExpressionWithTypeArguments;

/** Parentheses, type assertions, `f<string>`: what does not change what the expression inside refers to. */
export function isOuter(node: ts.Node): node is Outer {
  switch (node.kind) {
    case Kind.ParenthesizedExpression:
    case Kind.AsExpression:
    case Kind.NonNullExpression:
    case Kind.SatisfiesExpression:
    case Kind.TypeAssertionExpression: return true;
    case Kind.ExpressionWithTypeArguments: return !ts.isHeritageClause(node.parent);
    default: return false;
  }
}

export function skipOuter(node: ts.Expression): ts.Expression {
  return isOuter(node) ? skipOuter(node.expression) : node;
}

/** One that takes its name from where it stands. */
export function isAnonymousFunction(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || (ts.isFunctionExpression(node) && !node.name);
}

/** A name, or what is read of one: `console.log` as it stands in the source, types left out. */
export function plainText(node: ts.Expression): string {
  const plain = skipOuter(node);
  return ts.isPropertyAccessExpression(plain) ? `${plainText(plain.expression)}.${plain.name.text}` : plain.getText();
}

/** What a node assigns: the left side of an assignment, the operand of an update, the head of a loop. Asked of every node. */
export function targetOf(node: ts.Node): ts.Expression | undefined {
  switch (node.kind) {
    case Kind.BinaryExpression: return isAssignment((node as ts.BinaryExpression).operatorToken.kind) ? (node as ts.BinaryExpression).left : undefined;
    case Kind.PrefixUnaryExpression:
    case Kind.PostfixUnaryExpression: return isUpdate((node as ts.PostfixUnaryExpression).operator) ? (node as ts.PostfixUnaryExpression).operand : undefined;
    case Kind.ForInStatement:
    case Kind.ForOfStatement: return headTarget((node as ts.ForInOrOfStatement).initializer);
    default: return undefined;
  }
}

function headTarget(head: ts.ForInitializer): ts.Expression | undefined {
  return ts.isVariableDeclarationList(head) ? undefined : head;
}

/** `f(1)`, `(f)(1)` and `f!(1)` give f no receiver, so `$e.f(1)` would be wrong. */
export function isCallee(node: ts.Expression): boolean {
  const { parent } = node;
  if (isOuter(parent)) return isCallee(parent);
  if (ts.isCallExpression(parent)) return parent.expression === node;
  return ts.isTaggedTemplateExpression(parent) && parent.tag === node;
}

/** `delete o.p`, `delete (o.p)` */
export function isDeleted(node: ts.Expression): boolean {
  const { parent } = node;
  return isOuter(parent) ? isDeleted(parent) : ts.isDeleteExpression(parent);
}

/** `new A(1)`, `new A.B(1)`: `new $.get(A)(1)` would construct `$.get`. */
export function isConstructed(node: ts.Expression): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent)) return parent.expression === node;
  return (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent) || ts.isNonNullExpression(parent)) && parent.expression === node && isConstructed(parent);
}

/** The block after `finally`. */
export function isFinally(node: ts.Node): boolean {
  return ts.isBlock(node) && ts.isTryStatement(node.parent) && node.parent.finallyBlock === node;
}

/** True for a member of a class that exists at run time: no overload, nothing abstract or declared. */
export function isMade(member: ts.ClassElement): boolean {
  if (ts.isIndexSignatureDeclaration(member) || ts.isSemicolonClassElement(member)) return false;
  if (ts.isFunctionLike(member)) return (member as ts.FunctionLikeDeclaration).body !== undefined;
  const modifiers = ts.canHaveModifiers(member) ? ts.getModifiers(member) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword || kind === ts.SyntaxKind.AbstractKeyword) !== true;
}

export function isStatic(member: ts.ClassElement): boolean {
  const modifiers = ts.canHaveModifiers(member) ? ts.getModifiers(member) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
}

/** What a class extends. */
export function baseOf(node: ts.ClassLikeDeclaration): ts.Expression | undefined {
  return node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.expression;
}

/** Whether it can stand as a property's name without quotes. */
export function isIdentifierText(text: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text);
}

/** The key of a member whose name is not computed: `1n` is "1". */
export function keyText(name: Exclude<ts.PropertyName, ts.ComputedPropertyName>): string {
  return ts.isBigIntLiteral(name) ? String(BigInt(name.text.slice(0, -1))) : name.text;
}

/** What of a class is evaluated where it stands, in the order of evaluation: what it extends, its computed keys. */
export function headOf(node: ts.ClassLikeDeclaration): ts.Expression[] {
  const base = baseOf(node);
  const keys = node.members.flatMap((member) => (member.name && ts.isComputedPropertyName(member.name) && isMade(member) ? [member.name.expression] : []));
  return base ? [base, ...keys] : keys;
}

/** `a, b` */
export function isSequence(node: ts.Node): boolean {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === Kind.CommaToken;
}
