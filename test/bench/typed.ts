// What types tell costs beside tsc's own check of the same file, and whether a long flow costs more by the statement than short ones. Each
// round has a new program, so that nothing is known before; the libraries are parsed once for all.
//
//   npm run bench typed

import { join } from "node:path";
import ts from "typescript";
import type * as Compiler from "../../compiler/index.ts";
import type * as Typed from "../../compiler/typed/check.ts";
import { type Row, rowOf, timed } from "./row.ts";
import { shipped } from "./shipped.ts";

const modules = await shipped({ compiler: "compiler/index.ts", typed: "compiler/typed/check.ts" });
const { compile } = modules["compiler"] as typeof Compiler;
const { typedCheck } = modules["typed"] as typeof Typed;

const rounds = 5;
const root = join(import.meta.dirname, "../..");
const long = join(root, "long.ts");
const short = join(root, "short.ts");

export function typedRows(): Row[] {
  const texts = new Map([[long, `${head}${flow(0, 1_000)}`], [short, head + Array.from({ length: 10 }, (_, i) => flow(i, 100)).join("\n")]]);
  const host = hostOf(texts);
  const beside: [number, number][] = [];
  const byLength: [number, number][] = [];
  for (let round = 0; round <= rounds; round++) {
    const program = ts.createProgram([long, short], options, host);
    const check = typedCheck(ts, program);
    const once = (name: string): { tsc: number; ours: number } => {
      const file = program.getSourceFile(name) as ts.SourceFile;
      const compiled = compile(file.text, { fileName: name });
      return { tsc: timed(() => program.getSemanticDiagnostics(file)), ours: timed(() => check(file, compiled)) };
    };
    // The short ones first: whoever comes first pays for what both have in common.
    const [ten, one] = [once(short), once(long)];
    if (round === 0) continue;
    beside.push([one.tsc, one.tsc + one.ours]);
    byLength.push([ten.ours, one.ours]);
  }
  return [
    rowOf("tsc's check of 10,000 statements and what types tell, beside tsc's alone, ms", 1.25, beside),
    rowOf("what types tell of a flow of 10,000 statements beside ten of 1,000, ms", 1.5, byLength),
  ];
}

const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(join(root, "tsconfig.json"), (file) => ts.sys.readFile(file)).config, ts.sys, root);

function hostOf(texts: ReadonlyMap<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  const libraries = new Map<string, ts.SourceFile | undefined>();
  host.fileExists = (name) => texts.has(name) || fileExists.call(host, name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = texts.get(name);
    if (text !== undefined) return ts.createSourceFile(name, text, version);
    if (!libraries.has(name)) libraries.set(name, getSourceFile.call(host, name, version, ...rest));
    return libraries.get(name);
  };
  return host;
}

const head = `import { context, deflow, listen, respond, step } from "deflow";
interface Line { id: string; stock: boolean; count: number }
declare function audit(id: string, what: object): Promise<void>;
declare function price(id: string, how: object): Promise<number>;
const decision = context<{ ok: boolean }>("decision");
`;

function flow(n: number, blocks: number): string {
  return `export const flow${n} = deflow(async function flow${n}(order: { id: string; lines: Line[] }, limit: number) {
  let total = 0;
  const add = (amount: number): number => (total += amount);
${Array.from({ length: blocks }, (_, i) => block(i)).join("\n")}
  return { total, limit };
});
`;
}

function block(i: number): string {
  return `  const kept${i} = { limit, lines: order.lines };
  for (const line of kept${i}.lines) {
    if (!line.stock || line.count > limit + ${i}) continue;
    try {
      const amount = await price(line.id, { currency: "EUR" });
      add(amount * line.count);
    } catch (error) {
      respond({ type: "problem", id: line.id, error });
      if (!(await listen(decision)).ok) return { total, limit: ${i} };
    }
  }
  await step("audit ${i}", ({ key }) => audit(order.id, { key, kept: kept${i} }));`;
}
