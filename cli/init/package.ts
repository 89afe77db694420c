// The package that is set up, as far as `deflow init` looks at it.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse, type ParseError } from "jsonc-parser";
import type ts from "typescript";
import { UsageError } from "../io.ts";
import { parsed } from "./script-source.ts";

export interface Package {
  readonly folder: string;
  /** The text of package.json. */
  readonly manifest: string;
  readonly scripts: Readonly<Record<string, string>>;
  /** Of any kind, with their ranges. */
  readonly dependencies: Readonly<Record<string, string>>;
}

export function readPackage(folder: string): Package {
  const manifest = readFileSync(join(folder, "package.json"), "utf8");
  const errors: ParseError[] = [];
  const fields = parse(manifest, errors) as { readonly [field: string]: Record<string, string> | undefined } | null | undefined;
  if (errors.length > 0 || typeof fields !== "object" || fields === null) throw new UsageError(`\`${join(folder, "package.json")}\` is no valid JSON`);
  const { scripts, peerDependencies, optionalDependencies, dependencies, devDependencies } = fields;
  return { folder, manifest, scripts: scripts ?? {}, dependencies: { ...peerDependencies, ...optionalDependencies, ...dependencies, ...devDependencies } };
}

/** Of a dependency, as it is installed; else the newest that the range allows, as far as the range tells. NaN: unknown. */
export function versionOf({ folder, dependencies }: Package, name: string): { readonly major: number; readonly minor: number } {
  const installed = createRequire(join(folder, "package.json"));
  try {
    const { version } = JSON.parse(readFileSync(installed.resolve(`${name}/package.json`), "utf8")) as { version: string };
    const [major = Number.NaN, minor = Number.NaN] = version.split(".").map(Number);
    return { major, minor };
  } catch { // it is not installed
    const [, wider, major, minor] = /^(\^|>=?|)\D*(\d+)(?:\.(\d+))?/.exec(dependencies[name] ?? "") ?? [];
    return { major: Number(major), minor: wider !== "" || minor === undefined ? Number.POSITIVE_INFINITY : Number(minor) };
  }
}

/** A configuration as its tree; one of JSON reads as an expression. */
export function readScript({ folder }: Package, file: string): ts.SourceFile {
  const text = readFileSync(join(folder, file), "utf8");
  return parsed(file, file.endsWith(".json") ? `(${text})` : text);
}

/** The first of `vite.config.ts`, `vite.config.mts`, … that is there; of other extensions too. */
export function configOf({ folder }: Package, name: string, others: readonly string[] = []): string | undefined {
  return ["ts", "mts", "cts", "js", "mjs", "cjs", ...others].map((extension) => `${name}.${extension}`).find((file) => existsSync(join(folder, file)));
}

/** `npm i -D ts-patch` in the words of the package manager whose lock is there. */
export function installing({ folder }: Package, names: readonly string[], isDev: boolean): string {
  const has = (lock: string): boolean => existsSync(join(folder, lock));
  const command = has("pnpm-lock.yaml") ? "pnpm add" : has("yarn.lock") ? "yarn add" : has("bun.lock") || has("bun.lockb") ? "bun add" : "npm i";
  return `${command}${isDev ? " -D" : ""} ${names.join(" ")}`;
}
