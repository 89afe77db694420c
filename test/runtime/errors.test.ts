// Errors: their table and pages, and those that other tests do not provoke.

import { begin, context, deflow, DeflowError, isDeflowError, listen, resume, run, sleep, step, type Flow } from "deflow";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { deflowError } from "../../runtime/errors/classes.ts";
import { NeedsEngineError, NotFoundError, LeaseLostError } from "../../runtime/errors/run.ts";
import { table, type Code } from "../../runtime/errors/table.ts";
import { fixHere, type Surroundings } from "../../runtime/errors/toolchain.ts";
import * as $ from "../../runtime/internal.ts";
import { shared } from "../../runtime/realm/shared.ts";
import { Play, modes } from "./turns.ts";

const codes = Object.keys(table) as Code[];
const play = (): Play => new Play(modes[0] as (typeof modes)[0]);
const machine = async (): Promise<void> => {};
const meta = (id: string, file = "a.ts"): $.Meta => ({ contract: 2, id, name: id, length: 0, file, points: {} });

const waits = deflow(async function waits() {
  const f = () => 1;
  await listen("x");
  return f();
});

const wrong = deflow(async function wrong(what: () => unknown) {
  return what();
});

const ofRun: Readonly<Record<string, () => unknown>> = { id: () => run.id, log: () => run.log("x"), "log.warn": () => run.log.warn("x"), progress: () => run.progress("x"), index: () => run.index({ x: 1 }) };

const inStep = deflow(async function inStep(kind: "step" | "once" | "at once", member: string) {
  if (kind === "once") return await step.once("use", () => ofRun[member]?.());
  return kind === "step" ? await step("use", () => ofRun[member]?.()) : await step("use", () => ofRun[member]?.(), { record: false });
});

describe.each(codes)("%s", (code) => {
  test("has a page that begins with its code, and a hint", () => {
    const page = new URL(`../../runtime/errors/${code}.md`, import.meta.url);
    expect(existsSync(page)).toBe(true);
    expect(readFileSync(page, "utf8")).toMatch(new RegExp(`^# ${code}\n`));
    expect(table[code].hint).toMatch(/\.$/);
  });
});

test("an error has a name, a code, a hint, docs and perhaps a run and a cause", () => {
  const error = new NotFoundError("r1", { cause: 5 });
  expect(error).toMatchObject({ name: "NotFoundError", code: "NOT_FOUND", runId: "r1", message: "There is no run `r1`", cause: 5 });
  expect(error.docs).toContain("NOT_FOUND");
  expect(error.stack).toContain("NotFoundError: There is no run `r1`");
  expect(error instanceof DeflowError).toBe(true);
  expect(new LeaseLostError("r1").code).toBe("LEASE_LOST");
  expect(deflowError("ENGINE_CLOSED", {}).name).toBe("EngineClosedError");
});

test("isDeflowError knows errors of another copy, and nothing else", async () => {
  const path = "../../runtime/errors/run.ts?copy";
  const copy = await import(/* @vite-ignore */ path) as typeof import("../../runtime/errors/run.ts");
  const error = new copy.NeedsEngineError("start()");
  expect(error).not.toBeInstanceOf(NeedsEngineError);
  expect([isDeflowError(error), isDeflowError(error, "NEEDS_ENGINE"), isDeflowError(error, "NOT_FOUND")]).toEqual([true, true, false]);
  expect([isDeflowError(new Error("x")), isDeflowError(null), isDeflowError({ code: "NOT_FOUND" })]).toEqual([false, false, false]);
});

test("NOT_COMPILED says how to install the transformer", () => {
  const make = deflow as (fn: unknown) => unknown;
  try {
    make(async () => {});
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: "NOT_COMPILED" });
    for (const way of ["ts-patch", "deflow/transformer", "TypeScript 7 by `deflow tsc`", "deflow/vite", "deflow/jest", "--import deflow/register"]) expect((error as DeflowError).hint).toContain(way);
    expect((error as DeflowError).message).toContain('Vitest runs it: add deflow() of "deflow/vite"');
  }
});

test.each<[string, Partial<Surroundings>, string | undefined]>([
  ["Vitest", { vitest: true }, '"deflow/vite"'],
  ["Jest", { jest: true }, '"deflow/jest"'],
  ["a process that Vitest or Jest started", { env: { VITEST: "true", JEST_WORKER_ID: "1" } }, undefined],
  ["Next.js", { env: { NEXT_RUNTIME: "nodejs" } }, '"deflow/webpack"'],
  ["Bun", { versions: { node: "24.3.0", bun: "1.4.5" } }, "deflow/bun"],
  ["Deno", { versions: { node: "24.2.0", deno: "2.9.6" } }, "deno run --preload"],
  ["ts-node", { tsNode: true }, "ts-patch/compiler"],
  ["webpack", { webpack: true }, "deflow/webpack"],
  ["tsx alone", { execArgv: ["--require", "/p/node_modules/tsx/dist/preflight.cjs", "--import", "file:///p/node_modules/tsx/dist/loader.mjs"] }, "--import deflow/register --import tsx"],
  ["tsx, of a CommonJS package", { execArgv: ["--import", "deflow/register", "--import=tsx"] }, '"type": "module"'],
  ["Node 20, of a required file", { execArgv: ["--import", "deflow/register"], versions: { node: "20.20.2" } }, "Node 22.15"],
  ["Node", { env: { NODE_OPTIONS: "--max-old-space-size=4096" } }, undefined],
])("NOT_COMPILED names the fix in %s", (_, here, fix) => {
  const found = fixHere({ env: {}, versions: { node: "24.0.0" }, execArgv: [], vitest: false, jest: false, tsNode: false, webpack: false, ...here });
  if (fix === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(fix);
});

test("CONTRACT_MISMATCH", () => {
  expect(() => $.flow({ ...meta("other"), contract: 1 }, machine)).toThrow(expect.objectContaining({ code: "CONTRACT_MISMATCH" }) as Error);
});

test("NOT_IN_RUN, also after a helper's first await", async () => {
  for (const operation of [() => listen("x"), () => sleep(1), () => step(() => 1), () => run.id, () => (waits as Flow<[]>)()]) {
    expect(operation).toThrow(expect.objectContaining({ code: "NOT_IN_RUN", hint: expect.stringContaining("read run.id before the step") as string }) as Error);
  }
});

test.each(Object.keys(ofRun))("NOT_IN_RUN of run.%s, in a step; one that is not recorded is in the run", async (member) => {
  for (const kind of ["step", "once"] as const) expect(await begin(inStep, [kind, member])).toMatchObject({ status: "failed", error: { code: "NOT_IN_RUN" } });
  expect(await begin(inStep, ["at once", member])).toMatchObject({ status: "completed" });
});

test("INVALID_ARGUMENT is the flow's, when it makes the mistake", async () => {
  for (const mistake of [() => sleep("3 dys" as "3 days"), () => sleep(-1), () => step("s", 5 as never), () => step("s", () => 1, { retry: 0 })]) {
    expect(await play().begin(wrong, mistake)).toMatchObject({ status: "failed", error: { code: "INVALID_ARGUMENT" } });
  }
});

test("UNKNOWN_FLOW, UNKNOWN_POINT, UNKNOWN_CODE, CORRUPT_FRAME leave the frame as it was", async () => {
  const { frame } = await begin(waits, []);
  const broken: [string, Code][] = [
    [frame.replace('"waits"', '"elsewhere"'), "UNKNOWN_FLOW"],
    [frame.replaceAll("listen:x", "listen:y"), "UNKNOWN_POINT"],
    [frame.replace("waits#f", "waits#g"), "UNKNOWN_CODE"],
    [frame.slice(0, -1), "CORRUPT_FRAME"],
    ["{}", "CORRUPT_FRAME"],
    ['{"v":1,"id":"x","turn":1}', "CORRUPT_FRAME"],
    [frame.replace('"on":0', '"on":7'), "CORRUPT_FRAME"],
  ];
  for (const [text, code] of broken) {
    expect(text).not.toBe(frame);
    await expect(resume(text, "x", 1)).rejects.toMatchObject({ code });
  }
  await expect(resume(broken[0]?.[0] ?? "", "x", 1)).rejects.toMatchObject({ message: "The frame belongs to the flow `elsewhere`, which is not known here", hint: expect.stringMatching(/^Import the module/) });
  expect(await resume(frame, "x", 1)).toMatchObject({ value: 1 });
});

test("DUPLICATE_FLOW, where the name is needed", async () => {
  const first = $.flow(meta("twin", "a.ts"), machine);
  $.flow(meta("twin", "a.ts"), machine);
  const frame = '{"v":1,"id":"x","turn":1,"next":2,"strands":[{"flow":"twin","point":"p","locals":{},"on":0}],"ops":[{"listen":"x","seq":1}]}';
  await expect(resume(frame, "x", 1)).rejects.toMatchObject({ code: "UNKNOWN_POINT" });
  $.flow(meta("twin", "b.ts"), machine);
  await expect(resume(frame, "x", 1)).rejects.toMatchObject({ code: "DUPLICATE_FLOW", message: expect.stringContaining("b.ts and a.ts") });
  shared.flows.delete("twin");
  expect(first).toBeTypeOf("function");
});

test("a context declared again takes the name", () => {
  const before = context("again");
  expect(shared.contexts.get("again")).toBe(before);
  const after = context("again");
  expect(shared.contexts.get("again")).toBe(after);
});
