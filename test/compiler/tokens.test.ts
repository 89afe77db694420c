// Exact source maps: what a debugger, a profiler and a stack trace are told of every token, over the flows of this repository
// and programs of each theme of the corpus.

import { readdirSync, readFileSync } from "node:fs";
import { SourceMap as NodeMap } from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";
import * as deflow from "deflow";
import { begin, type Flow } from "deflow";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { compile, type Compiled } from "../../compiler/index.ts";
import { sourceMap } from "../../compiler/map.ts";
import { everyNode } from "../../compiler/walk.ts";
import * as internal from "../../runtime/internal.ts";
import { shared } from "../../runtime/realm/shared.ts";
import { asModule, loadSuite } from "../conformance/program.ts";
import { compiled } from "./source.ts";
import { check, type Checked, type Token } from "./tokens.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");

const Kind = ts.SyntaxKind;

/** Names, literals, templates, and the operators of expressions: what is executed. The rest is keywords and punctuation. */
function isExecuted({ node }: Token): boolean {
  const { kind, parent } = node;
  if (kind >= Kind.FirstLiteralToken && kind <= Kind.LastTemplateToken) return true;
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) return true;
  if (kind === Kind.ThisKeyword || kind === Kind.SuperKeyword || kind === Kind.TrueKeyword || kind === Kind.FalseKeyword || kind === Kind.NullKeyword) return true;
  if (ts.isBinaryExpression(parent)) return parent.operatorToken === node;
  return ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent) || ts.isNewExpression(parent) && kind === Kind.NewKeyword;
}

function stops(node: ts.Node): boolean {
  let found = false;
  everyNode(node, (part) => void (found ||= ts.isAwaitExpression(part) || ts.isYieldExpression(part)));
  return found;
}

/** All that is not in the output as itself, and what stands there instead. */
const rewritten: Record<string, (node: ts.Node, parent: ts.Node) => boolean> = {
  "the name of a function: in the meta data of its machine, or given by the literal around it": (node, parent) => ts.isFunctionLike(parent) && parent.name === node,
  "a label: jumps are by number": (_, parent) => ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent),
  "a comma whose left side stops: two statements": (node, parent) => node.kind === Kind.CommaToken && ts.isBinaryExpression(parent) && stops(parent.left),
  "`new.target`: the machine's own": (_, parent) => ts.isMetaProperty(parent),
  "an operator whose right side stops: a branch or an assignment of the machine": (_, parent) => ts.isBinaryExpression(parent) && stops(parent.right),
  "`new` with arguments that stop: a call of the runtime": (node, parent) => node.kind === Kind.NewKeyword && stops(parent),
  "the strings of a tagged template: declared beside the flow": (node) =>
    node.kind >= Kind.FirstTemplateToken && node.kind <= Kind.LastTemplateToken && isStrings(node),
  "the key of a pattern that stops: an argument of the runtime": (node, parent) => ts.isPropertyAssignment(parent) && parent.name === node && stops(parent),
  "a key or `=` of an assignment whose pattern stops: reads and assignments of the machine": (node, parent) =>
    (ts.isBinaryExpression(parent) || ts.isPropertyAssignment(parent) && parent.name === node) && ts.findAncestor(node, isAssignedPatternThatStops) !== undefined,
  "the type of `this`": (node, parent) => ts.isParameter(parent) && parent.name === node && node.getText() === "this",
  "the iterator of a collection that a loop walks: a cursor": (node, parent) => ts.isPropertyAccessExpression(parent) && parent.name === node && /^(entries|keys|values)$/.test(node.getText()),
  "what stands behind a jump": (node) => ts.findAncestor(node, (up) => isBehindJump(up)) !== undefined,
};

function isAssignedPatternThatStops(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== Kind.EqualsToken) return false;
  return (ts.isArrayLiteralExpression(node.left) || ts.isObjectLiteralExpression(node.left)) && stops(node.left);
}

function isStrings(node: ts.Node): boolean {
  const template = ts.isTemplateHead(node) ? node.parent : ts.isTemplateSpan(node.parent) ? node.parent.parent : node;
  return ts.isTaggedTemplateExpression(template.parent);
}

function isBehindJump(node: ts.Node): boolean {
  if (!ts.isStatement(node) || !ts.isBlock(node.parent)) return false;
  const { statements } = node.parent;
  return statements.slice(0, statements.indexOf(node)).some((before) => ts.isBreakOrContinueStatement(before) || ts.isReturnStatement(before) || isEndless(before));
}

/** `loop: while (true) switch (…) { case 1: break loop; default: continue loop }` and a statement behind the switch. */
function isEndless(node: ts.Statement): boolean {
  return ts.isSwitchStatement(node) && node.caseBlock.clauses.every(({ statements: [first] }) => first !== undefined && ts.isBreakOrContinueStatement(first) && first.label !== undefined);
}

function unexplained({ lost }: Checked): string[] {
  return lost
    .filter((token) => isExecuted(token) && !Object.values(rewritten).some((explains) => explains(token.node, token.node.parent)))
    .map(({ text, node }) => `${text} of ${node.parent.getText()}`);
}

function expectExact(text: string, fileName: string, result: Compiled = compiled(text, { fileName })): Checked {
  const checked = check(text, fileName, result);
  expect(checked.complaints).toEqual([]);
  expect(unexplained(checked)).toEqual([]);
  return checked;
}

const flows = readdirSync(`${root}fixtures/flows`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const outputs = readdirSync(`${root}fixtures/output`).filter((name) => name !== "refused");
const files = [...flows.map(({ name }) => `fixtures/flows/${name}/flow.ts`), ...outputs.map((name) => `fixtures/output/${name}/input.ts`), "examples/approval/src/flow.ts"];

test.each(files)("%s", (path) => {
  expect(expectExact(read(path), "flow.ts").copied).toBeGreaterThan(20);
});

/** Of each theme the first, the middle and the last program that are compiled. */
const sample = new Map<string, { readonly id: string; readonly text: string; readonly result: Compiled }[]>();
for (const program of loadSuite(`${root}fixtures/hazards`)) {
  const [theme = ""] = program.id.split("/");
  const text = asModule(program);
  const result = compile(text, { fileName: "program.js" });
  if (result && result.diagnostics.length === 0) sample.set(theme, [...(sample.get(theme) ?? []), { id: program.id, text, result }]);
}

test.each([...sample.keys()])("programs of the corpus: %s", (theme) => {
  const programs = sample.get(theme) ?? [];
  for (const at of new Set([0, programs.length >> 1, programs.length - 1])) {
    const program = programs[at];
    if (program) expectExact(program.text, "program.js", program.result);
  }
});

test("each reason why a token is not in the output is needed", () => {
  const lost = [...sample.values()].flat().filter(({ id }) => /^(labels|destructuring|order|spill|calls|classes|iterators|templates|generators\/yield)/.test(id)).flatMap(({ text, result }) => check(text, "program.js", result).lost);
  const typed = check(read("fixtures/flows/R21-stop-in-nested-functions/flow.ts"), "flow.ts", compiled(read("fixtures/flows/R21-stop-in-nested-functions/flow.ts")));
  const all = [...lost, ...typed.lost].filter(isExecuted);
  const unused = Object.entries(rewritten).filter(([, explains]) => !all.some(({ node }) => explains(node, node.parent)));
  expect(unused.map(([reason]) => reason)).toEqual([]);
});

describe("files as editors on other systems save them", () => {
  const text = read("fixtures/flows/D4-approval-and-batches/flow.ts");
  test.each([
    ["lines ended by CR and LF", text.replaceAll("\n", "\r\n")],
    ["lines ended by CR alone", text.replaceAll("\n", "\r")],
    ["tabs", text.replaceAll("  ", "\t")],
    ["a separator of lines between statements", text.replaceAll(";\n", ";\u2028")],
  ])("%s", (_, saved) => {
    expect(saved).not.toBe(text);
    expect(expectExact(saved, "flow.ts").copied).toBe(expectExact(text, "flow.ts").copied);
  });
});

test("columns count UTF-16 units, whatever stands before", () => {
  expectExact(
    `import { deflow, listen } from "deflow";
export const größe = deflow(async function größe(préis: number, 𝒳: string) {
  const été = "😀 \u2028 é", ß = préis + 1, \\u0061b = /[é😀]\\/"/u, 名前 = \`a\u2029b \${ß} 😀\`; // 😀
  const ñ = "😀" + await listen("é") + "😀" + 𝒳; /* \u2028 */ const ö = { "ключ": été, ñ, ß }, \u{1D4B4} = -ß;
  return [ö, "a\\
b", 名前, ab, \u{1D4B4}, await listen("x")];
});
`, "größe.ts");
});

describe("the check can fail", () => {
  const text = read("fixtures/flows/D3-orders/flow.ts");
  const { code, map, pieces } = compiled(text);

  test("a map that is one column off", () => {
    const { complaints, copied } = check(text.replaceAll("\n", "\n "), "shop.ts", { code, map, pieces });
    expect(complaints.length).toBeGreaterThan(copied * 0.9);
  });

  test("a map without the longest slice of the flow", () => {
    const longest = Math.max(...pieces.map((piece) => (piece.from > text.indexOf("deflow(") ? piece.text.length : 0)));
    const without = pieces.map((piece) => (piece.from >= 0 && piece.text.length === longest ? { ...piece, from: -1, anchor: -1 } : piece));
    const checked = check(text, "shop.ts", { code, pieces, map: sourceMap(without, text, "shop.ts") });
    expect(checked.complaints).not.toEqual([]);
    expect(unexplained(checked)).not.toEqual([]);
  });
});

// The engine counts lines by what ends one in the language: by LF alone, everything behind such a string was a line too high.
test.each(["\n", "\r\n", "\r", "\u2028"])("the place where V8 throws leads to the source, lines ended by %j", async (end) => {
  const text = ['const { deflow } = require("deflow");', 'exports.f = deflow(async function f() { const s = "\u2028";', "  await s;", "  null[s];", "});"].join(end);
  const result = compiled(text, { fileName: "thrown.js" });
  const exports: { f?: Flow<[], unknown> } = {};
  shared.flows.clear();
  compileFunction(result.code, ["require", "exports"], { filename: "thrown.js" })((name: string) => (name === "deflow" ? deflow : internal), exports);
  const turn = await begin(exports.f as Flow<[], unknown>, []);
  const [, line, column] = /thrown\.js:(\d+):(\d+)/.exec(turn.status === "failed" ? turn.error.stack ?? "" : "") ?? [];
  const { originalLine, originalColumn } = new NodeMap(JSON.parse(result.map.toString()) as never).findEntry(Number(line) - 1, Number(column) - 1) as { originalLine: number; originalColumn: number };
  expect([originalLine, originalColumn]).toEqual([4, "  null".length]);
});
