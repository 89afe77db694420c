// Frozen flows: the old source beside the new one, for the runs that only it fits.

import { expect, it } from "vitest";
import { begin, createEngine, type Flow, memory, resume } from "../../runtime/index.ts";
import { build, release } from "./builds.ts";

const body = "let n = a; const add = (k) => (n += k); function* g() { yield n; yield a; } const it = g(); it.next();\n"
  + "const each = async (x) => { const y = await listen(\"each\"); return x + y; }; const p = each(1); const k = await listen(\"go\"); add(k); return [\"old\", n, it.next().value, await p];";
const old = `export const main = deflow(async function main(a) { ${body} });`;
const frozen = `export const main1 = deflow({ name: "main@1" }, async function main(a) { ${body} });`;
const newer = "export const main = deflow(async function main(a) { const c = 1; const k = await listen(\"go\"); return [\"new\", a, c, k]; });";

it("a run goes on as a whole with the frozen source that it fits, new ones with the newer", async () => {
  const first = await begin(build<{ main: Flow }>(old).main as never, [1] as never);
  const { main } = build<{ main: Flow }>(`${newer}\n${frozen}`);
  const next = await resume(first.frame ?? "", "go", 10);
  expect(next.status).toBe("waiting");
  expect(JSON.parse(next.frame ?? "")).toMatchObject({ flow: "main", strands: [{ flow: "main@1" }, { code: "main@1#each" }] });
  expect(await resume(next.frame ?? "", "each", 5)).toMatchObject({ status: "completed", value: ["old", 11, 1, 6] });
  const fresh = await begin(main as never, [2] as never);
  expect(await resume(fresh.frame ?? "", "go", 3)).toMatchObject({ status: "completed", value: ["new", 2, 1, 3] });
});

it("what the newer source fits goes on there, and what none fits is refused", async () => {
  const first = await begin(build<{ main: Flow }>(old).main as never, [1] as never);
  build(`${old.replace("\"old\"", "\"fixed\"")}\n${frozen}`);
  const next = await resume(first.frame ?? "", "go", 10);
  expect(await resume(next.frame ?? "", "each", 5)).toMatchObject({ status: "completed", value: ["fixed", 11, 1, 6] });
  build(`${newer}\n${frozen.replaceAll("\"each\"", "\"other\"")}`);
  await expect(resume(first.frame ?? "", "go", 10)).rejects.toMatchObject({ code: expect.stringMatching(/^(?:LOCALS_MISFIT|UNKNOWN_CODE|UNKNOWN_POINT)$/) as string });
});

it("a run with a jump pending that the newer source does not have goes on with the frozen one, the others with the newer", async () => {
  const closing = (is: string, leave: string): string => `async function main(a) { for (const x of [1, 2]) { try { ${leave} } finally { await listen("go"); } } return ${is}; }`;
  const { main } = build<{ main: Flow }>(`export const main = deflow(${closing("[\"old\", a]", "if (x === a) break;")});`);
  const frames = await Promise.all([1, 3].map(async (a) => (await begin(main as never, [a] as never)).frame ?? ""));
  build(`export const main = deflow(${closing("[\"new\", a]", "void x;")});\nexport const main1 = deflow({ name: "main@1" }, ${closing("[\"old\", a]", "if (x === a) break;")});`);
  expect(await resume(frames[0] ?? "", "go", null)).toMatchObject({ status: "completed", value: ["old", 1] });
  expect(await resume((await resume(frames[1] ?? "", "go", null)).frame ?? "", "go", null)).toMatchObject({ status: "completed", value: ["new", 3] });
});

it("a run that holds a member of a class by itself goes on with the frozen one where the newer lacks it, the others with the newer", async () => {
  const shop = (is: string, name: string, held: string): string => `async function main(a) { class Line { ${name}(k) { return k + 1; } } const line = new Line(); const held = ${held}; const k = await listen("go"); return ["${is}", line instanceof Line, typeof held]; }`;
  const holding = async (held: string): Promise<string> => (await begin(build<{ main: Flow }>(`export const main = deflow(${shop("old", "total", held)});`).main as never, [1] as never)).frame ?? "";
  const frames = [await holding("line.total"), await holding("1")] as const;
  build(`export const main = deflow(${shop("new", "sum", "1")});\nexport const main1 = deflow({ name: "main@1" }, ${shop("old", "total", "line.total")});`);
  expect(await resume(frames[0], "go", 1)).toMatchObject({ status: "completed", value: ["old", true, "function"] });
  expect(await resume(frames[1], "go", 1)).toMatchObject({ status: "completed", value: ["new", true, "number"] });
});

it("an engine claims such runs, and does not call them stranded", async () => {
  const before = release<{ main: Flow }>("export const main = deflow(async function main(a) { await sleep(1000); return [\"old\"]; });");
  const store = memory();
  let now = 1_000;
  const clock = { now: () => now, after: () => () => {} };
  const first = createEngine({ store, clock, flows: { main: before.exports.main as never } });
  await first.start(before.exports.main as never, [1] as never, { id: "r" });
  const after = release<{ main: Flow }>("export const main = deflow(async function main(a) { const c = 1; await sleep(1000); return [\"new\", c]; });\n"
    + "export const main1 = deflow({ name: \"main@1\" }, async function main(a) { await sleep(1000); return [\"old\"]; });");
  const engine = createEngine({ store, clock, flows: { main: after.exports.main as never } });
  expect((await engine.get("r")).status).toBe("waiting");
  now += 5_000;
  await engine.tick();
  expect(await engine.get("r")).toMatchObject({ status: "completed", value: ["old"] });
  await engine.close();
  await first.close();
});
