// A project under a bench, and what its author would type there.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import type { Bench } from "./setup.ts";
import type { Installed } from "./install.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Project {
  readonly folder: string;
  readonly modules: string;

  /** Copies fixtures/toolchains/<fixture>; an empty project without one. */
  constructor(bench: Bench | Installed, fixture?: string) {
    const benches = inject("benches");
    if (typeof benches !== "string") throw new Error(`the package was not built: ${benches.failure}`);
    const home = join(benches, bench);
    this.modules = join(home, "node_modules");
    mkdirSync(join(home, "projects"), { recursive: true });
    this.folder = mkdtempSync(join(home, "projects", `${fixture ?? "empty"}-`));
    if (fixture) cpSync(fixtureFile(fixture), this.folder, { recursive: true });
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  read(file: string): string {
    return readFileSync(this.path(file), "utf8");
  }

  write(file: string, text: string): void {
    writeFileSync(this.path(file), text);
  }

  /** Replaces text that must be there. */
  edit(file: string, from: string, to: string): void {
    const text = this.read(file);
    if (!text.includes(from)) throw new Error(`${file} has no \`${from}\``);
    this.write(file, text.replace(from, () => to));
  }

  node(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
    return this.run(process.execPath, args, env);
  }

  run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
    return new Promise((resolve) => {
      const options = { cwd: this.folder, env: { ...toolEnvironment(), ...env }, maxBuffer: 64 * 1024 * 1024 };
      execFile(command, args, options, (error, stdout, stderr) => {
        resolve({ code: error ? (typeof error.code === "number" ? error.code : 1) : 0, stdout, stderr });
      });
    });
  }

  tspc(...args: string[]): Promise<Outcome> {
    return this.node([join(this.modules, "ts-patch/bin/tspc.js"), ...args]);
  }

  bin(path: string, ...args: string[]): Promise<Outcome> {
    return this.node([join(this.modules, path), ...args]);
  }
}

export function fixtureFile(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/toolchains/${name}`, import.meta.url));
}

/** Without what vitest sets for itself, which would change the output of the tools under test. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1" };
  for (const name of ["NODE_OPTIONS", "FORCE_COLOR", "NODE_ENV", "VITEST", "VITEST_POOL_ID", "VITEST_WORKER_ID"]) delete env[name];
  return env;
}
