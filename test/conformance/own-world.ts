// A realm with the runtime and one compiled program in it. The runtime is bundled once; each world evaluates it anew.

import { buildSync, transformSync } from "esbuild";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script, type Context } from "node:vm";
import type * as Echo from "./echo.ts";
import type { Host } from "./host.ts";
import { lowerUsing } from "./using.ts";
import { createWorld } from "./world.ts";

export interface OwnWorld {
  readonly echo: typeof Echo;
  readonly flow: Parameters<typeof Echo.startRun>[0];
}

const require = createRequire(import.meta.url);
let runtime: Script | undefined;

/** The program's module as a script of its own; compiled once, evaluated in each world. */
export function moduleScript(code: string): Script {
  // `using` is lowered for engines without it, as a bundler would after us.
  const { code: text } = transformSync(lowerUsing(code), { loader: "js", format: "cjs", target: "esnext", sourcefile: "program.compiled.js" });
  return new Script(`(function (exports, require, module) { "use strict"; ${text}\n})`, { filename: "program.compiled.js" });
}

export function openWorld(host: Host, program: Script): OwnWorld {
  const context = createWorld(host);
  Object.assign(context, { Buffer, process });
  runtime ??= bundleRuntime();
  const echo = evaluate(runtime, context, require) as typeof Echo;
  context["L"] = echo.L;
  context["LX"] = echo.LX;
  const { flow } = evaluate(program, context, (name) => {
    if (name === "deflow") return echo;
    if (name === "deflow/internal") return echo.internal;
    throw new Error(`a compiled program asks for "${name}"`);
  }) as Pick<OwnWorld, "flow">;
  return { echo, flow };
}

function evaluate(script: Script, context: Context, from: (name: string) => unknown): unknown {
  const module = { exports: {} };
  (script.runInContext(context) as (...args: unknown[]) => void)(module.exports, from, module);
  return module.exports;
}

function bundleRuntime(): Script {
  const entry = fileURLToPath(new URL("./echo.ts", import.meta.url));
  const { outputFiles } = buildSync({ entryPoints: [entry], bundle: true, write: false, format: "cjs", platform: "node", target: "esnext", sourcemap: "inline", keepNames: true });
  return new Script(`(function (exports, require, module) { ${outputFiles[0]?.text}\n})`, { filename: "runtime.js" });
}
