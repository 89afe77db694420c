// Flows for the benchmarks, compiled as a user's are.

import { compile } from "../../compiler/index.ts";
import type * as Root from "../../runtime/index.ts";
import type * as Internal from "../../runtime/internal.ts";

/** Evaluates `const name = deflow(async function …);` one or many, over the runtime that is measured; `scope` is what else they name. */
export function flowsOf(root: typeof Root, internal: typeof Internal, source: string, scope: Readonly<Record<string, unknown>> = {}): Record<string, Root.Flow<never[], unknown>> {
  const imports = 'import { deflow, listen, respond, step } from "deflow";';
  const result = compile(`${imports}\n${source}`, { fileName: "bench.js" });
  if (!result || result.diagnostics.length > 0) throw new Error(`The flows of a benchmark do not compile: ${result?.diagnostics.map(({ message }) => message).join("; ")}`);
  const code = result.code.replaceAll(/import \* as (\S+) from "deflow\/internal";?/g, "const $1 = $internal;").replaceAll(/import \{[^}]*\} from "deflow";?/g, "");
  const names = [...source.matchAll(/const (\w+) = deflow\(/g)].map(([, name]) => name);
  // oxlint-disable-next-line no-new-func -- the program under measurement
  const evaluate = new Function("$root", "$internal", ...Object.keys(scope), `const { deflow, listen, respond, step } = $root;\n${code}\nreturn { ${names.join(", ")} };`);
  return evaluate(root, internal, ...Object.values(scope)) as never;
}

/** One wait, and one after the other for as long as nobody says "end". */
export const waiting = `
  const greeting = deflow(async function greeting(name) {
    respond("Hello " + name);
    const said = await listen(word);
    respond(name + " said " + said);
    return said;
  });
  const counting = deflow(async function counting() {
    for (let n = 1;; n++) {
      const said = await listen(word);
      respond(n);
      if (said === "end") return n;
    }
  });`;
