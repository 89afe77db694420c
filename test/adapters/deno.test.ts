// What the Node loader does where it runs in Deno, called as Deno calls it; in Deno itself: test/toolchains/installed.ts.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, test, vi } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "deflow-deno-"));
afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true });
});

test("a file with flows and JSX is refused by name, with the way round; one without flows is Deno's", async () => {
  vi.stubGlobal("process", Object.create(process, { versions: { value: { ...process.versions, deno: "2.9.6" } } }));
  const { rewrite } = await import("../../compiler/adapters/load.ts");
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return pathToFileURL(join(folder, name)).href;
  };
  const flow = 'import { deflow, listen } from "deflow";\nexport const f = deflow(async function f() {\n  await listen("x");\n});\n';
  for (const name of ["page.tsx", "page.jsx"]) {
    expect(() => rewrite(write(name, `${flow}export const page = <p>text</p>;\n`), { source: "made by Deno" })).toThrow(new RegExp(`${name} has flows and JSX.*Put the flows into a file of their own`));
    expect(rewrite(write(name, "export const page = <p>text</p>;\n"), { source: "made by Deno" })).toEqual({ source: "made by Deno" });
  }
  expect(rewrite(write("flow.js", flow), { source: "made by Deno" }).source).toContain("$.flow(");
});
