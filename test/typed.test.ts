// What types tell of flows, by fixture: one program of all that need types. UPDATE=1 writes the reports anew. And what they must not tell: programs
// of the corpus, which are stored at each stop, hold nothing that cannot be kept.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import older from "typescript-5.9";
import { expect, test } from "vitest";
import { compile } from "../compiler/index.ts";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { report } from "../compiler/report.ts";
import { typedCheck } from "../compiler/typed/check.ts";
import { asModule } from "./conformance/program.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const errors = `${root}fixtures/errors/`;
const names = readdirSync(errors).filter((name) => /^DF5|-by-types$/.test(name));

const pathOf = (name: string): string => `${errors}${name}/input.ts`;
const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(`${root}tsconfig.json`, (file) => ts.sys.readFile(file)).config, ts.sys, root);
const built = `${root}fixtures/output/approval/_expected.ts`;
const program = ts.createProgram([...names.map(pathOf), built], { ...options, noUnusedLocals: false, noUnusedParameters: false });
const [check, checkAny] = [typedCheck(ts, program), typedCheck(ts, program, { any: true })];

function found(name: string, by = check): readonly Diagnostic[] {
  const file = program.getSourceFile(pathOf(name)) as ts.SourceFile;
  return by(file, compile(file.text, { fileName: "input.ts" }));
}

test.each(names)("%s", (name) => {
  const source = readFileSync(pathOf(name), "utf8");
  const told = found(name, name.startsWith("DF503") ? checkAny : check);
  const text = `${told.map((d) => report(d, source, "input.ts")).join("\n\n")}\n`;
  const expected = `${errors}${name}/_expected.txt`;
  if (process.env["UPDATE"]) writeFileSync(expected, text);
  expect(text).toBe(readFileSync(expected, "utf8"));
  expect(told.map(({ code }) => code)).toContain(name.slice(0, 5));
});

test("locals of type any are told of on request alone", () => {
  expect(found("DF503")).toEqual([]);
});

test("nothing is told of what a build wrote", () => {
  const file = program.getSourceFile(built) as ts.SourceFile;
  expect(file.text).toContain("deflow/internal");
  expect(check(file, compile(file.text, { fileName: built }))).toEqual([]);
});

test("the fixtures are programs without errors of types", () => {
  const told = names.flatMap((name) => program.getSemanticDiagnostics(program.getSourceFile(pathOf(name))).map(({ messageText, start }) => `${name} ${start}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`));
  expect(told).toEqual([]);
});

test("another TypeScript than the compiler's, whose numbers are others, tells the same", () => {
  const api = older as unknown as typeof ts;
  const theirs = api.createProgram(names.map(pathOf), { ...options, noUnusedLocals: false, noUnusedParameters: false });
  const by = typedCheck(api, theirs);
  for (const name of names) {
    const file = theirs.getSourceFile(pathOf(name)) as ts.SourceFile;
    expect(by(file, compile(file.text, { fileName: "input.ts" })), name).toEqual(found(name));
  }
});

test("of programs that are stored at each stop nothing is told that cannot be kept", () => {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  const texts = new Map([[`${hazards}globals.d.ts`, globals]]);
  for (const theme of ["calls", "closures", "combinators", "deferreds", "promises", "strands"]) {
    for (const name of readdirSync(hazards + theme)) texts.set(`${hazards}${theme}/${name.replace(/js$/, "ts")}`, asModule({ text: readFileSync(`${hazards}${theme}/${name}`, "utf8") }));
  }
  host.getSourceFile = (name, version, ...rest) => {
    const text = texts.get(name);
    return text === undefined ? getSourceFile.call(host, name, version, ...rest) : ts.createSourceFile(name, text, version);
  };
  const corpus = ts.createProgram([...texts.keys()], options, host);
  const by = typedCheck(ts, corpus);
  const told = [...texts].flatMap(([name, text]) => (name.endsWith(".d.ts") || crashing.test(name) ? [] : by(corpus.getSourceFile(name) as ts.SourceFile, compile(text, { fileName: name })).map(({ code, message }) => `${name} ${code}: ${message}`)));
  expect(texts.size).toBeGreaterThan(100);
  expect(told.filter((line) => / DF50[123]: /.test(line))).toEqual([]);
});

const hazards = `${root}fixtures/hazards/`;
const globals = 'declare function L(value?: unknown): import("deflow").Durable<any>; declare const LX: typeof L; declare function T(value: unknown): void; declare function FUEL(): void;\n';
/** TypeScript's own check of it ends in an assertion of TypeScript's. */
const crashing = /thenable-everywhere/;

test("a file may be nested deeper than the stack is", () => {
  const text = `import { deflow, sleep } from "deflow";\nexport const f = deflow(async (n: number) => {\n  const sum = ${Array(20_000).fill("n").join(" + ")};\n  sleep(1);\n  return sum;\n});\n`;
  expect(toldOf(text)).toEqual(["DF506"]);
});

/** Twice the lines are looked at not much more than twice as often. */
test.each<readonly [string, readonly string[], (lines: number) => string]>([
  ["constants that refer to the one before them", ["DF501"], (lines) => flowWith("const q0 = table();", lines, (i) => `const q${i + 1} = n ? q${i} : q${i}.left ?? q${i};`, `await sleep(1);\n  return q${lines}.size();`)],
  ["promises that refer to the one before them", [], (lines) => flowWith("const p0 = table().load();", lines, (i) => `const p${i + 1} = n ? p${i} : p${i};`, `return await p${lines};`)],
  ["operations of ordinary code", ["DF505"], (lines) => `import { sleep } from "deflow";\nexport async function f(n: number) {\n${"  sleep(n);\n".repeat(lines * 10)}  await n;\n  sleep(n);\n}\n`],
])("many %s", (_, codes, textOf) => {
  const countOf = (lines: number): number => {
    let count = 0;
    const api = new Proxy(ts, { get: (target, key) => (count++, target[key as keyof typeof ts]) });
    expect(toldOf(textOf(lines), api)).toEqual(codes);
    return count;
  };
  expect(countOf(10) / countOf(5)).toBeLessThan(3);
});

function flowWith(first: string, lines: number, line: (i: number) => string, last: string): string {
  return `import { deflow, sleep } from "deflow";\ninterface Q { left?: Q; size(): number; load(): Promise<number> }\ndeclare function table(): Q;\nexport const f = deflow(async (n: number) => {\n  ${first}\n${Array.from({ length: lines }, (_, i) => `  ${line(i)}\n`).join("")}  ${last}\n});\n`;
}

/** The codes that are told of one file without a library. */
function toldOf(text: string, api = ts): string[] {
  const host = ts.createCompilerHost({});
  host.getSourceFile = (name, version) => (name === "deep.ts" ? ts.createSourceFile(name, text, version) : name === "package/deflow.d.ts" ? ts.createSourceFile(name, stub, version) : undefined);
  const deep = ts.createProgram(["deep.ts", "package/deflow.d.ts"], { noLib: true, types: [] }, host);
  return typedCheck(api, deep)(deep.getSourceFile("deep.ts") as ts.SourceFile, compile(text, { fileName: "deep.ts" })).map(({ code }) => code);
}

const stub = `interface Promise<T> {}
declare module "deflow" {
  export interface Durable<T> extends Promise<T> {}
  export function deflow<F>(fn: F): F;
  export function sleep(duration: number): Durable<void>;
}
`;
