// `using` for engines that do not parse it: each scope with resources becomes a `try` that disposes in the function itself, as
// ECMA-262 DisposeResources says it. TypeScript and esbuild dispose in a helper that chains promises instead: with them each
// awaited disposal takes some microtasks more than in an engine, and esbuild awaits each null of an `await using`.
//
//   { using a = open(); work(a); }
//   →  { const $u1 = $scope(); try { const a = $use($u1, open(), false); work(a); } catch (e) { $fail($u1, e) } finally { … } }
//
// Two things are not said: the dead zone of a loop's own variable in the head of a `for…of`, and a block in a `case`.

import { Script } from "node:vm";
import ts from "typescript";

/** Where `using` parses, it is left to the engine. */
export function lowerUsing(text: string): string {
  if (!isMentioned(text) || parses()) return text;
  const file = ts.createSourceFile("program.js", text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  return `${helpers}${lowered(file)}`;
}

/** A resource is always declared by a name: `using file = …`. Most mentions of the word are others. */
function isMentioned(text: string): boolean {
  return /\busing\s*(?:\/|[\p{ID_Start}$_\\])/u.test(text);
}

let known: boolean | undefined;

function parses(): boolean {
  if (known !== undefined) return known;
  try {
    known = new Script("async () => { await using x = null; }") instanceof Script;
    return known;
  } catch (error) {
    if (!(error instanceof Error && error.name === "SyntaxError")) throw error;
    return (known = false);
  }
}

const helpers = `
const $scope = () => ({ list: [], failed: false, error: undefined });
const $use = (scope, value, async) => {
  if (value === null || value === undefined) { if (async) scope.list.push({ async }); return value; }
  if (typeof value !== "object" && typeof value !== "function") throw new TypeError("not an object");
  let method = async ? value[Symbol.asyncDispose] : undefined;
  if (method === undefined || method === null) {
    const sync = method = value[Symbol.dispose];
    if (async && typeof sync === "function") method = function () { return new Promise((resolve) => { Reflect.apply(sync, this, []); resolve(); }); };
  }
  if (typeof method !== "function") throw new TypeError("not disposable");
  scope.list.push({ async, value, method });
  return value;
};
const $fail = (scope, e) => {
  if (!scope.failed) scope.error = e;
  else if (typeof SuppressedError === "function") scope.error = new SuppressedError(e, scope.error);
  else {
    const hidden = (value) => ({ value, writable: true, configurable: true });
    scope.error = Object.defineProperties(new Error("An error was suppressed during disposal"), { name: hidden("SuppressedError"), error: hidden(e), suppressed: hidden(scope.error) });
  }
  scope.failed = true;
};
`.replaceAll("\n", " ");

/** What `finally` does; written out in each function, because only its own `await` takes as long as the engine's. */
function disposal(name: string, async: boolean): string {
  const dispose = `try { const $w = Reflect.apply($r.method, $r.value, []);${async ? " if ($r.async) { $waited = true; await $w; }" : ""} } catch ($x) { $fail(${name}, $x); }`;
  const rethrow = `if (${name}.failed) throw ${name}.error;`;
  if (!async) return `for (const $r of ${name}.list.reverse()) ${dispose} ${rethrow}`;
  const nulls = `if (!$r.async && $needs && !$waited) { await undefined; $needs = false; } if ($r.method === undefined) { $needs = true; continue; }`;
  return `let $needs = false, $waited = false; for (const $r of ${name}.list.reverse()) { ${nulls} ${dispose} } if ($needs && !$waited) await undefined; ${rethrow}`;
}

/** The source of a node with everything inside it lowered. */
function lowered(node: ts.Node): string {
  const text = node.getText();
  if (!isMentioned(text)) return text;
  if (ts.isBlock(node)) return block(node);
  if (ts.isLabeledStatement(node) || ts.isForStatement(node)) return countedLoop(node) ?? copied(node);
  if (ts.isForOfStatement(node)) return loopOver(node);
  return copied(node);
}

function copied(node: ts.Node, other: (child: ts.Node) => string | undefined = () => undefined): string {
  const text = node.getSourceFile().text;
  let out = "";
  let at = node.getStart();
  ts.forEachChild(node, (child) => {
    out += text.slice(at, child.getStart()) + (other(child) ?? lowered(child));
    at = child.end;
  });
  return out + text.slice(at, node.end);
}

let scopes = 0;

function scope(lists: readonly ts.VariableDeclarationList[], inside: (name: string) => string): string {
  const name = `$u${++scopes}`;
  return `const ${name} = $scope(); try { ${inside(name)} } catch ($x) { $fail(${name}, $x); } finally { ${disposal(name, lists.some(isAwait))} }`;
}

function block(node: ts.Block): string {
  const lists = node.statements.flatMap((s) => (ts.isVariableStatement(s) && isUsing(s.declarationList) ? [s.declarationList] : []));
  if (lists.length === 0) return copied(node);
  return `{ ${scope(lists, (name) => node.statements.map((s) => (ts.isVariableStatement(s) && isUsing(s.declarationList) ? `${declaration(s.declarationList, name)};` : lowered(s))).join("\n"))} }`;
}

function declaration(list: ts.VariableDeclarationList, name: string): string {
  return `const ${list.declarations.map((d) => `${d.name.getText()} = $use(${name}, ${d.initializer ? lowered(d.initializer) : ""}, ${String(isAwait(list))})`).join(", ")}`;
}

/** `for (using a = …; …; …)`, with its labels: the resources stand before the loop. */
function countedLoop(node: ts.LabeledStatement | ts.ForStatement): string | undefined {
  let loop: ts.Statement = node;
  while (ts.isLabeledStatement(loop)) loop = loop.statement;
  if (!ts.isForStatement(loop) || loop.initializer === undefined || !isUsingHead(loop.initializer)) return undefined;
  const head = loop.initializer;
  const labels = node.getText().slice(0, loop.getStart() - node.getStart());
  return `{ ${scope([head], (name) => `${declaration(head, name)}; ${labels}${copied(loop, (child) => (child === head ? "" : undefined))}`)} }`;
}

/** `for (using a of …)`: each round is a scope. */
function loopOver(node: ts.ForOfStatement): string {
  const { initializer: head, statement } = node;
  if (!isUsingHead(head)) return copied(node);
  const variable = head.declarations[0]?.name.getText() ?? "";
  const round = scope([head], (name) => `const ${variable} = $use(${name}, $value, ${String(isAwait(head))}); ${lowered(statement)}`);
  return copied(node, (child) => (child === head ? "const $value" : child === statement ? `{ ${round} }` : undefined));
}

function isUsing({ flags }: ts.VariableDeclarationList): boolean {
  const kind = flags & ts.NodeFlags.BlockScoped;
  return kind === ts.NodeFlags.Using || kind === ts.NodeFlags.AwaitUsing;
}

function isUsingHead(node: ts.ForInitializer): node is ts.VariableDeclarationList {
  return ts.isVariableDeclarationList(node) && isUsing(node);
}

function isAwait({ flags }: ts.VariableDeclarationList): boolean {
  return (flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.AwaitUsing;
}
