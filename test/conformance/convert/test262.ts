// A test of tc39/test262 as a conformance program: its harness files outside the flow, its body as the flow's.
//
//   /*--- includes: [compareArray.js] ---*/ body   →   assert.js, sta.js, compareArray.js; async function f() { body; return "ok"; }

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The program's text, or why there is none. */
export function fromTest262(root: string, path: string): { text: string } | { skipped: string } {
  const source = readFileSync(path, "utf8");
  const meta = /\/\*---([\s\S]*?)---\*\//.exec(source)?.[1] ?? "";
  const flags = list(meta, "flags");
  for (const flag of ["module", "raw", "noStrict"]) if (flags.includes(flag)) return { skipped: flag };
  if (/^negative:/m.test(meta)) return { skipped: "negative" };
  const unable = /\$262|\beval\b|\bwith \(|\bimport\b|\bFunction\(|GeneratorFunction|AsyncFunction\b|globalThis|\bhtml?dda\b/i.exec(source.replace(meta, ""));
  if (unable !== null) return { skipped: unable[0] };
  const includes = ["assert.js", "sta.js", ...list(meta, "includes")].filter((name) => name !== "asyncHelpers.js" && name !== "doneprintHandle.js");
  const harness = includes.map((name) => withoutComments(readFileSync(join(root, "harness", name), "utf8"))).join("\n");
  const body = withoutComments(source);
  return { text: `// converted: ${path.slice(root.length + 1)}\n${harness}\n${flags.includes("async") ? asyncProgram(body) : `async function f() {\n${body}\nreturn "ok";\n}`}\n` };
}

/** `$DONE` and `asyncTest` as functions of the flow; it ends when one of them says so, or with the fuel. */
function asyncProgram(body: string): string {
  return `async function f() {
let $ended = false, $failure;
function $DONE(error) { $ended = true; $failure = error; }
async function asyncTest(test) { try { await test(); $DONE(); } catch (error) { $DONE(error ?? "nothing"); } }
${body}
while (!$ended && !FUEL()) await L([]);
if ($failure !== undefined) throw $failure;
return $ended ? "ok" : "not done";
}`;
}

function list(meta: string, key: string): string[] {
  const inline = new RegExp(`^${key}:\\s*\\[([^\\]]*)\\]`, "m").exec(meta)?.[1]?.split(",");
  const block = new RegExp(`^${key}:\\s*\\n((?:[ \\t]+- .*\\n?)+)`, "m").exec(meta)?.[1]?.split("\n").map((line) => line.replace(/^\s*-\s*/, ""));
  return (inline ?? block ?? []).map((name) => name.trim()).filter((name) => name !== "");
}

/** Whole-line and block comments; what stands behind code stays, since only a parser could tell it from a string. */
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, "").replace(/^\s*\/\/.*$/gm, "").replace(/\n{2,}/g, "\n").trim();
}
