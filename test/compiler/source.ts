// What the compiler's tests share: a file around some flows, and running what comes out.

import ts from "typescript";
import { compile, type Compiled, type CompileOptions, type Pass } from "../../compiler/index.ts";
import * as deflow from "../../runtime/index.ts";
import * as internal from "../../runtime/internal.ts";
import { shared } from "../../runtime/realm/shared.ts";

export const imports = 'import { deflow, listen, respond, sleep, step } from "deflow";\n';

/** A module with one flow `f` of this body. */
export function flow(body: string, head = "async function f(a: any)"): string {
  return `${imports}export const f = deflow(${head} {\n${body}\n});\n`;
}

export function compiled(source: string, options: Partial<CompileOptions> = {}): Compiled {
  const result = compile(source, { fileName: "shop.ts", ...options });
  if (result === null) throw new Error("the compiler finds no flow here");
  return result;
}

/** The codes of a file's diagnostics. */
export function codesOf(source: string, options: Partial<CompileOptions> = {}): string[] {
  return compiled(source, options).diagnostics.map(({ code }) => code);
}

/** What one pass prints for each machine it ran on. */
export function after(pass: Pass, source: string, options: Partial<CompileOptions> = {}): string[] {
  const texts: string[] = [];
  compiled(source, { ...options, log: (name, text) => void (name === pass && texts.push(text)) });
  return texts;
}

/** Evaluates the compiled module as CommonJS and gives its exports; `modules` are what it may import besides the package. */
export function load(source: string, options: Partial<CompileOptions> & { readonly modules?: Record<string, unknown> } = {}): Record<string, unknown> {
  const fileName = options.fileName ?? "shop.ts";
  // The tests' files all call their flow `f`; to the registry they would be rivals.
  shared.flows.clear();
  return evaluate(compiled(source, options).code, fileName, { deflow, "deflow/internal": internal, ...options.modules });
}

/** A module's exports, its types stripped. */
export function evaluate(code: string, fileName: string, modules: Record<string, unknown>): Record<string, unknown> {
  const { outputText } = ts.transpileModule(code, {
    fileName,
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, jsx: ts.JsxEmit.React, jsxFactory: "h", experimentalDecorators: true },
  });
  const module = { exports: {} };
  const require = (name: string): unknown => {
    if (!(name in modules)) throw new Error(`the test gives no module ${name}`);
    return modules[name];
  };
  // oxlint-disable-next-line no-new-func -- the module under test
  new Function("module", "exports", "require", outputText)(module, module.exports, require);
  return module.exports;
}
