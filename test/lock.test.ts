// The lock file and what a build says of released points: DF401 to DF407. Edits one by one are in test/edits.test.ts.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compile, parseLock, printLock, type ReleasedFlows } from "../compiler/index.ts";
import { releasedFor } from "../compiler/lock/nearest.ts";
import { report } from "../compiler/report.ts";
import { fingerprint as ofRuntime } from "../runtime/versions/fingerprint.ts";
import { align, type Item, type KnownItem } from "../compiler/passes/7-align.ts";
import { compiled, flow } from "./compiler/source.ts";

const body = `
  const total = a.total;
  const tell = (text: string) => a.tell(text, total);
  for (const line of a.lines) {
    const answer = await listen("decision");
    if (answer) tell("yes");
    await step("pay", () => a.pay(line));
  }
  return total;`;
const released = compiled(flow(body)).shapes();
const lockText = printLock({ version: 1, flows: released });

const closing = 'for (const x of a) { try { if (x === 2) break; if (x === 3) return "left"; a.go(x); } finally { await listen("p"); } } await listen("q");';

/** All that a build says, as people read it. */
function says(source: string, options: { released?: ReleasedFlows; dev?: boolean } = {}): string {
  const { diagnostics } = compiled(source, { released, ...options });
  return diagnostics.map((diagnostic) => report(diagnostic, source, "shop.ts")).join("\n");
}

describe("the file", () => {
  test("has a line for each point and function, and reads back as it was", () => {
    expect(parseLock(lockText, "deflow.lock.json")).toEqual({ version: 1, flows: released });
    expect(printLock(parseLock(lockText, "deflow.lock.json"))).toBe(lockText);
    expect(lockText).toMatch(/^ {8}"f listen:decision": \{"slots":\{"a":"","line":"","tell":"","total":"","~it1":""\},"regions":"for-of\(line\)","fingerprint":"\w{5}".*\},?$/m);
    expect(lockText).toMatch(/^ {8}"f#tell": \{"kind":"code","in":"f","env":\{"a":"","total":""\}.*\},?$/m);
  });

  test("is the same whatever order things were released in", () => {
    const turned = Object.fromEntries(Object.entries(released).map(([name, { points, units, ...rest }]) =>
      [name, { ...rest, points: Object.fromEntries(Object.entries(points).reverse()), units: Object.fromEntries(Object.entries(units).reverse()) }]));
    expect(printLock({ version: 1, flows: turned })).toBe(lockText);
  });

  test("has the jumps that may be pending at a point, in an order of their own, where there are any", () => {
    const { f } = compiled(flow(closing)).shapes();
    expect(f?.points["f listen:p"]).toMatchObject({ jumps: { "~c1": ["break for-of 1", "return"] } });
    expect(f?.points["f listen:q"]).not.toHaveProperty("jumps");
    const turned = closing.replace(/(if \(x === 2\).*?;) (if \(x === 3\).*?;)/, "$2 $1");
    expect(Object.keys(compiled(flow(turned)).shapes()["f"]?.points["f listen:p"]?.jumps ?? {})).toEqual(["~c1"]);
    expect(compiled(flow(turned)).shapes()["f"]?.points["f listen:p"]?.jumps).toEqual(f?.points["f listen:p"]?.jumps);
    const text = printLock({ version: 1, flows: compiled(flow(closing)).shapes() });
    expect(text).toMatch(/"fingerprint":"\w{5}","jumps":\{"~c1":\["break for-of 1","return"\]\},"text"/);
    expect(printLock(parseLock(text, "deflow.lock.json"))).toBe(text);
    expect(() => parseLock(text.replace('"return"]', "1]"), "deflow.lock.json")).toThrow(/a jump in `~c1` of .*listen:p.* is no text/);
    expect(() => parseLock(text.replace('["break for-of 1","return"]', '"return"'), "deflow.lock.json")).toThrow(/jumps in `~c1` of .* is no list/);
  });

  test.each<[string, (text: string) => string, RegExp]>([
    ["no JSON", (text) => text.slice(1), /JSON/],
    ["conflict marks of git", (text) => text.replace('  "flows"', '<<<<<<< HEAD\n  "flows"'), /JSON/],
    ["another version", (text) => text.replace('"version": 1', '"version": 2'), /version 2/],
    ["a point without its slots", (text) => text.replace(/"slots":\{[^}]*\},/, ""), /listen:decision.* has no `slots`/],
    ["a type that is none", (text) => text.replace('"total":""', '"total":1'), /type of `total`/],
    ["a field that means nothing", (text) => text.replace('"regions"', '"more":1,"regions"'), /has `more`/],
    ["a list for a table", (text) => text.replace(/"units": \{[^]*?\n {6}\}/, '"units": []'), /units is no object/],
  ])("DF406: %s", (_, change, message) => {
    expect(() => parseLock(change(lockText), "x/deflow.lock.json")).toThrow(message);
    expect(() => parseLock(change(lockText), "x/deflow.lock.json")).toThrow(/^DF406: x\/deflow\.lock\.json is no lock file: /);
  });
});

describe("builds read the lock of the nearest package", () => {
  const folder = mkdtempSync(join(tmpdir(), "deflow-lock-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "inner", "src"), { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(join(folder, "inner", "package.json"), "{}");
  writeFileSync(join(folder, "deflow.lock.json"), lockText);

  test("not that of a package around it", () => {
    expect(releasedFor(join(folder, "shop.ts"))).toEqual(released);
    expect(releasedFor(join(folder, "inner", "src", "shop.ts"))).toEqual({});
  });

  test("as it is now", () => {
    writeFileSync(join(folder, "inner", "deflow.lock.json"), printLock({ version: 1, flows: {} }));
    expect(releasedFor(join(folder, "inner", "src", "shop.ts"))).toEqual({});
    writeFileSync(join(folder, "inner", "deflow.lock.json"), "{");
    expect(() => releasedFor(join(folder, "inner", "src", "shop.ts"))).toThrow(/^DF406/);
  });
});

describe("a build says", () => {
  test("nothing of released code as it is, whose output is the same with the lock and without", () => {
    const [one, two] = [compiled(flow(body)), compiled(flow(body), { released })];
    expect(two.diagnostics).toEqual([]);
    expect(two.code).toBe(one.code);
  });

  test("DF403 what is missing, both versions, and the migration to paste", () => {
    const text = says(flow(body.replace("const total", "const currency = a.currency;\n  const total").replace('tell("yes")', "tell(currency)")));
    const fingerprint = released["f"]?.points["f listen:decision"]?.fingerprint;
    expect(text).toContain(`error DF403: \`f listen:decision@${fingerprint}\` is released and needs \`currency\`, which is not stored`);
    expect(text).toContain("stored  a line tell total ~it1    in for-of(line)");
    expect(text).toContain("now     a currency line tell total ~it1    in for-of(line)");
    expect(text).toContain(`migrate(f, "listen:decision@${fingerprint}", (locals) => ({ ...locals, currency: … }));`);
    expect(text).toContain('deflow retire f "listen:decision"');
  });

  test("DF403 that a local was perhaps renamed", () => {
    const text = says(flow(body.replaceAll("total", "sum").replace("a.sum", "a.total")));
    expect(text).toContain("needs `sum`, which is not stored (renamed? `total` → `sum`)");
    expect(text).toContain("({ ...locals, sum: locals.total })");
  });

  test("DF402 that a point or a function is gone", () => {
    const text = says(flow(body.replace('const answer = await listen("decision");', "const answer = a.answer;").replace('"pay", () => a.pay(line)', '"book", () => a.book(line)')));
    expect(text).toMatch(/DF402: `f listen:decision@\w{5}` is released and not there any more/);
    expect(text).toContain("DF402: `f#step:pay` is released");
    expect(text).toContain("now     not there");
  });

  test("DF404 that a point stands elsewhere, DF401 that it may be one of two, DF405 that a label is retired", () => {
    expect(says(flow(body.replace("for (const line of a.lines) {", "for (let i = 0; i < 3; i++) { const line = a.lines[i];")))).toContain("DF404: `f listen:decision@");
    const bare = 'a(1); await listen("x"); a(2);';
    const twice = says(flow('a(3); await listen("x"); a(4);\nawait listen("x"); a(5);'), { released: compiled(flow(bare)).shapes() });
    expect(twice).toContain("DF401: released code has `f listen:x`, and which await that is cannot be told: it may be the one of line 3 or line 4");
    expect(twice).toContain('{ label: "listen:x" }');
    const retired = Object.fromEntries(Object.entries(released).map(([name, entry]) => [name, { ...entry, retired: ["f old"] }]));
    expect(says(flow(body.replace('listen("decision")', 'listen("decision", { label: "old" })')), { released: retired })).toContain("DF405: `f old` is the id of a point that was retired");
  });

  test("DF407 that a jump is gone that may be pending, and compiles all the same", () => {
    const lock = compiled(flow(closing)).shapes();
    const fingerprint = lock["f"]?.points["f listen:p"]?.fingerprint;
    const edited = flow(closing.replace("if (x === 2) break;", ""));
    const text = says(edited, { released: lock });
    expect(text).toContain(`warning DF407: \`f listen:p@${fingerprint}\` is released and has no way for a pending \`break for-of 1\`: such runs would be stranded`);
    expect(text).toContain("`deflow check --store` counts those that would not");
    expect(text).toContain('deflow retire f "listen:p"');
    expect(compiled(edited, { released: lock }).code).not.toContain("$.refused(");
    const both = compiled(flow(closing.replace("if (x === 2) break;", "").replace('return "left"', "a.stay()")), { released: lock }).diagnostics;
    expect(both.map(({ code, message }) => [code, message])).toEqual([["DF407", expect.stringContaining("for a pending `break for-of 1`, `return`: such runs") as string]]);
    const using = flow('{ await using lock = a.lock(); if (a.busy) return 1; a.go(lock); } return 2;');
    expect(says(using.replace("if (a.busy) return 1;", ""), { released: compiled(using).shapes() })).toMatch(/DF407: .* has no way for a pending `return`/);
    const ignored = edited.replace('await listen("p")', '\n// deflow-ignore DF407: none is stored\nawait listen("p")');
    expect(compiled(ignored, { released: lock }).diagnostics).toEqual([]);
  });

  test("DF407 of a member that a run may hold by itself, DF402 of one that each instance holds; and compiles or not", () => {
    const source = flow('class Line { total(n) { return n; } static make() {} get "a size"() { return 1; } add = (n) => n; ["x" + a]() {} #hidden() {} }\nconst line = new Line();\nawait listen("p");\na(line);');
    const lock = compiled(source).shapes();
    expect(printLock({ version: 1, flows: lock })).toContain('"members":["method.total","static.method.make","get.a%20size","field.add","method[0]"],"text"');
    expect(parseLock(printLock({ version: 1, flows: lock }), "deflow.lock.json").flows).toEqual(lock);
    expect(() => parseLock(printLock({ version: 1, flows: lock }).replace('"method.total"', "1"), "deflow.lock.json")).toThrow(/the members of .*f#Line.* has 1/);
    const told = (edited: string): string[] => compiled(edited, { released: lock }).diagnostics.map(({ code, severity, message }) => `${severity} ${code} ${/^`[^`]*`/.exec(message)?.[0]}`);
    expect(told(source)).toEqual([]);
    expect(told(source.replace("total(n) {", "total(m, n) {").replace("#hidden() {}", "more() {}"))).toEqual([]);
    const less = source.replace("total(", "sum(").replace("static make", "make").replace('get "a size"', "size").replace('["x" + a]() {}', 'get ["x" + a]() { return 1; }');
    expect(told(less)).toEqual(["warning DF407 `f#Line.total()`", "warning DF407 `static f#Line.make()`", 'warning DF407 `get f#Line["a size"]`', "warning DF407 `f#Line[…]()`"]);
    expect(compiled(less, { released: lock }).code).not.toContain("$.refused(");
    const text = says(less, { released: lock });
    expect(text).toContain("warning DF407: `f#Line.total()` is released and not there any more, and a run may hold it by itself: such runs would be stranded");
    expect(text).toContain("`deflow check --store` counts those that would not");
    expect(told(source.replace("class Line", "\n// deflow-ignore DF407: none is held\nclass Line").replace("total(", "sum("))).toEqual([]);
    const gone = says(source.replace("add = (n) => n;", "add(n) { return n; }"), { released: lock });
    expect(gone).toContain("error DF402: `f#Line.add` is released and not there any more: stored runs that refer to it could not go on");
    expect(gone).toContain('deflow retire f "f#Line"');
    // Where the class itself does not fit it is that which is told; and nothing of what an older lock does not have, or what is frozen.
    expect(told(source.replace("class Line", "class Other").replace("new Line", "new Other").replace("total(", "sum(").replace("make", "other").replace("a size", "b"))).toEqual(["error DF402 `f#Line`"]);
    const units = (change: (unit: object) => object): ReleasedFlows => Object.fromEntries(Object.entries(lock).map(([name, entry]) => [name, { ...entry, units: Object.fromEntries(Object.entries(entry.units).map(([id, unit]) => [id, change(unit) as typeof unit])) }]));
    expect(compiled(less, { released: units((unit) => ({ ...unit, members: undefined })) }).diagnostics).toEqual([]);
    expect(compiled(less, { released: units((unit) => ({ ...unit, frozen: "f@1" })) }).diagnostics).toEqual([]);
  });

  test("DF407 once of all jumps that are gone one release after the other, and of a point with a migration, which gives none", () => {
    const third = closing.replace("if (x === 2) break;", "").replace('return "left"', "a.stay()");
    const lock = compiled(flow(closing.replace("if (x === 2) break;", ""))).shapes();
    const [f, first] = [lock["f"], compiled(flow(closing)).shapes()["f"]];
    const point = f?.points["f listen:p"];
    const { slots = {}, regions = "", fingerprint = "", jumps = {} } = first?.points["f listen:p"] ?? {};
    expect(point?.fingerprint).toBe(fingerprint);
    const released = { f: { ...f, points: { ...f?.points, "f listen:p": { ...point, was: [{ slots, regions, fingerprint, jumps }] } } } } as ReleasedFlows;
    const told = (edited: string, migrated: readonly string[] = []): unknown[] =>
      compiled(flow(edited), { released: { f: { ...released["f"], migrated } } as ReleasedFlows }).diagnostics.map(({ code, message }) => [code, ...[...message.matchAll(/`([^`]*)`/g)].slice(1).map(([, name]) => name)]);
    const from = `f listen:p@${fingerprint}`;
    expect(told(third)).toEqual([["DF407", "break for-of 1", "return"]]);
    expect(told(third, [from])).toEqual([["DF407", "break for-of 1", "return"]]);
    // Those on their way by no jump, or by one that is there, have what they need by the migration.
    const wider = (text: string): string => `const rate = a.rate; ${text.replace('await listen("p");', 'await listen("p"); a(rate);')}`;
    expect(told(wider(third))).toEqual([["DF403", "rate"]]);
    expect(told(wider(third), [from])).toEqual([["DF407", "break for-of 1", "return"]]);
    expect(told(wider(closing), [from])).toEqual([]);
  });

  test("nothing where a jump came, where nothing asks for it any more, or of what is frozen", () => {
    const said = (before: string, after: string): string[] => compiled(flow(after), { released: compiled(flow(before)).shapes() }).diagnostics.map(({ code }) => code);
    expect(said(closing.replace("if (x === 2) break;", ""), closing)).toEqual([]);
    // Whatever led there, the `finally` returns.
    expect(said('try { if (a) return 1; } finally { await listen("p"); return 2; }', 'try { a(); } finally { await listen("p"); return 2; }')).toEqual([]);
    // In another region chain it is that which is told.
    expect(said(closing, closing.replace("if (x === 2) break;", "").replace("for (const x of a)", "for (const [x] of a)"))).toEqual(["DF404"]);
    const lock = compiled(flow(closing)).shapes();
    const frozen = Object.fromEntries(Object.entries(lock).map(([name, entry]) => [name, { ...entry, points: Object.fromEntries(Object.entries(entry.points).map(([key, point]) => [key, { ...point, frozen: "f@1" }])) }]));
    expect(compiled(flow(closing.replace("if (x === 2) break;", "")), { released: frozen }).diagnostics).toEqual([]);
  });

  test("DF402 with the label that keeps the id, where a `listen` got a label, another name, or lost its label", () => {
    const plain = 'await listen("decision")';
    const labelled = 'await listen("decision", { label: "manager" })';
    for (const [before, after] of [[plain, labelled], [plain, 'await listen("verdict")'], [labelled, plain]] as const) {
      const source = flow(body.replace(plain, after));
      const lock = compiled(flow(body.replace(plain, before))).shapes();
      const text = says(source, { released: lock });
      expect(text).toContain("DF402: `f ");
      const [, line, hint] = /If the one of line (\d+) is meant, its label is the released id: `(\{ label: "[^"]*" \})` among its options/.exec(text) ?? [];
      expect(source.split("\n")[Number(line) - 1]).toContain(after);
      const put = source.replace(after, after.replace(/(, \{.*\})?\)$/, `, ${hint})`));
      const again = compiled(put, { released: lock });
      expect(again.diagnostics).toEqual([]);
      expect(again.points.map(({ point }) => point).toSorted()).toEqual(Object.keys(lock["f"]?.points ?? {}).map((key) => key.slice(2)).toSorted());
    }
  });

  test("DF402 without a label where none is new, none of them would fit, or which is meant cannot be told", () => {
    const more = (text: string): string => says(flow(body.replace('const answer = await listen("decision");', text)));
    for (const text of ["const answer = a.answer;", 'const rate = a.rate; const answer = await listen("x"); a(rate);', 'await listen("y"); const answer = await listen("x");', 'const answer = await a.price("x");']) {
      expect(more(text)).toContain("DF402: `f listen:decision@");
      expect(more(text)).not.toContain("its label is");
    }
  });

  test("the same as warnings in development", () => {
    const source = flow(body.replace('const answer = await listen("decision");', "const answer = a.answer;"));
    expect(compiled(source, { released, dev: true }).diagnostics.map(({ severity }) => severity)).toEqual(["warning"]);
    expect(compiled(source, { released, dev: true }).code).not.toContain("$.refused(");
    expect(compiled(source, { released }).code).toContain("$.refused(");
  });

  test("nothing of what has a migration or was retired", () => {
    const source = flow(body.replace('const answer = await listen("decision");', "const answer = a.answer;"));
    const fingerprint = released["f"]?.points["f listen:decision"]?.fingerprint;
    const migrated = `${source.replace("import {", "import { migrate,")}migrate(f, "listen:decision@${fingerprint}", (locals) => locals);\n`;
    expect(compile(migrated, { fileName: "shop.ts", released })?.diagnostics).toEqual([]);
    expect(compile(migrated.replace("@", "@x"), { fileName: "shop.ts", released })?.diagnostics).toHaveLength(1);
    const retired = Object.fromEntries(Object.entries(released).map(([name, entry]) => [name, { ...entry, retired: ["f listen:decision"] }]));
    expect(compiled(source, { released: retired }).diagnostics).toEqual([]);
  });
});

test("compiler and runtime make the same fingerprint", () => {
  for (const { region, slots, fingerprint } of compiled(flow(body)).points) expect(ofRuntime(region, slots)).toBe(fingerprint);
});

describe("ids", () => {
  const ids = (source: string, lock: ReleasedFlows): string[] => compiled(source, { released: lock, dev: true }).points.toSorted((x, y) => x.start - y.start).map(({ point }) => point);

  test("a new point never takes the id of one that is gone or retired", () => {
    const lock = compiled(flow('a(1);\nconst x = await listen("x");\na(x);')).shapes();
    expect(ids(flow('a(2);\nconst early = await listen("x");\na(early);\nconst x = await listen("x");\na(x);'), lock)).toEqual(["listen:x.2", "listen:x"]);
    const retired = Object.fromEntries(Object.entries(lock).map(([name, entry]) => [name, { ...entry, points: {}, retired: ["f listen:x"] }]));
    expect(ids(flow('const x = await listen("x");\na(x);'), retired)).toEqual(["listen:x.2"]);
  });

  test("a chain of releases keeps them", () => {
    const versions = ['const x = await ask(1);\nreturn x;', 'if (a) {\n  const x = await ask(1);\n  return x;\n}\nreturn 0;', 'if (a) {\n  const y = await ask(0);\n  a(y);\n  const x = await ask(1);\n  return x;\n}\nreturn 0;'];
    const head = 'import { deflow, listen } from "deflow";\nconst ask = (n: number) => listen(String(n));\nexport const f = deflow(async function f(a: any) {\n';
    let lock: ReleasedFlows = {};
    const seen = versions.map((version) => {
      const source = `${head}${version}\n});\n`;
      const result = compiled(source, { released: lock });
      expect(result.diagnostics).toEqual([]);
      lock = result.shapes();
      return result.points.toSorted((x, y) => x.start - y.start).map(({ point }) => point);
    });
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]?.[1]).toBe(seen[0]?.[0]);
    expect(new Set(seen[2]).size).toBe(2);
  });
});

describe("alignment", () => {
  const item = (text: string, target = "", [before, behind, around = ""]: readonly [string, string, string?] = ["", ""]): Item => ({ name: text.split(" ")[0] as string, text, regions: "", target, slots: "", near: [before, behind, around] });
  const known = (...items: Item[]): KnownItem[] => items.map((each, i) => ({ ...each, id: `${i + 1}` }));
  const found = (before: readonly Item[], after: readonly Item[], ordered = true): string => {
    const { kept, doubts, gone } = align(known(...before), after, ordered);
    return `${after.map((_, i) => kept.get(i) ?? (doubts.some(({ items }) => items.includes(i)) ? "?" : "new")).join(" ")} | ${gone.join(" ")}`;
  };

  test.each<[string, readonly Item[], readonly Item[], string]>([
    ["as it was", [item("x"), item("y")], [item("x"), item("y")], "1 2 | "],
    ["one more of another name", [item("x")], [item("y"), item("x")], "new 1 | "],
    ["change of places", [item("x"), item("y")], [item("y"), item("x")], "2 1 | "],
    ["one is gone", [item("x"), item("y")], [item("y")], "2 | 1"],
    ["equal ones as they were", [item("x", "", ["a", "b"]), item("x", "", ["b", "c"])], [item("x", "", ["a", "b"]), item("x", "", ["b", "c"])], "1 2 | "],
    ["equal ones, one more", [item("x", "", ["a", "b"]), item("x", "", ["b", "c"])], [item("x", "", ["a", "b"]), item("x", "", ["b", "c"]), item("x", "", ["c", "d"])], "? ? ? | "],
    ["equal ones, the first gone and one more behind", [item("x", "", ["a", "b"]), item("x", "", ["b", "c"])], [item("x", "", ["a", "c"]), item("x", "", ["c", "d"])], "? ? | "],
    ["equal ones that targets tell apart", [item("x", "p"), item("x", "q")], [item("x", "q"), item("x", "r")], "2 ? | "],
    ["equal ones between others", [item("y"), item("x"), item("z"), item("x")], [item("y"), item("x"), item("z"), item("new"), item("x")], "1 2 3 new 4 | "],
    ["one of equal ones to either side", [item("x"), item("z"), item("x")], [item("z"), item("x"), item("x")], "2 ? ? | "],
    ["another name, the very text", [{ ...item("price(a)"), name: "price~aaaaa" }], [{ ...item("price(b)"), name: "price~aaaaa" }, { ...item("price(a)"), name: "price~bbbbb" }], "? new | "],
  ])("%s", (_, before, after, expected) => {
    expect(found(before, after)).toBe(expected);
  });

  test("without an order nothing is told by it", () => {
    expect(found([item("x", "", ["a", "b"]), item("x", "", ["b", "c"])], [item("x", "", ["a", "b"]), item("x", "", ["b", "c"])], false)).toBe("? ? | ");
  });
});
