// Each page shows the program that the test beside it runs, names only options that there are, and leads to pages that there are.
// UPDATE=1 copies the programs into their pages.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const here = new URL(".", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, here), "utf8");

const blocksIn = (text: string): string[] => [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, block]) => block as string);
const linksIn = (text: string): string[] => [...text.matchAll(/\]\(([^)#\s]+)\)/g)].map(([, link]) => link as string).filter((link) => !link.includes("://"));
/** Larger examples have a shape of their own. */
const [list = "", larger = ""] = read("README.md").split("**Larger ones**");
const pages = linksIn(list);

const withoutIndent = (text: string): string => text.replaceAll(/^ +/gm, "");

/** The names of an interface's members, or of those that stand in a type. */
function membersOf(name: string, path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const names: string[] = [];
  for (const statement of file.statements) {
    if (!(ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) || statement.name.text !== name) continue;
    const visit = (node: ts.Node): void => {
      if ((ts.isPropertySignature(node) || ts.isMethodSignature(node)) && ts.isIdentifier(node.name)) names.push(node.name.text);
      ts.forEachChild(node, visit);
    };
    visit(statement);
  }
  return names;
}

describe.each(pages)("%s", (name) => {
  const page = read(`${name}/README.md`);

  it("shows its program, and excerpts of its test", () => {
    const files = readdirSync(new URL(name, here)).filter((file) => file.endsWith(".ts"));
    const [source, ...more] = files.filter((file) => !file.endsWith(".test.ts"));
    expect([more, files.length]).toEqual([[], 2]);
    const program = read(`${name}/${source}`);
    if (process.env["UPDATE"]) writeFileSync(new URL(`${name}/README.md`, here), page.replace(/^```ts\n[^]*?^```$/m, () => `\`\`\`ts\n${program}\`\`\``));
    const [shown, ...excerpts] = blocksIn(read(`${name}/README.md`));
    expect(shown).toBe(program);
    const test = withoutIndent(read(`${name}/${source?.replace(".ts", ".test.ts")}`));
    for (const line of excerpts.flatMap((excerpt) => withoutIndent(excerpt).trimEnd().split("\n"))) expect(test).toContain(`${line}\n`);
  });

  it("names members of types that have them", () => {
    for (const [, type, path, rows] of page.matchAll(/^\| \[(\w+)\]\((\S+)\).*\n\|[-| ]+\n((?:\|.*\n)*)/gm)) {
      const known = membersOf(type as string, fileURLToPath(new URL(`${name}/${path}`, here)));
      const named = [...(rows as string).matchAll(/^\| `(\w+)/gm)].map(([, member]) => member as string);
      expect(named.length, type).toBeGreaterThan(0);
      expect(named.filter((member) => !known.includes(member)), type).toEqual([]);
    }
  });

  it("says what is guaranteed, what it throws, and what a crash does", () => {
    for (const part of ["**Guarantee.**", "**Errors.**", "**After a crash.**"]) expect(page).toContain(part);
    expect(page.split("\n").length).toBeLessThan(90);
  });
});

it("all links lead to files", () => {
  const texts = [...[...pages, ...linksIn(larger)].map((name) => [name, read(`${name}/README.md`)]), [".", read("README.md")]] as [string, string][];
  const broken = texts.flatMap(([name, text]) => linksIn(text).filter((link) => !existsSync(new URL(`${name}/${link}`, here))).map((link) => `${name}: ${link}`));
  expect(broken).toEqual([]);
});

it("the list has every folder", () => {
  const listed = new Set([...pages, ...linksIn(larger)]);
  const folders = readdirSync(here, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  expect(folders.filter((name) => !listed.has(name))).toEqual([]);
});
