// The compiler's README says what the headers of the passes say. UPDATE=1 writes its table anew.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { passes } from "../../compiler/index.ts";
import { codes } from "../../compiler/diagnostics/table.ts";

const folder = fileURLToPath(new URL("../../compiler/", import.meta.url));
const readme = `${folder}README.md`;

function headerOf(file: string): { takes: string; gives: string } {
  const [, header = ""] = /^(\/\/ \d\. [^]*?\n)\n/.exec(readFileSync(`${folder}passes/${file}`, "utf8")) ?? [];
  const said = (word: string): string => (new RegExp(`// ${word} {3}([^]*?)\\n//(?: (?:Gives|Keeps) |\\n| {3}\\n)`).exec(header)?.[1] ?? "").replace(/\n\/\/\s+/g, " ").replace(/\.$/, "");
  return { takes: said("Takes"), gives: said("Gives") };
}

test("the table of passes is that of their headers", () => {
  const rows = passes.map((pass, i) => {
    const { takes, gives } = headerOf(`${i + 1}-${pass}.ts`);
    expect([pass, takes === "", gives === ""]).toEqual([pass, false, false]);
    return `| ${pass} | ${takes} | ${gives} | \`passes/${i + 1}-${pass}.ts\` |\n`;
  });
  const written = readFileSync(readme, "utf8").replace(/(\|---\|---\|---\|---\|\n)(?:\|.*\n)*/, (_, head: string) => head + rows.join(""));
  if (process.env["UPDATE"]) writeFileSync(readme, written);
  expect(readFileSync(readme, "utf8")).toBe(written);
});

test("the codes it names exist", () => {
  for (const [code] of readFileSync(readme, "utf8").matchAll(/DF\d{3}/g)) expect(codes).toContain(code);
});

test("it fits on two screens", () => {
  expect(readFileSync(readme, "utf8").split("\n").length).toBeLessThan(100);
});
