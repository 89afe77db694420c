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
}

/** What Jest takes: a text whose map may stand in it, or beside it. */
export type Transformed = string | { readonly code: string; readonly map?: unknown };

export interface JestTransformer {
  readonly canInstrument?: boolean | undefined;
  readonly getCacheKey?: ((source: string, file: string, context: JestContext) => string) | undefined;
  readonly process?: ((source: string, file: string, context: JestContext) => Transformed) | undefined;
  readonly processAsync?: ((source: string, file: string, context: JestContext) => Promise<Transformed>) | undefined;
}

interface TransformerModule extends JestTransformer {
  readonly createTransformer?: (options?: unknown) => JestTransformer | Promise<JestTransformer>;
}

const { version } = JSON.parse(readFileSync(join(packageOf(dirname(fileURLToPath(import.meta.url))) as string, "package.json"), "utf8")) as { version: string };

/** @throws Error where there is no such transformer; what the next one throws. */
export async function createTransformer({ next = "babel-jest" }: JestOptions = {}): Promise<JestTransformer> {
  const [name, transformerConfig] = typeof next === "string" ? [next] : next;
  const inner = await load(name, transformerConfig);
  const { process, processAsync } = inner;
  const told = (context: JestContext): JestContext => ({ ...context, transformerConfig }) as JestContext;
  return {
    canInstrument: inner.canInstrument,
    getCacheKey(source, file, context) {
      const lock = lockFileFor(file);
      const parts = [version, JSON.stringify(next), lock !== undefined && existsSync(lock) ? readFileSync(lock, "utf8") : "", source, file, context.configString, String(context.instrument)];
      const hash = createHash("sha256");
      for (const part of [...parts, inner.getCacheKey?.(source, file, told(context)) ?? ""]) hash.update(part).update("\0");
      return hash.digest("hex").slice(0, 32);
    },
    process: process && ((source, file, context) => {
      const compiled = compiledOf(source, file, context);
      return joined(process.call(inner, compiled?.code ?? source, file, told(context)), compiled, file);
    }),
    processAsync: processAsync && (async (source, file, context) => {
      const compiled = compiledOf(source, file, context);
      return joined(await processAsync.call(inner, compiled?.code ?? source, file, told(context)), compiled, file);
    }),
  };
}

/** Jest looks at the default export of what it loads. */
export default { createTransformer };

async function load(name: string, options: unknown): Promise<JestTransformer> {
  const require = createRequire(join(process.cwd(), "package.json"));
  let path: string;
  try {
    path = require.resolve(name);
  } catch (cause) {
    throw new Error(`deflow/jest finds no transformer \`${name}\` from ${process.cwd()}. Install it, or say where it is: ["deflow/jest", { next: require.resolve(${JSON.stringify(name)}) }].`, { cause });
  }
  const loaded = require(path) as TransformerModule & { readonly default?: TransformerModule };
  const transformer = loaded.default ?? loaded;
  return (await transformer.createTransformer?.(options)) ?? transformer;
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

/** With a map that leads from what the next one gives to the author's text. */
function joined(result: Transformed, compiled: Compiled | null, file: string): Transformed {
  if (!compiled) return result;
  const { code, map } = typeof result === "string" ? { code: result, map: undefined } : result;
  const written = inline.exec(code)?.[1];
  const outer = map ?? (written === undefined ? undefined : Buffer.from(written, "base64").toString());
  if (!outer) return result;
  const joint = remapping([outer as string, { ...compiled.map, sources: [file] }], () => null);
  return { code: code.replace(inline, "\n"), map: joint.toString() };
}
