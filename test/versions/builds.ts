// One program after another, each compiled and loaded as a build of its own: what was declared before under the same ids is replaced, as by
// a new release.

import { compile } from "../../compiler/index.ts";
import type { ReleasedFlows } from "../../compiler/lock/lock.ts";
import * as deflow from "../../runtime/index.ts";
import * as $ from "../../runtime/internal.ts";
import { shared } from "../../runtime/realm/shared.ts";

type Exports = Record<string, never>;

const names = Object.keys(deflow);

/** The build's exports. `source` uses all of "deflow" without importing it. */
export function build<T = Exports>(source: string, released: ReleasedFlows = {}): T {
  forget();
  const result = compile(`import { ${names.join(", ")} } from "deflow";\n${source}`, { fileName: "build.ts", released });
  const fatal = result?.diagnostics.find(({ severity }) => severity === "error");
  if (result === null || fatal !== undefined) throw new Error(fatal?.message ?? "nothing was compiled");
  const exported = [...source.matchAll(/export const (\w+)/g)].map(([, name]) => name);
  const code = result.code.replace(/^import .*$/gm, "").replaceAll("export const", "const");
  // oxlint-disable-next-line no-new-func -- the build under test
  return new Function("$", "deflow$", `const { ${names.join(", ")} } = deflow$;\n${code}\nreturn { ${exported.join(", ")} };`)($, deflow) as T;
}

const maps = [shared.flows, shared.strands, shared.generators, shared.codes, shared.classCodes] as readonly Map<string, unknown>[];
const isBuilt = (id: string): boolean => !id.startsWith("deflow/") && !id.startsWith("activity:");

/** What no file of this build declares is not there. */
function forget(): void {
  shared.migrations?.clear();
  for (const map of maps) for (const id of map.keys()) if (isBuilt(id)) map.delete(id);
}

export interface Release<T> {
  readonly exports: T;
  /** From now on this process is one of that build. */
  use(): void;
}

/** Builds that take turns, as processes of a rolling deploy do. */
export function release<T = Exports>(source: string): Release<T> {
  const exports = build<T>(source);
  const declared = maps.map((map) => [...map].filter(([id]) => isBuilt(id)));
  const migrations = [...(shared.migrations ?? [])];
  return {
    exports,
    use() {
      forget();
      for (const [at, entries] of declared.entries()) for (const [id, entry] of entries) maps[at]?.set(id, entry);
      for (const [id, ofUnit] of migrations) shared.migrations?.set(id, ofUnit);
      shared.revision = (shared.revision ?? 0) + 1;
    },
  };
}
