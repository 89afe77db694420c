// What compiling costs beside what TypeScript does with a file anyway: parse it and print it.
//
// The file has a thousand lines and ten flows, as a large hand-written one might. Both sides run in turns within one process; a
// row is the median of its rounds; that of the longest flow, whose rounds take more than a second, the least of each side. The map is
// part of compiling: every adapter asks for it; what TypeScript prints has none.
//
// By tsc means: a program of this one file, emitted through the transformer, with tsc's map; types are not checked. That is tsc's own
// parse, bind, transform and print, which alone take four times a parse and a print and are the floor of that row, and between them
// compiling, and parsing and grafting what was compiled.
//
//   node --import tsx test/bench/compiler.ts

import MagicString from "magic-string";
import ts from "typescript";
import type * as Transformer from "../../compiler/adapters/transformer.ts";
import type * as Compiler from "../../compiler/index.ts";
import { interleaved, leastInterleaved, printed, type Row } from "./row.ts";
import { shipped } from "./shipped.ts";

const modules = await shipped({ compiler: "compiler/index.ts", transformer: "compiler/adapters/transformer.ts" });
const { compile } = modules["compiler"] as typeof Compiler;
const { default: transformProgram } = modules["transformer"] as typeof Transformer;

export function compilerRows(): Row[] {
  const source = thousandLines();
  const lines = source.split("\n").length;
  if (lines < 1_000) throw new Error(`the file has ${lines} lines`);
  const printer = ts.createPrinter();
  const floor = (): unknown => printer.printFile(ts.createSourceFile("shop.ts", source, ts.ScriptTarget.Latest, true));
  const ours = (): unknown => compile(source, { fileName: "shop.ts" })?.map.toString();
  const withoutMap = (): unknown => compile(source, { fileName: "shop.ts" })?.code;
  const emitted = (): unknown => emit(transformProgram(program(source), undefined, undefined, { ts }));
  return [
    interleaved("compile 1,000 lines, ten flows, and map, ms", 2, 31, floor, ours),
    interleaved("the same without the map, ms", 2, 31, floor, withoutMap),
    interleaved("the same file by tsc and the transformer, beside tsc alone, ms", 4, 31, () => emit(program(source)), emitted),
    linearRow(),
  ];
}

const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, isolatedModules: true, sourceMap: true, noLib: true, noResolve: true, types: [] };

function program(source: string): ts.Program {
  const host: ts.CompilerHost = {
    getSourceFile: (name, version) => ts.createSourceFile(name, source, version),
    getDefaultLibFileName: () => "lib.d.ts",
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: (name) => name === "/shop.ts",
    readFile: () => undefined,
    writeFile: () => {},
  };
  return ts.createProgram(["/shop.ts"], options, host);
}

function emit(of: ts.Program): Map<string, string> {
  const written = new Map<string, string>();
  of.emit(undefined, (name, text) => written.set(name, text));
  if (written.size !== 2) throw new Error(`tsc wrote ${[...written.keys()].join(", ")}`);
  return written;
}

/** As many statements in one flow as in ten files: the ratio is what a statement costs more in the long flow. */
function linearRow(): Row {
  const [long, short] = [`${head}${flow(0, 1_000)}`, `${head}${flow(0, 100)}`];
  const times = Math.round(statements(long) / statements(short));
  if (statements(long) < 10_000 || statements(short) < 1_000) throw new Error(`${statements(long)} and ${statements(short)} statements`);
  const map = (source: string): unknown => compile(source, { fileName: "shop.ts" })?.map.toString();
  return leastInterleaved("a flow of 10,000 statements beside ten of 1,000, ms", 1.5, () => Array.from({ length: times }, () => map(short)), () => map(long));
}

function statements(source: string): number {
  let count = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isStatement(node) && !ts.isBlock(node)) count++;
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("shop.ts", source, ts.ScriptTarget.Latest));
  return count;
}

/** One `snip` per slice against the list of pieces, on one flow of a thousand lines. */
export function pieceRow(): Row {
  const source = `${head}${flow(0, 100)}`;
  const pieces = compile(source, { fileName: "shop.ts" })?.pieces ?? [];
  const joined = (): unknown => pieces.map((piece) => (piece.from < 0 ? piece.text : source.slice(piece.from, piece.from + piece.text.length))).join("");
  const snipped = (): unknown => {
    const whole = new MagicString(source);
    return pieces.map((piece) => (piece.from < 0 ? piece.text : whole.snip(piece.from, piece.from + piece.text.length).toString())).join("");
  };
  return interleaved(`${pieces.filter((piece) => piece.from >= 0).length} slices by snip instead of pieces, ms`, Infinity, 5, joined, snipped);
}

const head = 'import { deflow, listen, respond, step } from "deflow";\nimport { audit, bank, decision, type Order, price } from "./shop.ts";\n';

function thousandLines(): string {
  return head + Array.from({ length: 10 }, (_, i) => flow(i, 10)).join("\n");
}

function flow(n: number, blocks: number): string {
  return `export const flow${n} = deflow(async function flow${n}(order: Order, limit: number = 100) {
  let total = 0;
  const add = (amount: number): number => (total += amount);
${Array.from({ length: blocks }, (_, i) => block(n * blocks + i)).join("\n")}
  return { total, limit };
});
`;
}

function block(i: number): string {
  return `  for (const line of order.lines) {
    // What is in stock is priced at once.
    if (!line.stock || line.count > limit + ${i}) continue;
    try {
      const amount: number = await price(line.id, { currency: "EUR", rate: order.rate ?? 1 });
      add(amount * line.count);
    } catch (error) {
      respond({ type: "problem", id: line.id, error });
      if (!(await listen(decision)).ok) return { total, limit: ${i} };
    }
  }
  await step("audit ${i}", ({ key }) => audit(order.id, { key, total }));`;
}

if (process.argv[1] !== undefined && import.meta.filename === process.argv[1]) printed([...compilerRows(), pieceRow()]);
