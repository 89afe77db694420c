// A copy of the example in a folder of its own, with node_modules as npm would lay them out: deflow as tsup builds it from
// this repository, and links to what the repository has installed of the rest.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as Deflow from "deflow";
import type * as Sqlite from "deflow/sqlite";
import type * as Flow from "../src/flow.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const example = fileURLToPath(new URL("../", import.meta.url));
const installed = (name: string): string => join(root, "node_modules", name);

export class Workshop {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "deflow-demo-")));

  constructor() {
    for (const name of ["package.json", "tsconfig.json", "src", "expenses.csv"]) cpSync(join(example, name), this.path(name), { recursive: true });
    mkdirSync(this.path("node_modules/deflow"), { recursive: true });
    cpSync(join(root, "package.json"), this.path("node_modules/deflow/package.json"));
    const { dependencies } = JSON.parse(this.read("node_modules/deflow/package.json")) as { dependencies: Record<string, string> };
    for (const name of new Set([...this.dependencies(), ...Object.keys(dependencies)])) this.#link(name);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** Builds the package into the copy's node_modules. */
  async buildPackage(): Promise<void> {
    await node([installed("tsup/dist/cli-default.js"), "--silent", "--out-dir", this.path("node_modules/deflow/dist")], root);
  }

  /** What `npm run build` does in the example; throws with the errors it shows. */
  async buildExample(): Promise<void> {
    await node([this.path("node_modules/ts-patch/bin/tspc.js"), "-p", "."], this.folder);
  }

  /** The package, the store and the flow as they were built. */
  async built(): Promise<typeof Deflow & typeof Sqlite & typeof Flow> {
    const load = (name: string): Promise<object> => import(pathToFileURL(this.path(name)).href) as Promise<object>;
    const modules = await Promise.all(["node_modules/deflow/dist/index.js", "node_modules/deflow/dist/sqlite.js", "dist/flow.js"].map(load));
    return Object.assign({}, ...modules) as typeof Deflow & typeof Sqlite & typeof Flow;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  dependencies(): string[] {
    const { dependencies, devDependencies } = JSON.parse(this.read("package.json")) as Record<string, Record<string, string>>;
    return Object.keys({ ...dependencies, ...devDependencies }).filter((name) => name !== "deflow");
  }

  #link(name: string): void {
    const path = this.path(`node_modules/${name}`);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(realpathSync(installed(name)), path, "junction");
  }
}

function node(args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`node ${args.join(" ")} failed:\n${stdout}${stderr}`));
      else resolve();
    });
  });
}
