// What editors show at an `await` of a flow that is no expression; over tsserver, and with types of libraries: test/toolchains/editor.test.ts.

import ts from "typescript";
import { expect, test } from "vitest";
import languageService from "../../compiler/adapters/language-service.ts";

const source = `import { deflow, listen } from "deflow";
interface Durable<T> extends Promise<T> {}
export const g = deflow(async (asked: Durable<number>[]) => {
  for await (const answer of asked) void answer;
});
export const f = deflow(async function f(xs: AsyncIterable<number>, open: () => AsyncDisposable) {
  let n = 0;
  for await (const x of xs) {
    n += x;
    if (n > 9) break;
  }
  {
    const first = n;
    await using lock = open();
    await using other = open();
    await listen("go");
    n += first;
  }
  for (await using each of [open()]) n++;
  return n;
});
`;
const files: Record<string, string> = { "/f.ts": source, "/lib.d.ts": "interface Array<T> { length: number }\ninterface Promise<T> {}\n" };
const host: ts.LanguageServiceHost = {
  getScriptFileNames: () => Object.keys(files), getScriptVersion: () => "1", getCurrentDirectory: () => "/", getDefaultLibFileName: () => "",
  getCompilationSettings: () => ({ noResolve: true, noLib: true, types: [] }),
  getScriptSnapshot: (name) => (name in files ? ts.ScriptSnapshot.fromString(files[name] ?? "") : undefined),
  readFile: (name) => files[name], fileExists: (name) => name in files,
};
const service = languageService({ typescript: ts }).create({ languageService: ts.createLanguageService(host), project: { getCurrentDirectory: () => "/" } });

/** What is shown at the word `await` of a text, and how it is said to wait. */
function shown(text: string): { text: string | undefined; told: string | undefined } {
  const { displayParts, documentation, textSpan } = service.getQuickInfoAtPosition("/f.ts", source.indexOf(text) + text.indexOf("await") + 2) ?? {};
  if (textSpan !== undefined) expect(source.slice(textSpan.start, textSpan.start + textSpan.length)).toBe("await");
  return { text: displayParts?.map((part) => part.text).join(""), told: documentation?.map((part) => part.text).join("") };
}

test("for await: what is kept between two rounds", () => {
  const { text, told } = shown("for await (const x");
  expect(text).toMatch(/^await for-await~\w+\nkept: \{\n {2}open: \(\) => AsyncDisposable;\n {2}n: number;\n {2}\(where the loop is\);\n\}$/);
  expect(told).toBe("Each round awaits here: stored with what is kept, if that is durable.");
});

test("for await over what is surely durable", () => expect(shown("for await (const answer").told).toBe("The run stops here, and is stored with what is kept."));

test.each(["await using lock", "await using other"])("%s: what is kept while the end of its block disposes of it", (word) => {
  const { text, told } = shown(word);
  expect(text).toMatch(/^await dispose~\w+\nkept: \{\n {2}open: .*\n {2}n: number;\n {2}\(what is to be disposed of\);\n {2}\(how it is left\);\n\}$/);
  expect(told).toBe("The end of the block awaits what it disposes of: stored with what is kept, if that is durable.");
});

test("in the head of a loop", () => expect(shown("(await using each").text).toMatch(/^await dispose~/));

test("an awaited expression among them", () => {
  expect(shown('await listen("go")').text).toMatch(/^await listen:go\nkept: \{[^]*first: number;[^]*\(what is to be disposed of\);/);
});

test("two entries tell each diagnostic once", () => {
  const plain = ts.createLanguageService({ ...host, getScriptFileNames: () => ["/bad.ts"], ...reading("/bad.ts", 'import { deflow, step } from "deflow";\nexport const f = deflow(async () => {\n  let n = 0;\n  await step(() => { n++; });\n});\n') });
  const project = { getCurrentDirectory: () => "/" };
  const plugin = languageService({ typescript: ts });
  const once = plugin.create({ languageService: plain, project });
  const twice = plugin.create({ languageService: once, project, config: { any: true } });
  const ours = (by: ts.LanguageService): number[] => by.getSemanticDiagnostics("/bad.ts").filter(({ source: from }) => from === "deflow").map(({ code }) => code);
  expect([ours(once), ours(twice)]).toEqual([[990_106], [990_106]]);
});

function reading(name: string, text: string): Pick<ts.LanguageServiceHost, "getScriptSnapshot" | "readFile" | "fileExists"> {
  return { getScriptSnapshot: (asked) => (asked === name ? ts.ScriptSnapshot.fromString(text) : undefined), readFile: (asked) => (asked === name ? text : undefined), fileExists: (asked) => asked === name };
}
