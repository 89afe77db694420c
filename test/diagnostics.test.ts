// What the compiler says, by fixture: each folder of fixtures/errors holds a file and the report of all its diagnostics.
// UPDATE=1 writes the reports anew.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { begin, resume, type Flow } from "deflow";
import { describe, expect, test } from "vitest";
import { compile } from "../compiler/index.ts";
import { codes } from "../compiler/diagnostics/table.ts";
import { report } from "../compiler/report.ts";
import { load } from "./compiler/source.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const errors = `${root}fixtures/errors/`;

interface Fixture {
  readonly name: string;
  readonly fileName: string;
  readonly source: string;
}

/** Those that need types are in test/typed.test.ts. */
const byTypes = /^DF5|-by-types$/;

const fixtures = readdirSync(errors).filter((name) => !byTypes.test(name)).map((name): Fixture => {
  const fileName = existsSync(`${errors}${name}/input.ts`) ? "input.ts" : "input.js";
  return { name, fileName, source: readFileSync(`${errors}${name}/${fileName}`, "utf8") };
});

/** Codes that no small program shows, with where they are shown instead. */
const elsewhere: Record<string, string> = {
  DF206: "test/compiler/huge.test.ts: its programs are as large as the stack is deep",
  DF401: "test/lock.test.ts: what is released is no part of a source",
  DF402: "test/lock.test.ts: what is released is no part of a source",
  DF403: "test/lock.test.ts: what is released is no part of a source",
  DF404: "test/lock.test.ts: what is released is no part of a source",
  DF405: "test/lock.test.ts: what is released is no part of a source",
  DF406: "test/lock.test.ts: what is released is no part of a source",
  DF407: "test/lock.test.ts: what is released is no part of a source",
  DF901: "test/compiler/bugs.test.ts: a program that shows it is a program to be corrected",
};

test.each(fixtures)("$name", ({ name, fileName, source }) => {
  const found = compile(source, { fileName })?.diagnostics ?? [];
  const text = `${found.map((d) => report(d, source, fileName)).join("\n\n")}\n`;
  const file = `${errors}${name}/_expected.txt`;
  if (process.env["UPDATE"]) writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
  expect(found.length).toBeGreaterThan(0);
  if (name.startsWith("DF")) expect(found.map(({ code }) => code)).toContain(name.slice(0, 5));
});

describe("every code", () => {
  test.each(codes)("%s has a page that begins with it, and a fixture", (code) => {
    expect(readFileSync(`${root}compiler/diagnostics/${code}.md`, "utf8")).toMatch(new RegExp(`^# ${code}: `));
    expect(readdirSync(errors).some((name) => name.startsWith(code)) !== code in elsewhere).toBe(true);
  });

  test("where a code is shown elsewhere, it is", () => {
    for (const [code, where] of Object.entries(elsewhere)) expect(readFileSync(`${root}${where.split(":")[0]}`, "utf8")).toContain(code);
  });
});

describe("a file with errors", () => {
  const source = fixtures.find(({ name }) => name === "several")?.source ?? "";

  test("tells all of them at once, in the order of the flows and of their places", () => {
    expect(compile(source, { fileName: "several.ts" })?.diagnostics.map((d) => d.code)).toEqual(["DF106", "DF201", "DF205"]);
  });

  test("is emitted so that its refused flows throw their messages when they are called, and the others work", async () => {
    const { first, second, good } = load(source, { fileName: "several.ts" }) as Record<string, Flow<[], unknown>>;
    const refused = await begin(first as Flow<[], unknown>, []);
    expect(refused).toMatchObject({ status: "failed", error: { code: "FLOW_REFUSED" } });
    expect("error" in refused && refused.error.message).toMatch(/`first`[^]*DF106: [^]*DF201: /);
    expect(await begin(second as Flow<[], unknown>, [])).toMatchObject({ status: "failed", error: { message: expect.stringContaining("DF205") as string } });
    const { frame } = await begin(good as Flow<[], unknown>, []);
    expect(await resume(frame, "x", 5)).toMatchObject({ status: "completed", value: 5 });
  });

  test("warnings keep nothing from being compiled", async () => {
    const { f } = load(fixtures.find(({ name }) => name === "DF105")?.source ?? "", { fileName: "warned.ts" }) as { f: Flow<[], unknown> };
    const { frame } = await begin(f, []);
    expect(await resume(frame, "lines", { first: 1 })).toMatchObject({ status: "failed", error: { name: "TypeError", message: "Assignment to constant variable." } });
  });
});
