// What compiling costs beside what TypeScript does with a file anyway: parse it and print it.
//
// The file has a thousand lines and ten flows, as a large hand-written one might. Both sides run in turns within one process; a
// row is the median of its rounds. The map is part of compiling: every adapter asks for it.
//
//   node --import tsx test/bench/compiler.ts

import MagicString from "magic-string";
import ts from "typescript";
import type * as Compiler from "../../compiler/index.ts";
import { interleaved, printed, type Row } from "./row.ts";
import { shipped } from "./shipped.ts";

const { compile } = (await shipped({ compiler: "compiler/index.ts" }))["compiler"] as typeof Compiler;

export function compilerRows(): Row[] {
  const source = thousandLines();
  const lines = source.split("\n").length;
  if (lines < 1_000) throw new Error(`the file has ${lines} lines`);
  const printer = ts.createPrinter();
  const floor = (): unknown => printer.printFile(ts.createSourceFile("shop.ts", source, ts.ScriptTarget.Latest, true));
  const ours = (): unknown => compile(source, { fileName: "shop.ts" })?.map.toString();
  const withoutMap = (): unknown => compile(source, { fileName: "shop.ts" })?.code;
  return [
    interleaved("compile 1,000 lines, ten flows, and map, ms", 3, 31, floor, ours),
    interleaved("the same without the map, ms", 3, 31, floor, withoutMap),
  ];
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
