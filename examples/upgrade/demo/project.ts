// A copy of the example in a folder of its own: its builds, its lock, its processes, its store.

import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as Sqlite from "deflow/sqlite";
import type { Effect } from "../src/shop.ts";
import { type Edit, edited } from "./edits.ts";

const example = fileURLToPath(new URL("../", import.meta.url));

/** A command that has ended. */
export interface Ended {
  readonly pid: number;
  readonly code: number;
  readonly lines: readonly string[];
}

/** A run's row: where it stands, how often it was stored. */
export interface Row {
  readonly id: string;
  readonly status: string;
  readonly version: number;
}

export class Project {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), "deflow-demo-")));

  /** `installed`: a node_modules with the package and what the example depends on. */
  constructor(installed: string) {
    for (const name of ["package.json", "tsconfig.json", "src"]) cpSync(join(example, name), this.#path(name), { recursive: true });
    symlinkSync(installed, this.#path("node_modules"), "junction");
  }

  edit(edit: Edit): void {
    writeFileSync(this.#path("src/flow.ts"), edited(readFileSync(this.#path("src/flow.ts"), "utf8"), edit));
  }

  /** `npm run build`. */
  build(): Promise<Ended> {
    return this.#node("node_modules/ts-patch/bin/tspc.js", "-p", ".");
  }

  /** `npx deflow …`. */
  deflow(...words: string[]): Promise<Ended> {
    return this.#node("node_modules/deflow/dist/cli.js", ...words);
  }

  /** `npm start -- …`. */
  service(...words: string[]): Promise<Ended> {
    return this.#node("dist/main.js", ...words);
  }

  get effects(): Effect[] {
    const path = this.#path("effects.jsonl");
    return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as Effect) : [];
  }

  async rows(ids: readonly string[]): Promise<Row[]> {
    const { sqlite } = await import(pathToFileURL(this.#path("node_modules/deflow/dist/sqlite.js")).href) as typeof Sqlite;
    const store = sqlite(this.#path("runs.db"));
    try {
      return await Promise.all(ids.map(async (id): Promise<Row> => {
        const row = await store.load(id);
        return { id, status: row?.status ?? "gone", version: row?.version ?? 0 };
      }));
    } finally {
      await store.close();
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #node(...words: string[]): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = execFile(process.execPath, ["--disable-warning=ExperimentalWarning", ...words], { cwd: this.#folder }, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code !== "number") reject(error ?? new Error("no exit code"));
        else resolve({ pid: child.pid ?? 0, code, lines: `${stdout}${stderr}`.trimEnd().split("\n") });
      });
    });
  }
}
