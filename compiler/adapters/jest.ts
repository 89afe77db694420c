// Jest: a transformer that compiles the flows of a file and hands it on to the one that strips the types:
//
//   transform: { "\\.[jt]sx?$": ["deflow/jest", { next: ["@swc/jest", { … }] }] }
//
// Jest keeps what transformers give it, so the key says all that the result depends on: our version, the options, the lock, the next one's key.

import remapping from "@jridgewell/remapping";
import { createHash } from "node:crypto";
import { readFileSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, type Compiled } from "../compile.ts";
import { isFatal } from "../diagnostics/diagnostic.ts";
import { lockFileFor, packageOf, releasedFor } from "../lock/nearest.ts";
import { failure, report } from "../report.ts";
import { isScript, nameIn } from "./files.ts";

export interface JestOptions {
  /** Who goes on with the compiled text, by name or path, with its options; Jest's own, `babel-jest`, without it. */
  readonly next?: string | readonly [name: string, options?: unknown];
}

/** What Jest tells a transformer of the file and the run. */
export interface JestContext {
  readonly config: { readonly rootDir: string };
  readonly configString: string;
  readonly instrument: boolean;
  readonly supportsStaticESM?: boolean;
  readonly supportsDynamicImport?: boolean;
}

/** What Jest takes: a text whose map may stand in it, or beside it. */
export type Transformed = string | { readonly code: string; readonly map?: unknown };

type Asked<Given> = (source: string, file: string, context: JestContext) => Given;

/** Another transformer, as Jest would call it. */
interface NextTransformer {
  readonly canInstrument?: boolean | undefined;
  readonly getCacheKey?: Asked<string>;
  readonly getCacheKeyAsync?: Asked<Promise<string>>;
  readonly process?: Asked<Transformed>;
  readonly processAsync?: Asked<Promise<Transformed>>;
}

export type JestTransformer = Required<NextTransformer>;

const { version } = JSON.parse(readFileSync(join(packageOf(dirname(fileURLToPath(import.meta.url))) as string, "package.json"), "utf8")) as { version: string };

/** @throws what the next one throws while it is made. */
export async function createTransformer({ next = "babel-jest" }: JestOptions = {}): Promise<JestTransformer> {
  const [name, transformerConfig] = typeof next === "string" ? [next] : next;
  const { ahead, nextIn } = await nextTransformer(name, transformerConfig);
  // Who does not count lines for `--coverage` leaves it to Jest, which asks before it says where its configuration is.
  const canInstrument = ahead?.canInstrument === true;
  const told = (context: JestContext): JestContext => ({ ...context, transformerConfig, instrument: canInstrument && context.instrument }) as JestContext;
  const textOf = (source: string, compiled: Compiled | null, file: string, context: JestContext): string => (compiled === null ? source : canInstrument && context.instrument ? withMap(compiled, file) : compiled.code);
  const keyed = (source: string, file: string, context: JestContext, nextKey: string | undefined): string => {
    const lock = lockFileFor(file);
    const { config, configString, instrument, supportsStaticESM, supportsDynamicImport } = context;
    const parts = [
      version, JSON.stringify(next), config.rootDir, configString, JSON.stringify([instrument, supportsStaticESM, supportsDynamicImport]),
      lock !== undefined && existsSync(lock) ? readFileSync(lock, "utf8") : "", source, file, nextKey ?? "",
    ];
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part).update("\0");
    return hash.digest("hex").slice(0, 32);
  };
  return {
    canInstrument,
    getCacheKey(source, file, context) {
      return keyed(source, file, context, nextIn(context).getCacheKey?.(source, file, told(context)));
    },
    async getCacheKeyAsync(source, file, context) {
      const inner = nextIn(context);
      return keyed(source, file, context, await (inner.getCacheKeyAsync?.(source, file, told(context)) ?? inner.getCacheKey?.(source, file, told(context))));
    },
    process(source, file, context) {
      const inner = nextIn(context);
      if (inner.process === undefined) throw new Error(`The transformer \`${name}\` of deflow/jest gives its text asynchronously, which Jest takes for ES modules alone.`);
      const compiled = compiledOf(source, file, context);
      return joined(inner.process(textOf(source, compiled, file, context), file, told(context)), compiled, file);
    },
    async processAsync(source, file, context) {
      const inner = nextIn(context);
      const compiled = compiledOf(source, file, context);
      const text = textOf(source, compiled, file, context);
      return joined(await (inner.processAsync?.(text, file, told(context)) ?? inner.process?.(text, file, told(context)) ?? text), compiled, file);
    },
  };
}

/** Jest looks at the default export of what it loads. */
export default { createTransformer };

/**
 * The transformer `name` as the package with Jest's configuration has it. Jest says where that is with the first file, when it does not wait for
 * anything; so the one that is found from here is made ahead, which nearly always is the same.
 */
async function nextTransformer(name: string, options: unknown): Promise<{ readonly ahead: NextTransformer | undefined; readonly nextIn: (context: JestContext) => NextTransformer }> {
  const made = new Map<string, NextTransformer>();
  const here = found(name, process.cwd());
  const ahead = here === undefined ? undefined : await make(here, options);
  if (here !== undefined && ahead !== undefined) made.set(here, ahead);
  const nextIn = ({ config: { rootDir } }: JestContext): NextTransformer => {
    const path = found(name, rootDir);
    if (path === undefined) throw new Error(`deflow/jest finds no transformer \`${name}\` from ${rootDir}. Install it, or say where it is: ["deflow/jest", { next: require.resolve(${JSON.stringify(name)}) }].`);
    let transformer = made.get(path);
    if (transformer === undefined) {
      const other = make(path, options);
      if (other instanceof Promise) throw new Error(`deflow/jest cannot wait for the transformer \`${name}\` of ${rootDir}. Say where it is: ["deflow/jest", { next: require.resolve(${JSON.stringify(name)}) }].`);
      made.set(path, (transformer = other));
    }
    return transformer;
  };
  return { ahead, nextIn };
}

function found(name: string, folder: string): string | undefined {
  try {
    return createRequire(join(folder, "package.json")).resolve(name.replace(/^<rootDir>(?=[\\/])/, () => folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

function make(path: string, options: unknown): NextTransformer | Promise<NextTransformer> {
  interface Factory extends NextTransformer {
    readonly createTransformer?: (options?: unknown) => NextTransformer | Promise<NextTransformer>;
  }
  const loaded = createRequire(path)(path) as Factory & { readonly default?: Factory };
  const transformer = loaded.default ?? loaded;
  return transformer.createTransformer === undefined ? transformer : transformer.createTransformer(options);
}

function compiledOf(source: string, file: string, { config }: JestContext): Compiled | null {
  if (!isScript(file)) return null;
  const compiled = compile(source, { fileName: nameIn(config.rootDir, file), released: releasedFor(file), dev: true });
  if (!compiled) return null;
  for (const warning of compiled.diagnostics.filter((d) => !isFatal(d))) console.warn(report(warning, source, file));
  const error = failure(compiled.diagnostics, source, file);
  if (error) throw error;
  return compiled;
}

const inline = /\n\/\/# sourceMappingURL=data:application\/json;[^,\n]*base64,([\w+/=]+)\s*$/;

/** For who counts lines in the text that it is given: by the map in it they are those of the author's. */
function withMap({ code, map }: Compiled, file: string): string {
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify({ ...map, sources: [file] })).toString("base64")}`;
}

/** With a map that leads from what the next one gives to the author's text. */
function joined(result: Transformed, compiled: Compiled | null, file: string): Transformed {
  if (!compiled) return result;
  const { code, map } = typeof result === "string" ? { code: result, map: undefined } : result;
  const written = inline.exec(code)?.[1];
  const outer = map ?? (written === undefined ? undefined : Buffer.from(written, "base64").toString());
  if (!outer) return result;
  const { sourcesContent } = (typeof outer === "string" ? JSON.parse(outer) : outer) as { readonly sourcesContent?: readonly (string | null)[] };
  if (sourcesContent?.[0] === compiled.map.sourcesContent[0]) return result; // it has followed the map in the text itself
  const joint = remapping([outer as string, { ...compiled.map, sources: [file] }], () => null);
  // An object, since Jest's own counting of lines reads no text.
  return { code: code.replace(inline, "\n"), map: JSON.parse(joint.toString()) as object };
}
