// Migrations: of frames by begin and resume, and of runs in an engine.

import { describe, expect, it } from "vitest";
import { begin, createEngine, type Flow, memory, migrate, resume } from "../../runtime/index.ts";
import { fingerprint } from "../../runtime/versions/fingerprint.ts";
import { build, release } from "./builds.ts";

const flow = (body: string, more = ""): string => `export const main = deflow(async function main(a, b) {\n${body}\n});\n${more}`;

/** As the lock file has it: where a strand of the frame stands. */
function standing(frame: string): string {
  const [strand] = (JSON.parse(frame) as { strands: { point: string; in?: string; locals: object }[] }).strands;
  return strand === undefined ? "" : `${strand.point}@${fingerprint(strand.in ?? "", Object.keys(strand.locals).map((key) => ({ key })))}`;
}

async function stored(before: string): Promise<{ frame: string; from: string }> {
  const { frame } = await begin(build<{ main: Flow }>(flow(before)).main as never, [1, 2] as never);
  return { frame, from: standing(frame) };
}

describe("a migration", () => {
  it("gives a local that is new, and is stored in its new form", async () => {
    const { frame, from } = await stored("const n = await listen(\"go\"); return [a, n];");
    const after = "const c = 1; const n = await listen(\"go\"); const m = await listen(\"end\"); return [a, c, n, m];";
    const { main } = build<{ main: Flow }>(flow(after));
    await expect(resume(frame, "go", 3)).rejects.toMatchObject({ code: "LOCALS_MISFIT", missing: ["c"], message: expect.stringContaining(from) as string });
    migrate(main, from, (locals) => ({ ...locals, c: Number(locals["a"]) * 10 }));
    const next = await resume(frame, "go", 3);
    // Without the migration: what it made is stored.
    build(flow(after));
    expect(await resume(next.frame ?? "", "end", 4)).toMatchObject({ status: "completed", value: [1, 10, 3, 4] });
  });

  it("leads to another point", async () => {
    const { frame, from } = await stored("return [a, await listen(\"go\")];");
    migrate(build<{ main: Flow }>(flow("const n = await listen(\"gone\"); return [\"gone\", b, n];")).main, from, ({ a }) => ({ b: Number(a) + 1 }), { to: "listen:gone" });
    expect(await resume(frame, "go", 3)).toMatchObject({ status: "completed", value: ["gone", 2, 3] });
  });

  it("keeps the cell that closures share, and makes one where they share it now", async () => {
    const { frame, from } = await stored("let n = a; const add = () => (n += 1); await listen(\"go\"); return [n, add(), n];");
    const { main } = build<{ main: Flow }>(flow("let n = a; let m = 0; const add = () => (n += 1); await listen(\"go\"); const more = () => (m += 1); add(); more(); return [n, m];"));
    migrate(main, from, (locals) => {
      expect(locals["n"]).toBe(1);
      return { ...locals, n: 40, m: 6 };
    });
    expect(await resume(frame, "go", 3)).toMatchObject({ status: "completed", value: [41, 7] });
  });

  it("is not given a variable before its declaration, which stays so", async () => {
    const { frame, from } = await stored("const see = () => x; const n = await listen(\"go\"); let x = n; return [a, see(), x++];");
    const { main } = build<{ main: Flow }>(flow("const see = () => x; const k = 1; const n = await listen(\"go\"); try { see(); } catch (e) { return [k, e.name]; } let x = n; return [a, see(), x++];"));
    migrate(main, from, (locals) => {
      expect(Object.keys(locals)).toEqual(["a", "see"]);
      return { ...locals, k: 4 };
    });
    expect(await resume(frame, "go", 3)).toMatchObject({ status: "completed", value: [4, "ReferenceError"] });
  });

  it("gives no jump: who is on the way out by one that is gone is refused, all others go on by it", async () => {
    const before = "for (const x of [1, 2]) { try { if (x === a) break; } finally { await listen(\"go\"); } } return a;";
    const frames = await Promise.all([1, 3].map(async (a) => (await begin(build<{ main: Flow }>(flow(before)).main as never, [a, 2] as never)).frame ?? ""));
    const { main } = build<{ main: Flow }>(flow(`const c = 1; ${before.replace("if (x === a) break;", "a;").replace("return a", "return a + c")}`));
    migrate(main, standing(frames[0] ?? ""), (locals) => ({ ...locals, c: 10 }));
    await expect(resume(frames[0] ?? "", "go", 3)).rejects.toMatchObject({ code: "REGION_MISFIT", message: expect.stringContaining("`break for-of 1`") as string });
    const { frame = "" } = await resume(frames[1] ?? "", "go", 3);
    expect(await resume(frame, "go", 3)).toMatchObject({ status: "completed", value: 13 });
  });

  it("is followed by the next, where its answer does not fit the code either", async () => {
    const { frame, from } = await stored("return [a, await listen(\"go\")];");
    const second = await stored("const c = 1; const n = await listen(\"go\"); return [a, c, n];");
    const { main } = build<{ main: Flow }>(flow("const c = 1; const d = 2; const n = await listen(\"go\"); return [a, c, d, n];"));
    migrate(main, from, (locals) => ({ ...locals, c: 7 }));
    migrate(main, second.from, (locals) => ({ ...locals, d: Number(locals["c"]) + 1 }));
    expect(await resume(frame, "go", 3)).toMatchObject({ status: "completed", value: [1, 7, 8, 3] });
    expect(await resume(second.frame, "go", 3)).toMatchObject({ status: "completed", value: [1, 1, 2, 3] });
  });

  it("carries the position in a loop over", async () => {
    const { frame, from } = await stored("let s = 0; for (const x of [a, b, 5]) { s += await listen(\"go\"); } return s;");
    const { main } = build<{ main: Flow }>(flow("let s = 0; const k = 2; for (const x of [a, b, 5]) { s += k * await listen(\"go\"); } return s;"));
    migrate(main, from, (locals) => ({ ...locals, k: 10 }));
    let run = await resume(frame, "go", 1);
    for (let left = 2; left > 0; left--) run = await resume(run.frame ?? "", "go", 1);
    expect(run).toMatchObject({ status: "completed", value: 30 });
  });

  it.each<[string, string, (locals: Record<string, unknown>) => never | object, string]>([
    ["that leaves a local out", "const c = 1; await listen(\"go\"); return [a, c];", (locals) => locals, "the code needs `c`"],
    ["that throws", "const c = 1; await listen(\"go\"); return [a, c];", () => { throw new Error("no rate"); }, "no rate"],
    ["that gives a promise", "const c = 1; await listen(\"go\"); return [a, c];", () => Promise.resolve({}), "at once"],
    ["into a loop", "for (const x of [1]) { const c = 1; await listen(\"go\"); return [a, c]; }", (locals) => ({ ...locals, c: 1 }), "has no place"],
  ])("%s leaves the run as it was", async (_name, after, change, problem) => {
    const before = "await listen(\"go\"); return [a];";
    const { frame, from } = await stored(before);
    migrate(build<{ main: Flow }>(flow(after)).main, from, change as never);
    await expect(resume(frame, "go", 3)).rejects.toMatchObject({ code: "MIGRATION_FAILED", message: expect.stringMatching(problem) as string });
    build(flow(before));
    expect(await resume(frame, "go", 3)).toMatchObject({ status: "completed", value: [1] });
  });

  it("must name a point with its fingerprint", () => {
    const { main } = build<{ main: Flow }>(flow("return await listen(\"go\");"));
    expect(() => migrate(main, "listen:go", (locals) => locals)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error);
    expect(() => migrate({ deflow: { id: "main" } }, "listen:go@k3f0a", (locals) => locals)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error);
  });
});

it("a stranded run goes on by itself when a migration comes that knows it", async () => {
  const old = release<{ main: Flow }>(flow("await sleep(1000); return [a];"));
  const store = memory();
  let now = 1_000;
  const clock = { now: () => now, after: () => () => {} };
  const before = createEngine({ store, clock, flows: { main: old.exports.main as never } });
  await before.start(old.exports.main as never, [1, 2] as never, { id: "r" });
  const from = standing((await store.load("r"))?.frame ?? "");
  const next = release<{ main: Flow }>(flow("const c = 1; await sleep(1000); return [a, c];"));
  const engine = createEngine({ store, clock, flows: { main: next.exports.main as never }, logger: { debug() {}, info() {}, warn() {}, error() {} } });
  now += 5_000;
  await engine.tick();
  expect((await engine.get("r")).status).toBe("stranded");
  migrate(next.exports.main, from, (locals) => ({ ...locals, c: 9 }));
  expect((await engine.get("r")).status).toBe("waiting");
  await engine.tick();
  expect(await engine.get("r")).toMatchObject({ status: "completed", value: [1, 9] });
  await engine.close();
  await before.close();
});
