// Two builds as processes on one file, as in a rolling deploy: each goes on with the runs that it can, the other's stay untouched; back again works.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { compile } from "../../compiler/index.ts";

const folder = mkdtempSync(join(tmpdir(), "deflow-builds-"));
const at = (name: string): string => join(folder, name);
const source = (path: string): string => fileURLToPath(new URL(`../../runtime/${path}`, import.meta.url));
const children: ChildProcess[] = [];

/** A worker of a build: starts runs and sends inputs as it is told, and writes down which build did what. */
const program = (name: string, before: string, rate: string): string => `
import { appendFileSync } from "node:fs";
import { createEngine, deflow, listen, step } from "deflow";
import { sqlite } from "deflow/sqlite";
const [, , file, ledger] = process.argv;
const note = (text: string): void => appendFileSync(ledger, text + "\\n");
const order = deflow(async function order(n: number) {
  ${before}
  await listen("go");
  await step("note", () => note(n + " go ${name} " + ${rate}));
  await listen("end");
  await step("note", () => note(n + " end ${name}"));
});
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const engine = createEngine({ store: sqlite(file), flows: { order }, logger: silent });
engine.work({ poll: 20 });
process.on("message", async ({ start = [], send = [], context, end = false }) => {
  // A step notes what it does before its result is stored.
  if (end) return void engine.close().then(() => process.exit());
  for (const n of start) await engine.start(order, [n], { id: "run" + n });
  for (const n of send) await engine.send("run" + n, context, null);
  const { runs } = await engine.find({ status: "stranded", limit: 100 });
  process.send(runs.map(({ id }) => id));
});
process.send("ready");
`;

beforeAll(async () => {
  for (const [name, before, rate] of [["old", "", "1"], ["new", "const rate = 2;", "rate"]] as const) {
    const compiled = compile(program(name, before, rate), { fileName: "order.ts" });
    writeFileSync(at(`${name}.ts`), compiled?.code ?? "");
    await build({
      entryPoints: [at(`${name}.ts`)], outfile: at(`${name}.cjs`), bundle: true, format: "cjs", platform: "node", target: "node20", external: ["better-sqlite3", "node:sqlite"], logLevel: "error",
      alias: { deflow: source("index.ts"), "deflow/internal": source("internal.ts"), "deflow/sqlite": source("stores/sqlite.ts") },
    });
  }
});

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

interface Told {
  readonly start?: readonly number[];
  readonly send?: readonly number[];
  readonly context?: string;
}

/** A process of a build; gives what is stranded for it, once it has done what it was told. */
async function worker(name: "old" | "new"): Promise<{ readonly tell: (told: Told) => Promise<readonly string[]>; readonly end: () => Promise<void> }> {
  const child = fork(at(`${name}.cjs`), [at("runs.db"), at("ledger.txt")], { execArgv: ["--no-warnings"], env: { ...process.env, NODE_PATH: fileURLToPath(new URL("../../node_modules", import.meta.url)) } });
  children.push(child);
  await once(child, "message");
  return {
    async tell(told) {
      child.send(told);
      return ((await once(child, "message")) as [string[]])[0].sort();
    },
    async end() {
      const ended = once(child, "exit");
      child.send({ end: true });
      await ended;
    },
  };
}

const ledger = (): string[] => readFileSync(at("ledger.txt"), "utf8").trim().split("\n").sort();
const lines = (...of: readonly (readonly [numbers: readonly number[], text: string])[]): string[] => of.flatMap(([numbers, text]) => numbers.map((n) => `${n} ${text}`)).sort();
const told = (expected: readonly string[]): Promise<void> => vi.waitFor(() => expect(ledger()).toEqual(expected), { timeout: 20_000, interval: 50 });

it("neither process is handed a run of the other's, and a rollback takes up what waited for it", async () => {
  writeFileSync(at("ledger.txt"), "");
  const old = await worker("old");
  await old.tell({ start: [1, 2, 3, 4] });
  const next = await worker("new");
  // The old build's runs lack what the new one needs; the new one's have more than the old one needs.
  expect(await next.tell({ start: [5, 6] })).toEqual(["run1", "run2", "run3", "run4"]);
  expect(await old.tell({})).toEqual([]);

  await next.tell({ send: [1, 2], context: "go" });
  await told(lines([[1, 2], "go old 1"]));
  await old.end();

  // Behind the first wait nothing differs; before it the old runs wait for their build, what is sent to them with them.
  expect(await next.tell({ send: [1, 2], context: "end" })).toEqual(["run3", "run4"]);
  await next.tell({ send: [3, 5], context: "go" });
  await told(lines([[1, 2], "go old 1"], [[1, 2], "end new"], [[5], "go new 2"]));
  await next.end();

  const back = await worker("old");
  expect(await back.tell({ send: [4, 6], context: "go" })).toEqual([]);
  await back.tell({ send: [3, 4, 5, 6], context: "end" });
  await told(lines([[1, 2, 3, 4], "go old 1"], [[1, 2], "end new"], [[5], "go new 2"], [[6], "go old 1"], [[3, 4, 5, 6], "end old"]));
});
