// Vite and Vitest: `plugins: [deflow()]`.

import { plugin } from "./unplugin.ts";

export interface DeflowPlugin {
  readonly name: "deflow";
  readonly enforce: "pre";
  readonly configResolved: (config: { readonly root: string; readonly command?: string }) => void;
  readonly transform: {
    readonly filter: { readonly id: RegExp; readonly code: RegExp };
    readonly handler: (this: PluginContext, code: string, id: string) => { code: string; map: SourceMap } | null;
  };
}

interface PluginContext {
  error(error: { message: string; id: string; loc: { file: string; line: number; column: number }; frame: string }): never;
  warn(warning: { message: string; id: string; loc: { file: string; line: number; column: number }; frame: string }): void;
  addWatchFile(file: string): void;
}

interface SourceMap {
  version: 3;
  sources: string[];
  sourcesContent: string[];
  names: string[];
  mappings: string;
}

export function deflow(): DeflowPlugin {
  return plugin.vite() as unknown as DeflowPlugin;
}
