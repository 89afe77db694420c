// What runs this code, told from what it leaves in the process, and how flows are compiled there: the fix that NOT_COMPILED names.

/** What of a process tells who runs it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly execArgv: readonly string[];
  /** Runs in a worker of Vitest, or as a test of Jest: their variables stand in the environment of what these start too. */
  readonly vitest: boolean;
  readonly jest: boolean;
  readonly tsNode: boolean;
  readonly webpack: boolean;
}

declare const __webpack_require__: unknown;

function surroundings(): Surroundings {
  const { process } = globalThis as { process?: Partial<Surroundings> };
  return {
    env: process?.env ?? {},
    versions: process?.versions ?? {},
    execArgv: process?.execArgv ?? [],
    vitest: "__vitest_worker__" in globalThis,
    jest: Symbol.for("jest-native-promise") in globalThis,
    tsNode: process !== undefined && Symbol.for("ts-node.register.instance") in process,
    webpack: typeof __webpack_require__ !== "undefined", // where the runtime itself is in the bundle
  };
}

/** A sentence that names the tool and what to do in it; undefined where nothing tells which it is. */
export function fixHere(here = surroundings()): string | undefined {
  const { env, versions } = here;
  if (here.vitest) return 'Vitest runs it: add deflow() of "deflow/vite" to "plugins" in vitest.config.ts.';
  if (here.jest) {
    return 'Jest runs it: transform it by ["deflow/jest", { next: "ts-jest" }], with your own transformer as `next`, or by ts-jest with { compiler: "ts-patch/compiler" }.';
  }
  if (env["NEXT_RUNTIME"] !== undefined) return 'Next.js runs it: in next.config, turbopack.rules gives the files with flows to the loader "deflow/loader"; with --webpack, push deflow() of "deflow/webpack" to config.plugins.';
  if (versions["bun"] !== undefined) return 'Bun runs it: bun --preload deflow/bun app.ts, or preload = ["deflow/bun"] in bunfig.toml.';
  if (versions["deno"] !== undefined) return "Deno runs it: deno run --preload npm:deflow/register app.ts.";
  if (here.tsNode) return 'ts-node runs it: "ts-node": { "compiler": "ts-patch/compiler" } beside the transformer in tsconfig.json.';
  if (here.webpack) return 'webpack or Rspack built it: add deflow() of "deflow/webpack" or "deflow/rspack" to "plugins".';
  return byLoader(here);
}

function byLoader({ env, versions, execArgv }: Surroundings): string | undefined {
  const words = [...execArgv, ...(env["NODE_OPTIONS"] ?? "").split(/\s+/)];
  const tsx = words.findIndex((word) => /(?:^|[\\/=])tsx(?:$|[\\/])/.test(word));
  const own = words.findIndex((word) => /deflow[\\/](?:dist[\\/])?register/.test(word));
  if (tsx >= 0 && own < 0) return "tsx runs it: node --import deflow/register --import tsx app.ts, with deflow/register first.";
  if (tsx >= 0) return 'tsx runs it, and loads CommonJS past all loaders: make the package "type": "module", or build it with tspc or `deflow tsc`.';
  if (own >= 0 && (versions["node"] ?? "").startsWith("20.")) return "deflow/register is there, but on Node 20 a file that is required does not pass through it: import it, or use Node 22.15 or later.";
  return undefined;
}
