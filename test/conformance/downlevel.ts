// Negative controls: two well-known state-machine compilers. A corpus on which they fail nowhere would prove nothing.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { transformSync as babel } from "@babel/core";
import ts from "typescript";
import type { Backend } from "./backend.ts";
import { runScript } from "./native.ts";
import { lowerUsing } from "./using.ts";

export const typescriptEs5: Backend = {
  name: "typescript-es5",
  async run({ text }) {
    const { outputText } = ts.transpileModule(lowerUsing(text), {
      compilerOptions: { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.None, downlevelIteration: true, ignoreDeprecations: "6.0" },
    });
    return runLowered(outputText);
  },
};

const require = createRequire(import.meta.url);
let regenerator: string | undefined;

export const babelIe11: Backend = {
  name: "babel-ie11",
  async run({ text }) {
    regenerator ??= readFileSync(require.resolve("regenerator-runtime/runtime.js"), "utf8");
    const output = babel(lowerUsing(text), {
      configFile: false,
      babelrc: false,
      sourceType: "script",
      presets: [["@babel/preset-env", { targets: { ie: "11" } }]],
    });
    return runLowered(output?.code ?? "", regenerator);
  },
};

/** Output that does not parse counts as a wrong result, not as a refusal. */
async function runLowered(text: string, prelude?: string): ReturnType<Backend["run"]> {
  try {
    return await runScript(text, prelude === undefined ? {} : { prelude });
  } catch (error) {
    return { kind: "ran", result: { trace: [], outcome: `throws at evaluation: ${String(error)}` }, stops: 0 };
  }
}
