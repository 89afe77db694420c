// How diagnostics look, at the edges of lines and files.

import { expect, test } from "vitest";
import { diagnoseAt } from "../compiler/diagnostics/table.ts";
import { colours, failure, frame, report } from "../compiler/report.ts";

test.each([
  ["the first character", "abc", 0, 1, ["  |", "1 | abc", "  | ^"]],
  ["the end of the file", "abc", 3, 1, ["  |", "1 | abc", "  |    ^"]],
  ["a mark over several lines ends with its first", "ab {\n}\n", 3, 3, ["  |", "1 | ab {", "  |    ^"]],
  ["tabs are kept before the mark", "\t\tab", 2, 2, ["  |", "1 | \t\tab", "  | \t\t^^"]],
  ["carriage returns are not shown", "a\r\nbc\r\n", 3, 2, ["  |", "2 | bc", "  | ^^"]],
])("frame: %s", (_, source, start, length, lines) => {
  expect(frame(source, { start, length })).toBe(lines.join("\n"));
});

test.each([["at the start", 3], ["within", 300], ["at the end", 590]])("frame: of a line without end it shows what is around the mark, %s", (_, start) => {
  const source = Array.from({ length: 100 }, (__, i) => String(i).padStart(6, "_")).join("");
  const [, line = "", marks = ""] = frame(source, { start, length: 4 }).split("\n");
  expect(line.length).toBeLessThan(200);
  const at = marks.indexOf("^");
  expect([line.slice(at, at + 4), marks.slice(at)]).toEqual([source.slice(start, start + 4), "^^^^"]);
});

test("colour changes nothing but the colour", () => {
  const diagnostic = diagnoseAt("DF105", 0, 1, "x");
  const plain = report(diagnostic, "x = 1", "a.ts");
  const coloured = report(diagnostic, "x = 1", "a.ts", true);
  expect(coloured).not.toBe(plain);
  expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(plain);
});

test("NO_COLOR and FORCE_COLOR come before the terminal", () => {
  expect([colours({ isTTY: true }, {}), colours({}, {})]).toEqual([true, false]);
  expect(colours({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
  expect(colours({ isTTY: true }, { NO_COLOR: "" })).toBe(true);
  expect([colours({}, { FORCE_COLOR: "1" }), colours({ isTTY: true }, { FORCE_COLOR: "0" })]).toEqual([true, false]);
});

test("a failure tells all errors and has no stack", () => {
  const source = "x = 1; y = 2";
  const error = failure([diagnoseAt("DF106", 0, 1, "x"), diagnoseAt("DF106", 7, 1, "y")], source, "a.ts");
  expect(error?.message).toContain("a.ts:1:1");
  expect(error?.message).toContain("a.ts:1:8");
  expect(error?.stack).toBe(`SyntaxError: ${error?.message}`);
  expect(failure([diagnoseAt("DF105", 0, 1, "x")], source, "a.ts"), "a warning").toBeUndefined();
});
