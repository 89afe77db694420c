// The command line: what each command prints, where, and with which exit code.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { mermaid } from "../cli/graph.ts";
import { run } from "../cli/run.ts";
import { passes } from "../compiler/index.ts";

const folder = mkdtempSync(join(tmpdir(), "deflow-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `import { deflow, listen, step } from "deflow";\n${body}`);
  return path;
}

const good = file("good.ts", 'export const approve = deflow(async function approve(n: number) {\n  while (n > 0) n = (await listen("more")) as number;\n  return n;\n});\n');
const bad = file("bad.ts", 'export const broken = deflow(async function broken(n: number) {\n  let total = 0;\n  await step("add", () => { total += n; });\n  return total;\n});\n');

async function deflow(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await run(args, { out: (text) => void (out += text), err: (text) => void (err += text), colour: false });
  return { code, out, err };
}

describe("deflow tsc", () => {
  test("names the way round what it does not have", async () => {
    expect(await deflow("tsc", "-w")).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/^deflow: `deflow tsc` has no -w: let `tsc --noEmit -w` watch.*`tspc -w`\n$/) as string });
    expect(await deflow("tsc", "-b", "a", "b", "c")).toMatchObject({ code: 2, err: expect.stringContaining("`deflow tsc -p a && deflow tsc -p b && deflow tsc -p c`; or") as string });
    expect(await deflow("tsc", "--build")).toMatchObject({ code: 2, err: expect.stringContaining("`deflow tsc -p packages/a && deflow tsc -p packages/b`; or") as string });
  });

  test("refuses a tsconfig that only refers to projects, and names them", async () => {
    writeFileSync(join(folder, "tsconfig.json"), '{ "files": [], "references": [{ "path": "./app" }, { "path": "./tsconfig.node.json" }] }');
    const { code, err } = await deflow("tsc", "-p", folder);
    expect([code, err]).toEqual([2, expect.stringMatching(/tsconfig\.json` has no files and refers to other projects: .*`deflow tsc -p \S*app\/tsconfig\.json && deflow tsc -p \S*tsconfig\.node\.json`/)]);
  });
});

describe("deflow compile", () => {
  test("prints the compiled file", async () => {
    const { code, out, err } = await deflow("compile", good);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain('case "listen:more":');
  });

  test("shows errors with their frame and exits with 1", async () => {
    const { code, err } = await deflow("compile", bad);
    expect(code).toBe(1);
    expect(err).toBe([
      "error DF106: the step function assigns `total`, a variable of the flow",
      ` --> ${bad}:4:29`,
      "  |",
      '4 |   await step("add", () => { total += n; });',
      "  |                             ^^^^^",
      "  = fix: Return the value from the step and assign its result: after a crash the step's own assignments are lost.",
      "  = see: deflow explain DF106",
      "", "",
    ].join("\n"));
  });

  test("--json gives code, map, diagnostics and points", async () => {
    const { code, out, err } = await deflow("compile", bad, "--json");
    const result = JSON.parse(out) as { map: { version: number }; diagnostics: { code: string }[] };
    expect([code, err, result.map.version, result.diagnostics.map((d) => d.code)]).toEqual([1, "", 3, ["DF106"]]);
    expect(JSON.parse((await deflow("compile", good, "--json")).out)).toMatchObject({ points: [{ flow: "approve", point: "listen:more" }] });
  });
});

describe("deflow explain", () => {
  test("prints every pass of a file, or one", async () => {
    const all = await deflow("explain", good);
    for (const pass of passes) expect(all.out).toContain(`after ${pass}`);
    const one = await deflow("explain", good, "--after", "name");
    expect(one.out).toContain("await listen:more");
    expect(one.out).not.toContain("after name");
  });

  test("prints the page of a code", async () => {
    const { code, out } = await deflow("explain", "STORE_LOCKED");
    expect([code, out.startsWith("#")]).toEqual([0, true]);
    expect((await deflow("explain", "df106")).out).toContain("DF106");
  });

  test("--json gives the page of a code, and what a pass made of a file", async () => {
    expect(JSON.parse((await deflow("explain", "df106", "--json")).out)).toMatchObject({ code: "DF106", page: expect.stringContaining("DF106") as string });
    const { code, out } = await deflow("explain", bad, "--after", "find", "--json");
    expect([code, JSON.parse(out)]).toMatchObject([1, { text: "flow broken", diagnostics: [{ code: "DF106" }] }]);
  });

  test("names the codes there are when asked for another", async () => {
    const { code, err } = await deflow("explain", "DF999");
    expect(code).toBe(2);
    expect(err).toContain("there is no code `DF999`");
    expect(err).toContain("STORE_LOCKED");
  });
});

describe("deflow graph", () => {
  test("draws where a flow stops, as Mermaid", async () => {
    const { code, out } = await deflow("graph", good);
    expect(code).toBe(0);
    expect(out).toBe([
      "flowchart TD",
      '  subgraph f0 ["approve"]',
      '    f0n0(["approve"])',
      '    f0n1["listen:more<br/>line 3"]',
      '    f0n2(["end"])',
      "    f0n0 --> f0n1", "    f0n0 --> f0n2", "    f0n1 --> f0n1", "    f0n1 --> f0n2",
      "  end", "",
    ].join("\n"));
  });

  test("--json gives the graph as data", async () => {
    expect(JSON.parse((await deflow("graph", good, "--json")).out)).toMatchObject([{ flow: "approve" }]);
  });

  test("quotes what Mermaid would read as syntax", () => {
    expect(mermaid([{ flow: 'a"#', nodes: [{ id: "x", kind: "wait", label: 'say "hi"', line: 1 }], edges: [] }])).toContain('"a#quot;#35;"');
  });
});

describe("exit code 2", () => {
  test.each([
    [["compile", join(folder, "none.ts")], "cannot read"],
    [["compile", file("plain.ts", "void deflow; void listen; void step;\n")], "no call of deflow()"],
    [["explain", good, "--after", "nothing"], "Allowed choices are find"],
    [["explain", good, "--after"], "argument missing"],
    [["explain"], "missing required argument"],
    [["explain", join(folder, "none.ts")], "cannot read"],
    [["graph", join(folder, "none.ts")], "cannot read"],
    [["graph", folder], "EISDIR"],
    [["graph"], "missing required argument"],
    [["draw", good], "unknown command"],
  ])("%j", async (args, message) => {
    const { code, err } = await deflow(...args);
    expect([code, err.includes(message)]).toEqual([2, true]);
  });
});

describe("on the example", () => {
  const example = fileURLToPath(new URL("../examples/approval/src/flow.ts", import.meta.url));

  test.each(passes)("explain --after %s prints something about it", async (pass) => {
    const { code, out, err } = await deflow("explain", example, "--after", pass);
    expect([code, err]).toEqual([0, ""]);
    // Of a file without errors there is nothing to check off.
    if (pass !== "check") expect(out).toContain("approve");
  });

  test("graph draws each of its waits", async () => {
    const { code, out } = await deflow("graph", example);
    expect([code, out.includes("listen:manager"), out.includes("step:pay")]).toEqual([0, true, true]);
  });
});

test("help names every command and goes to standard output", async () => {
  const { code, out, err } = await deflow("--help");
  expect([code, err]).toEqual([0, ""]);
  for (const command of ["explain", "compile", "graph", "lock", "check", "freeze", "retire", "init", "completion"]) {
    expect(out).toContain(command);
    expect((await deflow(command, "--help")).out).toMatch(/\nExamples?:\n {2}\$ deflow /);
  }
});
