// Source maps, token by token: what is copied maps to itself, what is written between has a place.

import { SourceMap as NodeMap } from "node:module";
import { begin, resume, type Flow } from "deflow";
import { describe, expect, test } from "vitest";
import { locator } from "../../compiler/text.ts";
import { compiled, imports, load } from "./source.ts";

const source = `#!/usr/bin/env node
${imports}
interface Line { readonly id: string; price: number }

const audit = async (id: string): Promise<void> => void id;

/** Prices an order. */
export const order = deflow(async function order(lines: readonly Line[], { limit = 100, ...more }: { limit?: number } = {}) {
  let total = 0;
  const add = (price: number): number => { total += price; return total; };
  for (const { id, price } of lines) {
    try {
      if (price > limit) throw new RangeError(\`too much: \${id}\`);
      add(price * (await listen("factor") as number));
    } catch (problem) {
      respond({ problem, id });
    } finally {
      await audit(id);
    }
  }
  const checks = await Promise.all(lines.map(async (line) => line.price > 1 ? await listen(line.id) : null));
  return { total, checks, more };
});
export const after = { total: 1 };
`;

const { code, map, pieces } = compiled(source, { fileName: "order.ts" });
const decoded = new NodeMap(JSON.parse(map.toString()) as never);
const locate = locator(source);
const lines = code.split("\n");

/** Where a place of the output comes from; undefined where no segment begins there. */
function origin(line: number, column: number): [number, number] | undefined {
  const entry = decoded.findEntry(line, column);
  if (!("originalLine" in entry) || entry.generatedLine !== line || entry.generatedColumn !== column) return undefined;
  return [entry.originalLine, entry.originalColumn];
}

/** Each word of the output with its piece and its place. */
function* words() {
  let offset = 0;
  const inOutput = locator(code);
  for (const piece of pieces) {
    for (const { 0: word, index } of piece.text.matchAll(/\w+/g)) {
      const [line, column] = inOutput(offset + index);
      yield { piece, word, line, column, at: piece.from + index };
    }
    offset += piece.text.length;
  }
}

test("the pieces are the output, and each slice is the source at its place", () => {
  expect(pieces.map((piece) => piece.text).join("")).toBe(code);
  for (const { text, from } of pieces) if (from >= 0) expect(source.slice(from, from + text.length)).toBe(text);
});

test("every word that was copied maps to its own line and column", () => {
  let copied = 0;
  for (const { piece, word, line, column, at } of words()) {
    if (piece.from < 0) continue;
    copied++;
    expect([word, origin(line, column)]).toEqual([word, locate(at)]);
  }
  expect(copied).toBeGreaterThan(60);
});

test("every line of glue has a place, or says that it has none: entering a frame, going to a block, going to a handler", () => {
  const nowhere: string[] = [];
  for (const [line, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const entry = decoded.findEntry(line, 0);
    expect([text, "generatedLine" in entry && entry.generatedLine === line]).toEqual([text, true]);
    if (!("originalLine" in entry) || entry.originalLine === undefined) nowhere.push(text.trim());
  }
  expect(nowhere.filter((text) => !/^(?:\}|let |const \$e\d* = |if \(\$f\.point|switch \(\$(?:f\.point|r)\)|case |default: |\$v = \$(?:\.again|x)|\$L: for|\$\.in\(|\$pc = |\$c\d = |\$r = |if \(\$c\d)/.test(text))).toEqual([]);
});

test("glue that names something of the source is anchored at it or in its flow", () => {
  const [from, to] = [source.indexOf("deflow(async") + 7, source.indexOf("export const after")];
  for (const { text, from: own, anchor } of pieces) if (own < 0 && anchor >= 0 && !text.startsWith("import ")) {
    expect([text, anchor >= from - 200 && anchor <= to]).toEqual([text, true]);
  }
});

describe("words, one by one", () => {
  test.each([
    ["a call inside a machine", "add(price", 0],
    ["the operand of an await", 'listen("factor")', 0],
    ["an expression in a template", "${id}`", 2],
    ["a thrown error", "RangeError(", 0],
    ["the body of a lifted function", "+= price", 3],
    ["the body of a nested async function", "line.price > 1", 0],
    ["a call in `finally`", "audit(id);", 0],
    ["what stands after the flow", "after = {", 0],
  ])("%s", (_, text, skip) => {
    const at = source.indexOf(text) + skip;
    const found = [...words()].filter((word) => word.at === at && word.piece.from >= 0);
    expect(found.map(({ line, column }) => origin(line, column))).toEqual(found.map(() => locate(at)));
    expect(found.length).toBeGreaterThan(0);
  });
});

test("a point's position in the meta data is that of its await", () => {
  const { f } = load(`${imports}export const f = deflow(async (a) => {\n  a();\n  const x = [1,\n    await listen("x")];\n});`) as unknown as { f: Flow };
  expect(f.deflow.points).toEqual({ "listen:x": [5, 5, ""] });
});

test("the stack of an error thrown after a stop leads into the flow", async () => {
  const text = `${imports}export const f = deflow(async function f() {\n  await listen("x");\n  throw new Error("here");\n});`;
  const result = compiled(text, { fileName: "thrown.js" });
  const { f } = load(text, { fileName: "thrown.js" }) as { f: Flow<[], unknown> };
  const turn = await resume((await begin(f, [])).frame, "x", 1);
  expect(turn).toMatchObject({ status: "failed", error: { message: "here" } });
  const output = result.code.split("\n").findIndex((line) => line.includes("new Error"));
  const mapped = new NodeMap(JSON.parse(result.map.toString()) as never).findEntry(output, result.code.split("\n")[output]?.indexOf("new") as number);
  expect(mapped).toMatchObject({ originalLine: 3, originalColumn: 8 });
});
