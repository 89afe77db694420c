import { testEngine } from "deflow/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { processes } from "../processes.ts";
import { handover, scan, tracking } from "./tracking.ts";

let engine: ReturnType<typeof testEngine>;

beforeEach(() => void (engine = testEngine({ flows: { tracking } })));
afterEach(() => engine.close());

it("send may come before the listen; an event id counts once", async () => {
  const run = await engine.start(tracking, ["1234"], { id: "P-1" });
  await engine.send("P-1", handover, { to: "Ann" }, { permit: "1234" });
  expect(await engine.send("P-1", scan, { place: "port" }, { eventId: "s1" })).toEqual({ duplicate: false });
  expect(await engine.send("P-1", scan, { place: "port" }, { eventId: "s1" })).toEqual({ duplicate: true });
  await engine.send("P-1", scan, { place: "depot" }, { eventId: "s2" });
  expect(await run.result()).toBe("port > depot > Ann");
});

it("a letter that its listen does not take is told as refused, and the run waits on", async () => {
  const run = await engine.start(tracking, ["1234"]);
  await engine.send(run, handover, { to: "Mallory" }, { permit: "0000", eventId: "guess" });
  await engine.send(run, scan, { place: "depot" });
  expect(await engine.get(run)).toMatchObject({ status: "waiting", refused: [{ context: "handover", eventId: "guess", code: "WRONG_PERMIT" }] });
  expect(await engine.continue(run, handover, { to: "Ann" }, { permit: "1234" })).toMatchObject({ value: "depot > Ann" });
});

it("continue is for what it waits for now, and answers with the state after the turn", async () => {
  const run = await engine.start(tracking, ["1234"]);
  await expect(engine.continue(run, handover, { to: "Ann" }, { permit: "1234" })).rejects.toMatchObject({ code: "NOT_LISTENING" });
  const state = await engine.continue(run, scan, { place: "depot" }, { eventId: "s1" });
  expect(state).toMatchObject({ status: "waiting", turn: 2, waits: [{ context: "handover" }] });
  expect(await engine.continue(run, scan, { place: "depot" }, { eventId: "s1" })).toMatchObject({ turn: 2, duplicate: true });
});

it("both check what they are given", async () => {
  const run = await engine.start(tracking, ["1234"]);
  await expect(engine.send(run, scan.name, { where: "port" })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(engine.continue(run, scan.name, { where: "port" })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(engine.send("nobody", scan, { place: "port" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("a letter outlives whoever sent it", async () => {
  await processes({ flows: { tracking } }, async ({ next }) => {
    await next().start(tracking, ["1234"], { id: "P-1" });
    await next().send("P-1", handover, { to: "Ann" }, { permit: "1234", eventId: "h" });
    await next().send("P-1", scan, { place: "depot" });
    expect(await next().get("P-1")).toMatchObject({ status: "completed", value: "depot > Ann" });
    expect(await next().send("P-1", handover, { to: "Ann" }, { permit: "1234", eventId: "h" })).toEqual({ duplicate: true });
  });
});
