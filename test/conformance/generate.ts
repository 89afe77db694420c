// Random programs: the same seed and features give the same program for ever.

import ts from "typescript";
import { Random } from "./generate/random.ts";
import { features, refusedFeatures, Scope, type Feature } from "./generate/scope.ts";
import { block } from "./generate/statements.ts";
import { program, type Program } from "./program.ts";

/** @param size about how many statements and expressions; 2.5 kB at the default. */
export function generate(seed: number, on: readonly string[] = [], size = 160): Program {
  const chosen = on.flatMap((name) => (name === "all" ? features : [feature(name)]));
  const random = new Random(seed);
  // A random part of the features asked for, so that some programs are without each of them.
  const scope = new Scope(random, chosen.filter(() => random.chance(0.6)), size);
  const body = block(scope, 5, 12);
  const text = layout(seed, scope, body);
  return { ...program(`seed-${seed}`, text), f: { start: text.indexOf("async function f() {"), end: text.trimEnd().length } };
}

function feature(name: string): Feature {
  const known = [...features, ...refusedFeatures];
  const found = known.find((each) => each === name);
  if (found === undefined) throw new RangeError(`no feature "${name}"; there are ${known.join(", ")} and all`);
  return found;
}

/** One statement a line, for programs that are read because they fail; the others run as they were made. */
export function pretty(text: string): string {
  const file = ts.createSourceFile("program.js", text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS);
  return ts.createPrinter().printFile(file);
}

function layout(seed: number, scope: Scope, body: string): string {
  const on = [...scope.features].join(", ");
  return `// random: seed ${seed}${on === "" ? "" : `, ${on}`}
const show = (...all) => all.join("");
const tag = (strings, ...values) => strings.raw.join("|") + values.join(",");
class Box { constructor(...all) { this.all = all; } get sum() { return this.all.join("+"); } }
async function f() {
  const kept = [];
  const keep = (promise) => { kept.push(promise.then((value) => ["kept", value], (error) => ["lost", error])); };
${scope.has("generators") ? generator : ""}${scope.has("async-generators") ? asyncGenerator : ""}${scope.has("iterators") ? iterator : ""}  try ${body} catch (error) { T(error); } finally { T(await Promise.all(kept)); }
  return "end";
}
`;
}

const iterator = `  const iter = (n, name) => ({ [Symbol.iterator]() { let i = 0; return { next: () => ({ value: i, done: i++ >= n }), return() { T("return " + name); return {}; } }; } });
`;
const generator = `  function* gen(n) { try { for (let i = 0; i < 3 && !FUEL(); i++) T(yield i + Number(n)); } finally { T("gen ends"); } }
`;
const asyncGenerator = `  async function* agen(n) { try { for (let i = 0; i < 3 && !FUEL(); i++) yield await L(i + Number(n)); } finally { T("agen ends"); } }
`;
