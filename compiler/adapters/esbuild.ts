// esbuild: `plugins: [deflow()]`; tsup: `esbuildPlugins: [deflow()]`. A file is loaded by the first plugin that wants it.

import { plugin } from "./unplugin.ts";

export interface DeflowPlugin {
  readonly name: "deflow";
  readonly setup: (build: unknown) => void | Promise<void>;
}

export function deflow(): DeflowPlugin {
  return plugin.esbuild() as DeflowPlugin;
}
