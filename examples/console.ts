// For tests: runs the commands that an example's page shows, in order, each as a process of its own, and compares what they print with what the page
// says. UPDATE=1 writes what they print into the page.
//
// The programs are built by Vite with the adapter that users of Vite get, into a folder of their own, where they also keep their files.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { expect, it } from "vitest";
import { deflow } from "../compiler/adapters/vite.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

export interface Told {
  readonly stdout: string;
  readonly stderr: string;
  /** 0, or another code, or the signal that ended it. */
  readonly end: number | NodeJS.Signals;
}

export class Workplace {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "deflow-example-")));

  constructor() {
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"), "junction");
    writeFileSync(join(this.folder, "package.json"), '{ "type": "module" }');
  }

  async build(programs: readonly URL[]): Promise<void> {
    await build({
      configFile: false, logLevel: "error", root, plugins: [deflow()], ssr: { external: ["better-sqlite3", "pg", "zod", "hono", "@hono/node-server"] },
      resolve: { alias: namesOf() },
      build: { ssr: true, outDir: this.folder, emptyOutDir: false, minify: false, target: "node20", rolldownOptions: { input: programs.map((url) => fileURLToPath(url)), output: { entryFileNames: "[name].js" } } },
    });
  }

  /** A program that was built, with the words of a command line. */
  async run(program: string, words: readonly string[]): Promise<Told> {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", `${program}.js`, ...words], { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (stdout += String(text)));
    child.stderr.on("data", (text: Buffer) => (stderr += String(text)));
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ stdout, stderr, end: signal ?? code ?? 1 }));
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The package's names and its sources, as tsconfig.json has them. */
function namesOf(): { find: RegExp; replacement: string }[] {
  const text = readFileSync(join(root, "tsconfig.json"), "utf8");
  return [...text.matchAll(/"(deflow(?:\/\w+)?)": \["\.\/([^"]+)"\]/g)].map(([, name, path]) => ({ find: new RegExp(`^${name}$`), replacement: join(root, path as string) }));
}

const block = /^```console\n([^]*?)^```$/gm;
const command = /^\$ node --import deflow\/register (?:\S*\/)?(\w+)\.ts ?(.*)$/;

/** Declares the test: `folder` is the example's. A process that is to be killed says so on its last line: `[SIGKILL]`. */
export function showsWhatItPrints(folder: URL): void {
  it("prints what its page shows", async () => {
    const page = readFileSync(new URL("README.md", folder), "utf8");
    const lines = [...page.matchAll(block)].flatMap(([, text]) => (text as string).trimEnd().split("\n"));
    const commands = lines.filter((line) => line.startsWith("$ ")).map((line) => command.exec(line) ?? expect.fail(`not a command that can be run: ${line}`));
    expect(commands.length).toBeGreaterThan(0);
    const workplace = new Workplace();
    try {
      await workplace.build([...new Set(commands.map(([, program]) => new URL(`${program}.ts`, folder)))]);
      const outputs: string[] = [];
      for (const [line, program, words] of commands) {
        const { stdout, stderr, end } = await workplace.run(basename(program as string), (words as string).split(" ").filter(Boolean));
        expect([line, stderr]).toEqual([line, ""]);
        outputs.push(`${line}\n${stdout}${end === 0 ? "" : `[${end}]\n`}`);
      }
      const update = page.replace(block, (_, text: string) => `\`\`\`console\n${outputs.splice(0, text.split("\n").filter((one) => one.startsWith("$ ")).length).join("")}\`\`\``);
      if (process.env["UPDATE"]) writeFileSync(new URL("README.md", folder), update);
      expect(readFileSync(new URL("README.md", folder), "utf8")).toBe(update);
    } finally {
      workplace.remove();
    }
  }, 120_000);
}
