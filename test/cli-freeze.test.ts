// deflow freeze, on a file that registers things by name: what it writes builds beside the new source, both load in one process, and runs of the old
// release go on there to the end that they had had.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { run } from "../cli/run.ts";
import { compile } from "../compiler/index.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "deflow-cli-freeze-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const released = `// The shop's orders.

import { appendFileSync, readFileSync } from "node:fs";
import { context, deflow, external, listen, migrate, serializable, step } from "deflow";
import { activities, activity } from "deflow/patterns";

export interface Order { id: string; total: number }
const RATE = 2; // of the day

function unused(): string { return readFileSync(at, "utf8"); }
const at = process.env["LEDGER"] ?? "";
/** Writes down what happened. */
export function note(text: string): void { appendFileSync(at, text + "\\n"); }

const rates = new Map<string, number>();
rates.set("EUR", RATE);
const priced = (total: number): number => total * (rates.get("EUR") ?? 0);

export class Money { constructor(readonly cents: number) {} }
serializable(Money);

export const shop = { name: "shop" };
external("shop", shop);

export const shipped = context<string>("shipped"), refused = context<string>("refused");
const topic = (name: string) => context<string>(name);
export const parcel = topic("parcel");
const renderInvoice = activity("invoice", async (id: string, cents: number) => { note("invoice"); return id + ":" + cents; });
export { renderInvoice as invoice };
export const { pay } = activities("bank", { async pay(cents: number) { note("pay"); return cents; } });

export const pick = deflow(async function pick(id: string) {
  await listen("picked");
  return "picked " + id;
});

export const order = deflow(async function order(o: Order) {
  const due = new Money(priced(o.total)), where = shop;
  await listen("paid");
  const invoice = await renderInvoice(o.id, await pay(due.cents));
  const picked = await pick(o.id);
  const tracking = await listen(shipped);
  return await step("note", () => { note("sent"); return [invoice, picked, tracking, due instanceof Money, where.name, parcel.name].join(" "); });
});

export const flows = { order, pick };
migrate(order, "listen:paid@aaaaa", (locals) => locals);
export const help = (): string => unused() + String(refused);
`;
const newer = released.replace("const due =", "const currency = \"EUR\";\n  const due =").replace("parcel.name]", "parcel.name, currency]");

const options = { module: "nodenext", target: "es2023", strict: true, noEmit: true, skipLibCheck: true, noUnusedLocals: true, types: ["node"], typeRoots: [`${root}node_modules/@types`], allowImportingTsExtensions: true };

function writeProject(more: object = {}): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(at("package.json"), '{ "name": "shop", "type": "module" }');
  writeFileSync(at("tsconfig.json"), JSON.stringify({
    compilerOptions: { ...options, paths: { deflow: [`${root}runtime/index.ts`], "deflow/patterns": [`${root}runtime/patterns/index.ts`] }, ...more }, include: ["*.ts"],
  }));
  writeFileSync(at("flow.ts"), released);
}

async function deflow(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await run(args, { out: (text) => void (out += text), err: (text) => void (err += text), colour: false });
  return { code, out, err };
}

/** Freezes what is released, under the source that is there then. */
async function freeze(source: string): Promise<{ code: number; out: string; err: string }> {
  writeFileSync(at("old.txt"), readFileSync(at("flow.ts"), "utf8"));
  expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
  writeFileSync(at("flow.ts"), source);
  return await deflow("freeze", "order", "--folder", folder, "--from", at("old.txt"));
}

const frozen = (): string => readFileSync(at("flow.frozen-1.ts"), "utf8");

function typeErrors(...names: string[]): string[] {
  const { options: read } = ts.parseJsonConfigFileContent(ts.readConfigFile(at("tsconfig.json"), (file) => ts.sys.readFile(file)).config, ts.sys, folder);
  const program = ts.createProgram(names.map(at), read);
  return names.flatMap((name) => program.getSemanticDiagnostics(program.getSourceFile(at(name))).map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`));
}

/** A process that gives the run `id` inputs, and tells how it stands then. */
const main = (also: string): string => `
import { createEngine } from "deflow";
import { sqlite } from "deflow/sqlite";
import { order } from "./flow.ts";
${also}
void (async () => {
const [, , file, id, begins, inputs] = process.argv;
const engine = createEngine({ store: sqlite(file), flows: { order } });
if (begins === "begin") await engine.start(order, [{ id, total: 21 }], { id });
for (const context of JSON.parse(inputs)) await engine.continue(id, context, context === "shipped" ? "T-1" : null);
const { status, value } = await engine.get(id);
console.log(JSON.stringify([status, value]));
await engine.close();
})();
`;

async function built(name: string, also: string): Promise<string> {
  const source = (path: string): string => `${root}runtime/${path}`;
  writeFileSync(at("main.ts"), main(also));
  await build({
    entryPoints: [at("main.ts")], outfile: at(`${name}.cjs`), bundle: true, format: "cjs", platform: "node", target: "node20", external: ["better-sqlite3", "node:sqlite"], logLevel: "error",
    alias: { deflow: source("index.ts"), "deflow/internal": source("internal.ts"), "deflow/patterns": source("patterns/index.ts"), "deflow/sqlite": source("stores/sqlite.ts") },
    plugins: [{ name: "flows", setup: (on) => on.onLoad({ filter: /flow\.(?:frozen-1\.)?ts$/ }, ({ path }) => (path.startsWith(root) ? undefined : { contents: compile(readFileSync(path, "utf8"), { fileName: path.slice(folder.length + 1) })?.code ?? "", loader: "ts" })) }],
  });
  rmSync(at("main.ts"));
  return at(`${name}.cjs`);
}

describe("a frozen file", () => {
  beforeEach(() => writeProject());

  test("has what the flow needs: copied, or imported where a process has one of each", async () => {
    expect(await freeze(newer)).toMatchObject({ code: 0, err: "" });
    expect(frozen()).toBe(`// Written by \`deflow freeze\`: \`order\` as it was released, for runs that only this code fits. No new run begins here.
import { Money, shop, shipped, parcel, invoice as renderInvoice, pay, pick } from "./flow.ts";
// The shop's orders.

import { appendFileSync } from "node:fs";
import { deflow, listen, step } from "deflow";

export interface Order { id: string; total: number }
const RATE = 2; // of the day
const at = process.env["LEDGER"] ?? "";
/** Writes down what happened. */
export function note(text: string): void { appendFileSync(at, text + "\\n"); }

const rates = new Map<string, number>();
rates.set("EUR", RATE);
const priced = (total: number): number => total * (rates.get("EUR") ?? 0);

export const order = deflow({ name: "order@1" }, async function order(o: Order) {
  const due = new Money(priced(o.total)), where = shop;
  await listen("paid");
  const invoice = await renderInvoice(o.id, await pay(due.cents));
  const picked = await pick(o.id);
  const tracking = await listen(shipped);
  return await step("note", () => { note("sent"); return [invoice, picked, tracking, due instanceof Money, where.name, parcel.name].join(" "); });
});
`);
    expect(typeErrors("flow.ts", "flow.frozen-1.ts")).toEqual([]);
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
  });

  test("takes runs of the old release to the end that they had had, from wherever they stopped", async () => {
    const inputs = ["paid", "picked", "shipped"];
    const old = await built("old", "");
    await freeze(newer);
    const [next, without] = [await built("next", 'import "./flow.frozen-1.ts";'), await built("without", "")];
    const ledger = at("ledger.txt");
    const told = (file: string, ...args: string[]): unknown => JSON.parse(execFileSync(process.execPath, ["--no-warnings", file, at("runs.db"), ...args], { encoding: "utf8", env: { ...process.env, LEDGER: ledger, NODE_PATH: `${root}node_modules` } }));
    const value = "r3:42 picked r3 T-1 true shop parcel";
    for (const given of [3, 0, 1, 2]) {
      writeFileSync(ledger, "");
      const id = `r${given}`;
      const first = told(old, id, "begin", JSON.stringify(inputs.slice(0, given)));
      if (given < 3) {
        expect(first).toEqual(["waiting", null]);
        expect(told(without, id, "", "[]")).toEqual(["stranded", null]);
      }
      const last = given < 3 ? told(next, id, "", JSON.stringify(inputs.slice(given))) : first;
      expect([last, readFileSync(ledger, "utf8")]).toEqual([["completed", value.replaceAll("r3", id)], "pay\ninvoice\nsent\n"]);
    }
    expect(told(next, "new", "begin", JSON.stringify(inputs))).toEqual(["completed", `${value.replaceAll("r3", "new")} EUR`]);
  });

  test("is not written where what it would import is not exported", async () => {
    const told = await freeze(newer.replace("export { renderInvoice as invoice };", "").replace("export const shipped", "const shipped"));
    expect(told).toEqual({ code: 2, out: "", err: "deflow: `flow.ts` does not export `shipped`, `renderInvoice`. A process has one context, activity, class or flow of a name, so the frozen file of `order` imports what it needs of them: export `shipped`, `renderInvoice` there, and freeze again\n" });
    expect(existsSync(at("flow.frozen-1.ts"))).toBe(false);
  });

  test.each([[{}, "./flow.ts"], [{ allowImportingTsExtensions: false }, "./flow.js"], [{ allowImportingTsExtensions: false, module: "esnext", moduleResolution: "bundler" }, "./flow"]])("imports as the tsconfig has it: %j", async (more, specifier) => {
    writeProject(more);
    const { out } = await freeze(newer);
    expect(frozen()).toContain(`pick } from "${specifier}";`);
    expect(out).toContain(`Import it where your engines are made, \`import "${specifier.replace("flow", "flow.frozen-1")}"\``);
  });

  test("exports the flow, and copies what a file that is gone gave a name to", async () => {
    const hidden = released.replace("export const order", "const order");
    writeFileSync(at("flow.ts"), hidden);
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
    rmSync(at("flow.ts"));
    writeFileSync(at("old.txt"), hidden);
    expect(await deflow("freeze", "order", "--folder", folder, "--from", at("old.txt"))).toMatchObject({ code: 0, err: "" });
    expect([frozen().includes("./flow"), frozen().includes('export const order = deflow({ name: "order@1" }'), frozen().includes('const renderInvoice = activity("invoice"'), frozen().includes("unused")]).toEqual([false, true, true, false]);
  });

  test("of a script is one: what it needs is required", async () => {
    const script = `"use strict";\nconst { context, deflow, listen } = require("deflow");\nconst word = context("word");\nconst sign = "!";\nconst order = deflow(async function order() {\n  return (await listen(word)) + sign;\n});\nmodule.exports = { order, word };\n`;
    rmSync(at("flow.ts"));
    writeFileSync(at("tsconfig.json"), '{ "compilerOptions": { "allowJs": true, "noEmit": true, "module": "nodenext", "types": [] }, "include": ["*.js"] }');
    writeFileSync(at("flow.js"), script);
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
    expect(await deflow("freeze", "order", "--folder", folder)).toMatchObject({ code: 0, err: "" });
    expect(readFileSync(at("flow.frozen-1.js"), "utf8")).toBe(`"use strict";
// Written by \`deflow freeze\`: \`order\` as it was released, for runs that only this code fits. No new run begins here.
const { word } = require("./flow.js");
const { context, deflow, listen } = require("deflow");
const sign = "!";
const order = deflow({ name: "order@1" }, async function order() {
  return (await listen(word)) + sign;
});
module.exports = { order };
`);
  });
});
