// The form of the output, where the form is the point: a few flows that a reader may open side by side with what becomes of
// them. UPDATE=1 writes fixtures/output/<name>/_expected.ts anew. What output does is tested elsewhere.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { compiled } from "./source.ts";

const folder = fileURLToPath(new URL("../../fixtures/output/", import.meta.url));

test.each(readdirSync(folder))("%s", (name) => {
  const { code } = compiled(readFileSync(`${folder}${name}/input.ts`, "utf8"), { fileName: "input.ts" });
  const errors = ts.transpileModule(code, { reportDiagnostics: true, fileName: "input.ts" }).diagnostics ?? [];
  expect(errors.map((error) => error.messageText)).toEqual([]);
  if (process.env["UPDATE"]) writeFileSync(`${folder}${name}/_expected.ts`, code);
  expect(code).toBe(readFileSync(`${folder}${name}/_expected.ts`, "utf8"));
});
