// JavaScript's semantics, exactly: the corpus natively, compiled, stored at each stop, and stored into another realm.

import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { isBroken, judge, type Result } from "./conformance/backend.ts";
import { generate } from "./conformance/generate.ts";
import { Lab } from "./conformance/lab.ts";
import { levels, loadSuite, program, type Program } from "./conformance/program.ts";
import { reduce } from "./conformance/reduce.ts";
import { hazards } from "./conformance/sources.ts";

const corpus = loadSuite(hazards);
const themes = [...new Set(corpus.map(({ id }) => id.split("/")[0] as string))];
const controls = json<Record<string, string[]>>("./conformance/controls.json");
/**
 * What a level does not do, by program: `refused CODE`, or `wrong: why` where it is a known defect. `UPDATE=1` rewrites the
 * refusals; a wrong result is entered by hand, with the reason.
 */
const exceptions = json<Record<string, Record<string, string>>>("./conformance/exceptions.json");
const update = process.env["UPDATE"] === "1";
const now: Record<string, Record<string, string>> = {};
afterAll(() => {
  if (update) writeFileSync(new URL("./conformance/exceptions.json", import.meta.url), `${JSON.stringify(now, sorted, 2)}\n`);
});

const lab = new Lab();
afterAll(() => lab.close());

const oracle = new Map<string, Result>();
async function expected(program: Program): Promise<Result> {
  const known = oracle.get(program.id);
  if (known !== undefined) return known;
  const run = await lab.run("native", program);
  if (run.kind !== "ran" || isBroken(run)) throw new Error(`${program.id} does not run natively: ${JSON.stringify(run)}`);
  oracle.set(program.id, run.result);
  return run.result;
}

describe("the corpus", () => {
  it("has at least 300 programs, each with its hazard in the first line", () => {
    expect(corpus.length).toBeGreaterThanOrEqual(300);
    for (const { id, hazard } of corpus) expect(hazard, id).toMatch(new RegExp(`^${id.split("/")[0]}: .`));
  });

  it("is deterministic: each program agrees with itself when it is replayed", { timeout: 120_000 }, async () => {
    for (const program of corpus) expect(judge(await expected(program), await lab.run("replay", program)), program.id).toEqual({ kind: "pass" });
  });

  it.each(Object.entries(controls))("catches %s on the programs it is known to miscompile", { timeout: 120_000 }, async (backend, ids) => {
    for (const id of ids) {
      const program = corpus.find((known) => known.id === id) as Program;
      expect(judge(await expected(program), await lab.run(backend, program)).kind, id).toBe("wrong");
    }
  });
});

describe("compiled", () => {
  it.each(themes)("%s", { timeout: 120_000 }, async (theme) => {
    const found: Record<string, Record<string, string>> = {};
    for (const program of corpus.filter(({ id }) => id.startsWith(`${theme}/`))) {
      const { rows, broken } = await lab.judge(program, levels);
      if (broken !== undefined) throw new Error(`${program.id} does not run natively: ${broken}`);
      for (const { backend, verdict } of rows) {
        if (verdict.kind === "absent") throw new Error(verdict.message);
        if (verdict.kind === "refused") (found[backend] ??= {})[program.id] = `refused ${verdict.code}`;
        if (verdict.kind === "wrong") (found[backend] ??= {})[program.id] = `wrong: expected ${verdict.expected} got ${verdict.got}`;
      }
    }
    for (const level of levels) {
      const here = found[level] ?? {};
      const allowed = Object.entries(exceptions[level] ?? {}).filter(([id]) => id.startsWith(`${theme}/`));
      for (const [id, text] of allowed) if (text.startsWith("wrong") && here[id]?.startsWith("wrong")) here[id] = text;
      if (update) for (const [id, text] of Object.entries(here)) if (allowed.some(([known]) => known === id) || text.startsWith("refused")) (now[level] ??= {})[id] = text;
      if (!update) expect(here, level).toEqual(Object.fromEntries(allowed));
    }
  });
});

describe("random programs", () => {
  it("are the same for the same seed, and mostly run natively", { timeout: 60_000 }, async () => {
    expect(generate(7, ["all"]).text).toBe(generate(7, ["all"]).text);
    let good = 0;
    for (let seed = 0; seed < 40; seed++) {
      const program = generate(seed);
      const run = await lab.run("native", program);
      if (isBroken(run) || run.kind !== "ran") continue;
      expect(judge(run.result, await lab.run("replay", program)), program.text).toEqual({ kind: "pass" });
      good++;
    }
    expect(good).toBeGreaterThan(30);
  });

  it("are reduced to what still fails", { timeout: 60_000 }, async () => {
    const text = `async function f() { const log = []; for (const n of [1, 2]) log.push(n);
      if (log.length > 1) { T(log); try { T(x); } catch (e) { T(e.name); } let x = await L(5); } return [log, await L(1)]; }`;
    const fails = async (candidate: string): Promise<boolean> => {
      const run = await lab.run("native", program("candidate", candidate));
      if (isBroken(run) || run.kind !== "ran") return false;
      return judge(run.result, await lab.run("typescript-es5", program("candidate", candidate))).kind === "wrong";
    };
    const small = await reduce(text, { fails });
    expect(await fails(small)).toBe(true);
    expect(small.length).toBeLessThan(100);
  });
});

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function json<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as T;
}
