// deflow lock, check and retire: what they write and print about a program, and with which exit code.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import ts from "typescript";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { run } from "../cli/run.ts";
import type { StoredLine } from "../cli/stored.ts";
import { parseLock } from "../compiler/index.ts";
import { createEngine, type Flow } from "../runtime/index.ts";
import { connect } from "../runtime/stores/sqlite/driver.ts";
import { sqlite } from "../runtime/stores/sqlite.ts";
import { load } from "./compiler/source.ts";

const folder = mkdtempSync(join(tmpdir(), "deflow-cli-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const lockText = (): string => readFileSync(at("deflow.lock.json"), "utf8");
const lock = () => parseLock(lockText(), "deflow.lock.json").flows;

const source = `import { deflow, listen } from "deflow";

interface Expense { amount: number; lines: { sku: string }[]; note?: string }

export const approve = deflow(async function approve(expense: Expense) {
  let total = 0;
  const add = (n: number) => { total += n; };
  const due = new Date(0);
  const state: "open" | "closed" = expense.amount > 1 ? "open" : "closed";
  const answer = (await listen("decision")) as { ok: boolean };
  add(expense.amount);
  return [answer.ok, total, due, state];
});
`;

const unread = 'Add deflow.lock.d.ts to "include" (or "files") in tsconfig.json: the types of `migrate` for what is released are in it.\n';

function edit(change: (text: string) => string): void {
  writeFileSync(at("approve.ts"), change(source));
}

beforeEach(() => {
  writeFileSync(at("package.json"), '{ "name": "shop", "type": "module" }');
  writeFileSync(at("tsconfig.json"), '{ "compilerOptions": { "module": "nodenext", "strict": true, "skipLibCheck": true, "types": [] }, "include": ["*.ts"] }');
  for (const name of ["deflow.lock.json", "deflow.lock.d.ts", "deflow.d.ts", "other.ts"]) rmSync(at(name), { force: true });
  edit((text) => text);
});

async function deflow(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await run(args, { out: (text) => void (out += text), err: (text) => void (err += text), colour: false });
  return { code, out, err };
}

describe("deflow lock", () => {
  test("follows the references of a tsconfig without files: each project by its own options", async () => {
    writeFileSync(at("tsconfig.json"), '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }, { "path": "./tsconfig.node.json" }] }');
    const compilerOptions = { composite: true, module: "nodenext", strict: true, skipLibCheck: true, types: [], lib: ["es5"] };
    writeFileSync(at("tsconfig.app.json"), JSON.stringify({ compilerOptions, files: ["approve.ts"] }));
    writeFileSync(at("tsconfig.node.json"), JSON.stringify({ compilerOptions: { ...compilerOptions, strict: false }, files: ["other.ts", "approve.ts"] }));
    writeFileSync(at("other.ts"), 'import { deflow, listen } from "deflow";\nlet runs = 0;\nexport const other = deflow(async function other(at: Date | null) { runs++; await listen("go"); return [at, runs]; });\n');
    expect(await deflow("check", folder)).toMatchObject({ code: 0, out: "Nothing is released: `deflow lock` writes what is.\n", err: expect.stringContaining("DF504") as string });
    expect(await deflow("lock", folder)).toEqual({ code: 0, out: `Released: approve, other.\n${unread}`, err: "" });
    expect(lockText()).toContain('"at":"Date"');
    expect(lockText()).toContain("note?: string | undefined");
  });

  test("a program without files of the package is refused, and one without flows is released as nothing", async () => {
    writeFileSync(at("tsconfig.json"), '{ "files": [], "references": [] }');
    for (const command of ["lock", "check"]) expect(await deflow(command, folder)).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/program of the package .* has no file in it.*--project/) as string });
    edit(() => "export {};\n");
    writeFileSync(at("tsconfig.json"), '{ "files": ["approve.ts"] }');
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, out: "No file of the program has a flow: nothing is written.\n" });
    expect(existsSync(at("deflow.lock.json"))).toBe(false);
  });

  test("writes what is released, with the types of the whole program", async () => {
    expect(await deflow("lock", folder)).toEqual({ code: 0, out: "Released: approve.\n", err: "" });
    const { points, units, file } = lock()["approve"] ?? {};
    expect(file).toBe("approve.ts");
    expect(points?.["approve listen:decision"]?.slots).toEqual({
      add: "Function", due: "Date", expense: "{ amount: number; lines: { sku: string }[]; note?: string | undefined }", state: '"closed" | "open"', "total*": "number",
    });
    expect(units?.["approve#add"]).toMatchObject({ kind: "code", in: "approve", env: { "total*": "number" } });
  });

  test("the same program gives the same lock, which --frozen holds it to", async () => {
    expect((await deflow("lock", folder, "--frozen")).code).toBe(1);
    expect(existsSync(at("deflow.lock.json"))).toBe(false);
    await deflow("lock", folder);
    const first = lockText();
    expect(await deflow("lock", folder, "--frozen")).toEqual({ code: 0, out: "deflow.lock.json is as it should be.\n", err: "" });
    edit((text) => text.replace("add(expense.amount);", "add(expense.amount);\n  await listen(\"more\");"));
    const frozen = await deflow("lock", folder, "--frozen");
    expect(frozen.code).toBe(1);
    expect(frozen.err).toContain("`approve listen:more`");
    expect(lockText()).toBe(first);
  });

  test("writes a declaration of the locals that is valid TypeScript", async () => {
    await deflow("lock", folder);
    const text = readFileSync(at("deflow.lock.d.ts"), "utf8");
    expect(text).toMatch(/"listen:decision@\w{5}": \{ add: Function; due: Date; expense: \{ amount: number;.*; total: number \};/);
    const { parseDiagnostics } = ts.createSourceFile("a.d.ts", text, ts.ScriptTarget.Latest) as unknown as { parseDiagnostics: unknown[] };
    expect(parseDiagnostics).toEqual([]);
  });

  test("says so where TypeScript does not read that declaration", async () => {
    const config = { compilerOptions: { module: "nodenext", skipLibCheck: true, types: [] } };
    const toldOf = async (more: object): Promise<string> => {
      rmSync(at("deflow.lock.json"), { force: true });
      writeFileSync(at("tsconfig.json"), JSON.stringify({ ...config, ...more }));
      return (await deflow("lock", folder)).out;
    };
    for (const more of [{ include: ["approve*"] }, { files: ["approve.ts"] }, { include: ["*.ts"], exclude: ["deflow.*"] }]) expect(await toldOf(more), JSON.stringify(more)).toBe(`Released: approve.\n${unread}`);
    expect(await deflow("lock", folder)).toMatchObject({ out: `deflow.lock.json is as it should be.\n${unread}` });
    for (const more of [{}, { include: ["approve*", "deflow.lock.d.ts"] }, { files: ["approve.ts", "deflow.lock.d.ts"] }]) expect(await toldOf(more), JSON.stringify(more)).toBe("Released: approve.\n");
    edit((text) => `import "./deflow.lock.d.ts";\n${text}`);
    expect(await toldOf({ files: ["approve.ts"] })).toBe("Released: approve.\n");
    edit((text) => text.replaceAll(/: Expense|interface .*|: "open" \| "closed"| as \{ ok: boolean \}|\(n: number\)/g, (part) => (part.startsWith("(") ? "(n)" : "")));
    writeFileSync(at("approve.js"), readFileSync(at("approve.ts"), "utf8"));
    rmSync(at("approve.ts"));
    expect(await toldOf({ compilerOptions: { ...config.compilerOptions, allowJs: true }, files: ["approve.js"] })).toBe("Released: approve.\n");
    rmSync(at("approve.js"));
  });

  test("keeps earlier versions of a point that needs less, and ids that other edits would move", async () => {
    await deflow("lock", folder);
    edit((text) => text.replace(", due, state", "").replace("let total", 'const early = await listen("decision");\n  if (!early) return;\n  let total'));
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
    const { points } = lock()["approve"] ?? {};
    expect(Object.keys(points ?? {})).toEqual(["approve listen:decision", "approve listen:decision.2"]);
    expect(Object.keys(points?.["approve listen:decision"]?.slots ?? {})).toEqual(["add", "expense", "total*"]);
    expect(points?.["approve listen:decision"]?.was?.map(({ slots }) => Object.keys(slots))).toEqual([["add", "due", "expense", "state", "total*"]]);
    // What the earlier version stored counts: `due` may come back only for those who have it.
    edit((text) => text.replace(", state", "").replace("let total", 'const early = await listen("decision");\n  if (!early) return;\n  let total'));
    const again = await deflow("lock", folder);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("needs `due`, which is not stored") as string]);
  });

  test("releases nothing where stored runs would be left behind", async () => {
    await deflow("lock", folder);
    const before = lockText();
    edit((text) => text.replace("let total", "const rate = 2;\n  let total").replace("answer.ok, total", "answer.ok, total * rate"));
    const wider = await deflow("lock", folder);
    expect([wider.code, wider.err]).toEqual([1, expect.stringContaining("error DF403: `approve listen:decision@") as string]);
    expect(wider.err).toMatch(/\{ \.\.\.locals, rate: … \}\)\);`\. Where it cannot be computed from what is stored, do without `rate` behind this await: keep the variables that the released code used there\. Or keep the old flow .*`deflow freeze approve`/);
    edit((text) => text.replaceAll("approve", "agree"));
    const gone = await deflow("lock", folder);
    expect([gone.code, gone.err]).toEqual([1, expect.stringContaining("the flow `approve` is released and in no file of the program") as string]);
    expect(lockText()).toBe(before);
  });

  test("a migration counts while the program has it, in whatever file", async () => {
    await deflow("lock", folder);
    const fingerprint = lock()["approve"]?.points["approve listen:decision"]?.fingerprint;
    edit((text) => text.replace("let total", "const rate = 2;\n  let total").replace("answer.ok, total", "answer.ok, total * rate"));
    writeFileSync(at("other.ts"), `import { migrate } from "deflow";\nimport { approve } from "./approve.js";\nmigrate(approve, "listen:decision@${fingerprint}", (locals) => ({ ...locals, rate: 2 }));\n`);
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
    expect(lock()["approve"]?.migrated).toEqual([`approve listen:decision@${fingerprint}`]);
    expect((await deflow("check", folder)).out).toContain("migrates");
    rmSync(at("other.ts"));
    expect((await deflow("check", folder)).code).toBe(1);
    expect((await deflow("lock", folder)).err).toContain("needs `rate`");
  });

  test("a migration of a function in the flow counts too, and has its type in the declarations", async () => {
    const nested = (body: string): string => `import { deflow, listen, migrate } from "deflow";\nexport const fan = deflow(async function fan(a: number) {\n  const each = async (n: number) => {\n    ${body}\n  };\n  return await each(a);\n});\n`;
    writeFileSync(at("fan.ts"), nested("await listen(\"go\"); return n;"));
    await deflow("lock", folder);
    const { fingerprint = "" } = lock()["fan"]?.points["fan#each listen:go"] ?? {};
    expect(readFileSync(at("deflow.lock.d.ts"), "utf8")).toContain(`"fan#each listen:go@${fingerprint}": { n: number }`);
    const wider = nested("const k = 2; await listen(\"go\"); return n * k;");
    writeFileSync(at("fan.ts"), wider);
    const { code, err } = await deflow("lock", folder);
    expect(code).toBe(1);
    const line = /`(migrate\(fan, "fan#each listen:go@\w{5}".*?;)`/s.exec(err)?.[1] ?? "";
    writeFileSync(at("fan.ts"), `${wider}${line.replace("…", "1")}\n`);
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
    expect((await deflow("check", folder)).out).toMatch(/fan#each listen:go@\w{5} +migrates/);
    rmSync(at("fan.ts"));
  });

  test("of a type that stored values need not have, unless that is accepted", async () => {
    await deflow("lock", folder);
    edit((text) => text.replace("amount: number", "amount: number | string"));
    expect((await deflow("lock", folder)).code).toBe(0);
    edit((text) => text);
    const narrower = await deflow("lock", folder);
    expect(narrower.code).toBe(1);
    expect(narrower.err).toContain("`expense` of the released `approve listen:decision` has another type than what is stored:\n  stored  { amount: number | string;");
    expect((await deflow("lock", folder, "--accept", "approve listen:decision")).code).toBe(0);
  });

  test("two flows of one name are told, with both files", async () => {
    writeFileSync(at("other.ts"), 'import { deflow, listen } from "deflow";\nexport const approve = deflow(async function approve() { await listen("x"); });\n');
    const told = await deflow("lock", folder);
    expect(told).toMatchObject({ code: 1, err: expect.stringContaining("DUPLICATE_FLOW: The flow name `approve` is declared in approve.ts and other.ts.") as string });
    expect(existsSync(at("deflow.lock.json"))).toBe(false);
    expect((await deflow("check", folder)).err).toContain("DUPLICATE_FLOW");
  });

  test("a lock that is none is told, and left", async () => {
    writeFileSync(at("deflow.lock.json"), "{");
    expect(await deflow("lock", folder)).toMatchObject({ code: 2, err: expect.stringContaining("DF406") as string });
    expect(lockText()).toBe("{");
  });
});

describe("deflow check", () => {
  test("says of each released point and function whether its runs go on", async () => {
    expect((await deflow("check", folder)).out).toContain("Nothing is released");
    await deflow("lock", folder);
    const good = await deflow("check", folder);
    expect(good).toMatchObject({ code: 0, err: "" });
    expect(good.out).toMatch(/^approve {2}approve#add +resumes\napprove {2}listen:decision@\w{5} {2}resumes\n$/);
    edit((text) => text.replace("let total", "const rate = 2;\n  let total").replace("answer.ok, total", "answer.ok, total * rate"));
    const bad = await deflow("check", folder, "--json");
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out)).toContainEqual({ flow: "approve", id: expect.stringMatching(/^listen:decision@/) as string, verdict: "wider", safe: false, why: "needs `rate`, which is not stored" });
  });

  test("and of a type that changed", async () => {
    await deflow("lock", folder);
    edit((text) => text.replace("amount: number", "amount: bigint").replace("> 1", "> 1n").replace("add(expense.amount)", "add(Number(expense.amount))"));
    expect(await deflow("check", folder)).toMatchObject({ code: 1, out: expect.stringContaining("retyped  `expense` was") as string });
  });

  test("many files are compiled and checked under a bar, on a terminal; few without one", async () => {
    const drawnBy = async (...words: string[]): Promise<string> => {
      let drawn = "";
      const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 200 });
      screen.on("data", (data: Buffer) => void (drawn += data.toString()));
      expect(await run([...words, folder], { out() {}, err() {}, colour: false, screen: screen as unknown as NodeJS.WriteStream })).toBe(0);
      return drawn;
    };
    expect(await drawnBy("check")).toBe("");
    const many = Array.from({ length: 200 }, (_, n) => at(`many-${n}.ts`));
    for (const name of many) writeFileSync(name, "export const one = 1;\n");
    const [checked, locked, json] = [await drawnBy("check"), await drawnBy("lock"), await drawnBy("check", "--json")];
    for (const name of many) rmSync(name);
    const whole = many.length + readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts")).length;
    for (const text of [`0 of ${whole} files compiled`, `${whole} of ${whole} files compiled`, `${whole} of ${whole} files checked`]) expect(checked).toContain(text);
    expect([locked.includes(`${whole} of ${whole} files compiled`), locked.includes("checked"), json]).toEqual([true, false, ""]);
  });
});

describe("a released jump that is gone", () => {
  const text = 'import { deflow, listen } from "deflow";\nexport const wait = deflow(async function wait(a: number) {\n  for (const x of [1, 2]) {\n    try {\n      if (x === a) break;\n    } finally {\n      await listen("p");\n    }\n  }\n  return a;\n});\n';
  const runs = at("jumps.db");
  const why = "has no way for a pending `break for-of 1`";
  afterAll(() => rmSync(runs, { force: true }));

  test("is told by lock and check, release after release, and counted in a store", async () => {
    rmSync(at("approve.ts"));
    writeFileSync(at("other.ts"), text);
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
    const first = lock()["wait"]?.points["wait listen:p"];
    expect(first?.jumps).toEqual({ "~c1": ["break for-of 1"] });
    const { wait } = load(text) as unknown as { wait: Flow<[number], number> };
    const store = sqlite(runs);
    const engine = createEngine({ store, flows: { wait } });
    for (const a of [1, 3, 3]) await engine.start(wait, [a]);
    await engine.close();
    await store.close();

    writeFileSync(at("other.ts"), text.replace("if (x === a) break;", "void x;"));
    const row = `wait  listen:p@${first?.fingerprint}  `;
    expect(await deflow("check", folder)).toEqual({ code: 0, out: `${row}partly  ${why}\n`, err: "" });
    const counted = await deflow("check", folder, "--store", runs);
    expect([counted.code, counted.out]).toEqual([1, "wait  listen:p  1 run   would be stranded  wait listen:p: no way for the pending `break for-of 1`\nwait  listen:p  2 runs  resume\n"]);
    const released = await deflow("lock", folder);
    expect(released).toMatchObject({ code: 0, out: "Released: wait.\n", err: expect.stringMatching(/^warning DF407: .*other\.ts:7:/s) as string });
    // Runs of the first release may still be there.
    expect(lock()["wait"]?.points["wait listen:p"]).toMatchObject({ was: [{ jumps: { "~c1": ["break for-of 1"] } }] });
    expect((await deflow("lock", folder, "--frozen")).code).toBe(0);
    expect(readFileSync(at("deflow.lock.d.ts"), "utf8").match(/"listen:p@\w{5}"/g)).toHaveLength(1);
    expect(await deflow("check", folder)).toMatchObject({ code: 0, out: `${row}resumes\n${row}partly   ${why}\n` });

    writeFileSync(at("other.ts"), text);
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
    expect(lock()["wait"]?.points["wait listen:p"]).toEqual(first);
  });
});

describe("deflow check, of what types tell", () => {
  const types = `declare module "deflow" {
  export interface Durable<T> extends Promise<T> {}
  export function deflow<A extends unknown[], R>(fn: (...args: A) => Promise<R>): (...args: A) => Durable<R>;
  export function listen(name: string): Durable<unknown>;
}
`;

  test("shows it on standard error, and fails for errors", async () => {
    writeFileSync(at("deflow.d.ts"), types);
    edit((text) => `let approved = 0;\n${text.replace("let total", "const seen = new WeakMap();\n  approved += 1;\n  let total").replace("return [", "return [seen, ")}`);
    writeFileSync(at("other.ts"), 'import { listen } from "deflow";\nexport async function ask() {\n  return await listen("x");\n}\n');
    const told = await deflow("check", folder);
    expect(told.code).toBe(1);
    expect(told.err.match(/^\w+ DF\d{3}|--> .*$/gm)).toEqual(["error DF501", "--> approve.ts:7:9", "warning DF504", "--> approve.ts:8:3", "error DF505", "--> other.ts:3:10"]);
    rmSync(at("other.ts"));
    edit((text) => `let approved = 0;\n${text.replace("let total", "approved += 1;\n  let total")}`);
    expect(await deflow("check", folder)).toMatchObject({ code: 0, err: expect.stringContaining("warning DF504") as string });
  });
});

describe("deflow freeze", () => {
  test("writes the released source as a flow of its own, which lets the flow itself change", async () => {
    await deflow("lock", folder);
    writeFileSync(at("old.ts"), source);
    const change = (text: string): string => text.replace("let total", "const rate = 2;\n  let total").replace("answer.ok, total", "answer.ok, total * rate");
    edit(change);
    expect(await deflow("freeze", "approve", "--folder", folder)).toMatchObject({ code: 2, err: expect.stringContaining("--from <file>") as string });
    expect(await deflow("freeze", "approve", "--folder", folder, "--from", at("old.ts"))).toMatchObject({ code: 0, out: expect.stringContaining("approve.frozen-1.ts") as string });
    rmSync(at("old.ts"));
    const frozen = readFileSync(at("approve.frozen-1.ts"), "utf8");
    expect(frozen).toContain('deflow({ name: "approve@1" }, async function approve(');
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
    expect(Object.keys(lock())).toEqual(["approve", "approve@1"]);
    expect((await deflow("check", folder)).out).toMatch(/approve {4}listen:decision@\w{5} {2}frozen/);
    // What is released since then is not covered by it.
    edit((text) => change(text).replace("const rate = 2;", "const rate = 2, more = 1;").replace("total * rate", "total * rate + more"));
    expect(await deflow("lock", folder)).toMatchObject({ code: 1, err: expect.stringContaining("needs `more`") as string });
    rmSync(at("approve.frozen-1.ts"));
  });
});

describe("deflow freeze, from git", () => {
  const git = (...args: string[]) => execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], { cwd: folder, stdio: "ignore" });
  afterAll(() => rmSync(at(".git"), { recursive: true, force: true }));

  test("takes the version of the file that has the flow as it was released", async () => {
    await deflow("lock", folder);
    git("init", "-q");
    for (const [message, text] of [["released", source], ["later", source.replace("let total = 0", "let total = 1")]] as const) {
      edit(() => text);
      git("add", "approve.ts");
      git("commit", "-q", "-m", message);
    }
    rmSync(at("approve.ts"));
    git("commit", "-q", "-a", "-m", "gone");
    expect(await deflow("freeze", "approve", "--folder", folder)).toMatchObject({ code: 0, err: "" });
    const frozen = readFileSync(at("approve.frozen-1.ts"), "utf8");
    expect([frozen.includes("let total = 0"), frozen.includes("let total = 1")]).toEqual([true, false]);
    rmSync(at("approve.frozen-1.ts"));
    // What no version has is not made up.
    writeFileSync(at("deflow.lock.json"), lockText().replace(/"text": ?"\w{10}"/, '"text":"aaaaaaaaaa"'));
    expect(await deflow("freeze", "approve", "--folder", folder)).toMatchObject({ code: 2, err: expect.stringContaining("nor a version of it in git") as string });
  });
});

describe("deflow check --store", () => {
  const runs = at("runs.db");
  const text = 'import { deflow, listen } from "deflow";\nexport const wait = deflow(async function wait(a) {\n  for (const x of [1, 2]) {\n    const n = await listen("go");\n    if (n) return a + x;\n  }\n  return 0;\n});\n';

  beforeEach(async () => {
    rmSync(runs, { force: true });
    const { wait } = load(text) as { wait: Flow<[number], number> };
    const store = sqlite(runs);
    const engine = createEngine({ store, flows: { wait } });
    for (const id of ["a", "b", "c"]) await engine.start(wait, [1], { id });
    await engine.continue("c", "go", 1);
    await engine.close();
    await store.close();
    rmSync(at("approve.ts"), { force: true });
  });

  test("counts the runs that would go on, and says why others would not", async () => {
    writeFileSync(at("other.ts"), text);
    expect(await deflow("check", folder, "--store", runs)).toEqual({ code: 0, out: "wait  listen:go  2 runs  resume\n", err: "" });
    writeFileSync(at("other.ts"), text.replace("for (const x", "const b = 1;\n  for (const x").replace("a + x", "a + x + b"));
    expect(await deflow("check", folder, "--store", runs)).toEqual({ code: 1, out: "wait  listen:go  2 runs  would be stranded  wait listen:go: needs `b`\n", err: "" });
    writeFileSync(at("other.ts"), text.replace("const x of", "const y of").replace("a + x", "a + y"));
    expect((await deflow("check", folder, "--store", runs)).out).toContain("it stands in other loops");
    expect(await deflow("check", folder, "--store", at("none.db"))).toMatchObject({ code: 2, err: expect.stringContaining("there is no store at") as string });
    expect(existsSync(at("none.db"))).toBe(false);
  });

  test("and which runs hold a member of a class by itself that is gone", async () => {
    const shop = (members: string): string => `import { deflow, listen } from "deflow";\nexport const wait = deflow(async function wait(a: string) {\n  class Line { ${members} }\n  for (const x of [1, 2]) await listen("go");\n  return a;\n});\n`;
    writeFileSync(at("other.ts"), shop("total() {} static get [`a size`]() { return 1; }"));
    expect(await deflow("lock", folder)).toMatchObject({ code: 0, err: "" });
    const [, keys = ""] = /"(~keys~\w+)"/.exec(lockText()) ?? [];
    const store = sqlite(runs);
    const row = { version: 0, now: 1, origin: { flow: "wait", queue: "", priority: 0 }, status: "waiting", state: "{}", waits: [], looked: 0, wake: null } as const;
    const held = ["", "\nmember wait#Line method .total", "\nmember wait#Line static.get .a%20size [0]"];
    await store.commit(held.map((member, i) => ({ ...row, id: `m${i}`, shape: { key: `m${i}`, flow: "wait", atoms: `class wait#Line ${keys}${member}` } })));
    await store.close();

    writeFileSync(at("other.ts"), shop("sum() {} static [`a size`]() { return 1; }"));
    const why = "not there any more, and a run may hold it by itself";
    expect((await deflow("check", folder)).out).toContain(`wait  static get wait#Line[…]  partly   ${why}\nwait  wait#Line                resumes\nwait  wait#Line.total()        partly   ${why}\n`);
    const { code, out } = await deflow("check", folder, "--store", runs);
    expect([code, out.match(/1 run .*/g)]).toEqual([1, ["1 run   resume", "1 run   would be stranded  wait#Line.total(): it is not there", '1 run   would be stranded  static get wait#Line["a size"]: it is not there']]);
  });

  test("runs without strands go on, those that fit a frozen flow there, those of a newer deflow not here", async () => {
    const store = sqlite(runs);
    const row = { version: 0, now: 1, origin: { flow: "wait", queue: "", priority: 0 }, status: "waiting", state: "{}", waits: [], looked: 0, wake: null } as const;
    await store.commit([
      { ...row, id: "d", shape: { key: "d", flow: "wait", atoms: "" } },
      { ...row, id: "e", shape: { key: "e", flow: "wait", atoms: "future thing" } },
    ]);
    await store.close();
    writeFileSync(at("other.ts"), text.replace("for (const x", "const b = 1;\n  for (const x").replace("a + x", "a + x + b"));
    writeFileSync(at("approve.frozen-1.ts"), text.replace("deflow(", 'deflow({ name: "wait@1" }, '));
    const { code, out } = await deflow("check", folder, "--store", runs, "--json");
    rmSync(at("approve.frozen-1.ts"));
    expect([code, (JSON.parse(out) as StoredLine[]).map(({ runs: count, verdict, why }) => [count, verdict, why]).sort()]).toEqual([1, [
      [1, "resume", ""], [1, "would be stranded", "`future thing`: only a newer deflow knows what that is"], [2, "resume frozen", "if your engine has `wait@1`"],
    ]]);
  });

  test("a frozen flow is needed by the runs that took a turn in it, under the name they were begun with", async () => {
    const store = sqlite(runs);
    const row = { version: 0, now: 1, origin: { flow: "wait", queue: "", priority: 0 }, status: "waiting", state: "{}", waits: [], looked: 0, wake: null } as const;
    await store.commit([{ ...row, id: "d", shape: { key: "d", flow: "wait", atoms: "point wait@1 end" } }, { ...row, id: "e", shape: { key: "e", flow: "wait", atoms: "flow wait@2" } }]);
    await store.close();
    writeFileSync(at("other.ts"), text);
    for (const n of [1, 2]) writeFileSync(at(`approve.frozen-${n}.ts`), text.replace("deflow(", `deflow({ name: "wait@${n}" }, `).replace('listen("go")', 'listen("end", { label: "end" })'));
    const { out } = await deflow("check", folder, "--store", runs, "--json");
    for (const n of [1, 2]) rmSync(at(`approve.frozen-${n}.ts`));
    expect((JSON.parse(out) as StoredLine[]).map(({ verdict }) => verdict)).not.toContain("no run needs it");
  });

  test("shows on a terminal how many of the shapes are counted, and takes it away; for --json nothing", async () => {
    const store = sqlite(runs);
    const row = { version: 0, now: 1, origin: { flow: "wait", queue: "", priority: 0 }, status: "waiting", state: "{}", waits: [], looked: 0, wake: null } as const;
    await store.commit(Array.from({ length: 599 }, (_, n) => ({ ...row, id: `n${n}`, shape: { key: `k${n % 2 === 0 ? n : 1}`, flow: "wait", atoms: "" } })));
    await store.close();
    writeFileSync(at("other.ts"), text);
    const shown = async (...more: string[]): Promise<string[]> => {
      const drawn: string[] = [];
      const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 200 });
      screen.on("data", (data: Buffer) => drawn.push(data.toString()));
      expect(await run(["check", folder, "--store", runs, ...more], { out() {}, err() {}, colour: false, screen: screen as unknown as NodeJS.WriteStream })).toBe(0);
      return drawn;
    };
    const drawn = await shown();
    const bars = drawn.filter((line) => line.includes(" shapes, "));
    expect([bars[0], bars.at(-1)]).toEqual([expect.stringMatching(/0 of 302 shapes, 0 runs counted/), expect.stringMatching(/302 of 302 shapes, 601 runs counted/)]);
    expect(drawn.indexOf("\u001b[?25h")).toBeGreaterThan(drawn.indexOf(bars.at(-1) as string));
    expect(await shown("--json")).toEqual([]);
  });

  test("a program with errors is not judged sound", async () => {
    writeFileSync(at("other.ts"), `${text}export const bad = deflow(42);\n`);
    expect(await deflow("check", folder, "--store", runs)).toMatchObject({ code: 1, err: expect.stringContaining("DF101") as string });
  });

  test("a frozen flow that no run needs may go", async () => {
    writeFileSync(at("other.ts"), text);
    writeFileSync(at("approve.frozen-1.ts"), text.replace("deflow(", 'deflow({ name: "wait@1" }, '));
    const checked = await deflow("check", folder, "--store", runs);
    rmSync(at("approve.frozen-1.ts"));
    expect(checked).toMatchObject({ code: 0, out: "wait    listen:go  2 runs  resume\nwait@1             0 runs  no run needs it  its file may go\n" });
  });

  test("warns of a frozen flow that no file imports, for an engine that does not have it strands its runs", async () => {
    const changed = text.replace("for (const x", "const b = 1;\n  for (const x").replace("a + x", "a + x + b");
    writeFileSync(at("approve.frozen-1.ts"), text.replace("deflow(", 'deflow({ name: "wait@1" }, '));
    const told = async (also: string, ...words: string[]): Promise<string> => {
      writeFileSync(at("other.ts"), `${also}\n${changed}`);
      const { code, err } = await deflow("check", folder, ...words);
      expect(code).toBe(0);
      return err;
    };
    const warning = "warning: no file of the program imports approve.frozen-1.ts. An engine that does not load it does not have `wait@1`, and leaves the runs stranded that only that fits: import it where your engines are made.\n\n";
    expect([await told("", "--store", runs), await told("")]).toEqual([warning, warning]);
    for (const line of ['import "./approve.frozen-1.js";', 'export { wait as old } from "./approve.frozen-1.js";', 'void import("./approve.frozen-1.js");', 'const old = require("./approve.frozen-1");']) expect(await told(line, "--store", runs), line).toBe("");
    rmSync(at("approve.frozen-1.ts"));
  });

  test("writes nothing: not the tables of an older version", async () => {
    writeFileSync(at("other.ts"), text);
    const older = connect(runs);
    older.exec("delete from deflow_migration where number = (select max(number) from deflow_migration)");
    older.close();
    const before = readFileSync(runs);
    expect(await deflow("check", folder, "--store", runs)).toMatchObject({ code: 2, err: expect.stringContaining("STORE_OLDER") as string });
    expect(readFileSync(runs).equals(before)).toBe(true);
    writeFileSync(at("empty.db"), "");
    expect(await deflow("check", folder, "--store", at("empty.db"))).toMatchObject({ code: 2, err: expect.stringContaining("STORE_MISSING") as string });
    expect(readFileSync(at("empty.db"))).toHaveLength(0);
  });
});

describe("deflow retire", () => {
  test("gives a point up, whose id is not given again", async () => {
    await deflow("lock", folder);
    expect(JSON.parse((await deflow("lock", folder, "--json")).out)).toEqual({ flows: ["approve"], written: false });
    expect(await deflow("retire", "approve", "listen:decision", "--folder", folder)).toEqual({ code: 0, out: "Retired: `approve listen:decision`.\n", err: "" });
    expect(lock()["approve"]).toMatchObject({ points: {}, retired: ["approve listen:decision"] });
    expect((await deflow("lock", folder)).code).toBe(0);
    expect(Object.keys(lock()["approve"]?.points ?? {})).toEqual(["approve listen:decision.2"]);
  });

  test("or a whole flow, which may go then", async () => {
    await deflow("lock", folder);
    await deflow("retire", "approve", "--folder", folder);
    edit((text) => text.replaceAll("approve", "agree"));
    expect((await deflow("lock", folder)).code).toBe(0);
    expect(lock()["approve"]).toMatchObject({ points: {}, units: {}, retired: ["approve listen:decision", "approve#add"] });
  });

  test("nothing that is not released", async () => {
    await deflow("lock", folder);
    expect(await deflow("retire", "approve", "listen:x", "--folder", folder)).toMatchObject({ code: 2, err: expect.stringContaining("Released: approve listen:decision, approve#add") as string });
    expect(await deflow("retire", "refuse", "--folder", folder)).toMatchObject({ code: 2, err: expect.stringContaining("It has: approve") as string });
  });
});
