// Rolldown, and tsdown: `plugins: [deflow()]`.

import { plugin } from "./unplugin.ts";

export interface DeflowPlugin {
  readonly name: "deflow";
}

export function deflow(): DeflowPlugin {
  return plugin.rolldown() as DeflowPlugin;
}
