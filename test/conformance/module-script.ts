// A compiled program as a script: `(exports, require, module) => …`, made once and evaluated in each realm.
//
//   import * as $ from "deflow/internal"; import { deflow } from "deflow"; …   →   const $ = require("deflow/internal"); …
//   export const flow = deflow(…);                                             →   const flow = exports.flow = deflow(…);
//
// The module's imports and its export are the compiler's and ours (program.ts), so their text is known; a module in which
// they are not found once each goes through esbuild.

import { transform } from "esbuild";
import { Script } from "node:vm";
import { lowerUsing } from "./using.ts";

export function asScript(text: string): Script {
  return new Script(text, { filename: "program.compiled.js" });
}

export async function moduleText(code: string): Promise<string> {
  const text = lowerUsing(withoutImports(code) ?? (await transform(code, { loader: "js", format: "cjs", target: "esnext", sourcefile: "program.compiled.js" })).code);
  return `(function (exports, require, module) { "use strict"; ${text}\n})`;
}

function withoutImports(code: string): string | undefined {
  const internal = /^import \* as (\S+) from "deflow\/internal"; import \{ deflow \} from "deflow";/.exec(code);
  const flows = code.split("export const flow = deflow(");
  if (internal === null || flows.length !== 2 || /^import\b/m.test(code.slice(internal[0].length))) return undefined;
  return `const ${internal[1]} = require("deflow/internal"); const { deflow } = require("deflow");${flows.join("const flow = exports.flow = deflow(").slice(internal[0].length)}`;
}
