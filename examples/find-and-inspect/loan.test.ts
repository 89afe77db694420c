import { readFileSync } from "node:fs";
import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { processes } from "../processes.ts";
import { loan, look, openLoans, papers } from "./loan.ts";

const [ann, bob] = ["Ann", "Bob"].map((name) => ({ name, iban: "DE02 1203 0000" })) as [{ name: string; iban: string }, { name: string; iban: string }];
let engine: ReturnType<typeof testEngine>;

beforeEach(() => void (engine = testEngine({ flows: { loan } })));
afterEach(() => engine.close());

it("finds runs by flow, status and index", async () => {
  await engine.start(loan, [ann, 50_000], { id: "L-1" });
  await engine.start(loan, [bob, 500], { id: "L-2" });
  await engine.kill(await engine.start(loan, [bob, 20_000], { id: "L-3" }));
  expect(await openLoans(engine)).toEqual(["L-1: Ann"]);
  expect((await engine.find({ status: ["waiting", "killed"] })).runs.map(({ id }) => id)).toEqual(["L-1", "L-2", "L-3"]);
});

it("goes on from a cursor", async () => {
  for (const id of ["L-1", "L-2", "L-3"]) await engine.start(loan, [ann, 1], { id });
  const first = await engine.find({ limit: 2 });
  const rest = await engine.find({ limit: 2, cursor: first.cursor ?? "" });
  expect([first, rest].map(({ runs }) => runs.map(({ id }) => id))).toEqual([["L-1", "L-2"], ["L-3"]]);
  expect(rest.cursor).toBeUndefined();
});

it("shows where a run stands, with what is live there", async () => {
  await engine.start(loan, [ann, 50_000], { id: "L-1" });
  await engine.continue("L-1", papers, "payslip");
  const line = readFileSync(new URL("loan.ts", import.meta.url), "utf8").split("\n").findIndex((text) => text.includes("await listen(papers)")) + 1;
  expect(await look(engine, "L-1")).toEqual([{ waitsFor: "listen(papers)", line, locals: { applicant: { name: "Ann", iban: "…" }, score: 97, received: ["payslip"] } }]);
  await expect(look(engine, "L-9")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("in any process", async () => {
  await processes({ flows: { loan } }, async ({ next }) => {
    await next().start(loan, [ann, 50_000], { id: "L-1" });
    expect(await openLoans(next())).toEqual(["L-1: Ann"]);
    expect(await look(next(), "L-1")).toMatchObject([{ waitsFor: "listen(papers)" }]);
  });
});
