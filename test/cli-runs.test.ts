// The commands on the runs of a store: what they print and with which exit code, with the flows' code at hand and without.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEngine, type Engine } from "deflow";
import { sqlite } from "deflow/sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Io } from "../cli/io.ts";
import { run } from "../cli/run.ts";
import { strandsIn } from "../cli/runs/frame.ts";
import { bank, expense, guarded, hook, many } from "../fixtures/cli/expense.ts";
import type { StrandView } from "../runtime/engine/telling/inspect.ts";
import { systemClock } from "../runtime/realm/clock.ts";
import { shared } from "../runtime/realm/shared.ts";
import type { Store } from "../runtime/store.ts";
import { newSchema } from "./postgres/schema.ts";
import { describePostgres } from "./postgres/shared.ts";

const folder = mkdtempSync(join(tmpdir(), "deflow-cli-runs-"));
const db = join(folder, "runs.db");
const program = fileURLToPath(new URL("../fixtures/cli/expense.ts", import.meta.url));
const source = readFileSync(program, "utf8").split("\n");
const lineOf = (text: string): number => source.findIndex((line) => line.includes(text)) + 1;
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const known = new Map(shared.flows);
const day = 24 * 3600_000;
let now = Date.parse("2026-01-01T09:00:00Z");
let store: Store;
let engine: Engine;

async function deflow(args: readonly string[], io: Partial<Io> = {}): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await run([...args, ...(args.includes("--store") || args.includes("--help") ? [] : ["--store", db])], { out: (text) => void (out += text), err: (text) => void (err += text), colour: false, ...io });
  return { code, out, err };
}

const json = async (...args: string[]): Promise<Record<string, unknown>> => JSON.parse((await deflow([...args, "--json"])).out) as Record<string, unknown>;

/** As another program does, in a process of its own. */
async function elsewhere<T>(work: () => Promise<T>): Promise<T> {
  for (const [id, entry] of known) shared.flows.set(id, entry);
  now = Date.now();
  try {
    return await work();
  } finally {
    shared.flows.clear();
  }
}

const withCode = (...args: string[]) => elsewhere(() => deflow([...args, "--program", program], { load: (path) => import(path) }));

beforeAll(async () => {
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(join(folder, "expense.ts"), source.join("\n"));
  store = sqlite(db);
  const clock = { ...systemClock, now: () => now };
  engine = createEngine({ store, flows: { expense, guarded, hook, many }, history: {}, clock, logger });
  for (const [at, id] of ["E-1", "E-2", "E-3", "E-4", "E-5", "E-6"].entries()) {
    now = Date.parse("2026-01-01T09:00:00Z") + at * day;
    await engine.start(expense, [{ id, amount: 100 + at }], { id });
  }
  await engine.start(guarded, [], { id: "G-1" });
  await engine.start(guarded, [], { id: "G-2" });
});

beforeEach(() => shared.flows.clear());

afterAll(async () => {
  for (const [id, entry] of known) shared.flows.set(id, entry);
  await engine.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

describe("deflow ls", () => {
  test("lists runs, with what they wait for and when they move", async () => {
    const { code, out, err } = await deflow(["ls", "--flow", "expense", "--limit", "2"]);
    expect([code, err]).toEqual([0, "There may be more: --cursor 2\n"]);
    expect(out).toBe([
      "RUN  FLOW     STATUS   CREATED               WAITS FOR             MOVES AT",
      "E-1  expense  waiting  2026-01-01T09:00:00Z  listen(cli decision)  2028-09-27T09:00:00Z",
      "E-2  expense  waiting  2026-01-02T09:00:00Z  listen(cli decision)  2028-09-28T09:00:00Z",
      "",
    ].join("\n"));
    expect((await deflow(["ls", "--flow", "expense", "--limit", "2", "--cursor", "2"])).out).toMatch(/E-3.*\nE-4/);
  });

  test("by index, status and time", async () => {
    const ids = async (...args: string[]): Promise<unknown[]> => ((await json("ls", ...args))["runs"] as { id: string }[]).map(({ id }) => id);
    expect(await ids("--index", "amount=103")).toEqual(["E-4"]);
    expect(await ids("--index", 'amount="103"')).toEqual([]);
    expect(await ids("--status", "completed", "failed")).toEqual([]);
    for (const [at, id] of ["E-1", "E-2", "E-3", "E-4", "E-5", "E-6"].entries()) expect((await ids("--flow", "expense", "--since", `2026-01-0${at + 1}`))[0]).toBe(id);
    expect(await ids("--since", "2026-01-03T09:00Z", "--until", "2026-01-05")).toEqual(["E-3", "E-4"]);
    expect(await ids("--since", "2026-01-05", "--status", "waiting", "--limit", "1")).toEqual(["E-5"]);
    expect(await ids("--since", "2027-01-01")).toEqual([]);
    expect((await deflow(["ls", "--since", "2027-01-01"])).out).toBe("No such runs.\n");
  });

  test.each([
    [["ls", "--since", "2026-99-99"], "is no time"],
    [["ls", "--since", "soon"], "INVALID_ARGUMENT"],
    [["ls", "--limit", "none"], "INVALID_ARGUMENT"],
    [["ls", "--index", "amount"], "has no `=`"],
    [["ls", "--status", "stranded"], "--program"],
    [["ls", "--status", "gone"], "Allowed choices are"],
    [["ls", "--store", join(folder, "none.db")], "there is no store at"],
  ])("%j cannot be done", async (args, message) => {
    const { code, err } = await deflow(args);
    expect([code, err]).toEqual([2, expect.stringContaining(message) as string]);
  });
});

describe("deflow show", () => {
  const listens = lineOf("await listen(decision");

  test("shows where a run waits, with its locals, without the flow's code", async () => {
    const { code, out, err } = await deflow(["show", "E-1", "--folder", folder]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain([
      "E-1  expense  waiting  turn 1",
      "progress  asked",
      "index  { amount: 100 }",
      "response  'Approve 100?'",
      "waits for  listen(cli decision), until 2028-09-27T09:00:00Z",
      "moves at  2028-09-27T09:00:00Z",
      "",
      `expense  expense.ts:${listens}:18  at listen:decision, waits for listen(cli decision)`,
      "     |",
      `  ${listens} |   const answer = await listen(decision, { timeout: "1000 days" });`,
      "     |                  ^",
      "    claim: { id: 'E-1', amount: 100 }",
      "    asked: 1970-01-01T00:00:00.000Z",
      "",
      "events",
      "  2026-01-01T09:00:00Z  started",
    ].join("\n"));
    expect(out).toContain("\nlog\n  2026-01-01T09:00:00Z  info  asking  { amount: 100 }\n");
  });

  test("and with it, the source line too", async () => {
    const { code, out } = await withCode("show", "E-1");
    expect(code).toBe(0);
    expect(out).toContain(`expense  fixtures/cli/expense.ts:${listens}:18  at listen:decision, waits for listen(cli decision)`);
    expect(out).toContain(`${listens} |   const answer = await listen(decision, { timeout: "1000 days" });`);
    expect(out).toContain("asked: 1970-01-01T00:00:00.000Z");
  });

  test("as JSON", async () => {
    expect(await json("show", "G-1", "--folder", folder)).toMatchObject({
      run: { id: "G-1", status: "waiting", waits: [{ kind: "listen", context: "word", permit: true }] },
      strands: [{ flow: "guarded", point: "listen:word", locals: {}, waitsFor: "listen(word)" }],
      history: [{ what: "started", version: 1 }],
    });
  });

  test("says how events are kept, of a run of which none are", async () => {
    const plain = join(folder, "plain.db");
    const other = sqlite(plain);
    await elsewhere(async () => {
      const without = createEngine({ store: other, flows: { guarded }, logger });
      await without.start(guarded, [], { id: "G-1" });
      await without.close();
    });
    await other.close();
    const { out } = await deflow(["show", "G-1", "--folder", folder, "--store", plain]);
    expect(out).toMatch(/\n\nevents\n {2}none are kept of this run: createEngine\(\{ history: \{\} \}\) keeps the last 100/);
  });

  test("says who has the run, and until when", async () => {
    const begun = await elsewhere(async () => {
      await engine.start(guarded, [], { id: "L-1", queue: "leased" });
      await store.claim({ owner: "worker:1", now, duration: 60_000, limit: 1, flows: ["guarded"], queues: ["leased"] });
      return now;
    });
    const time = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
    const held = `leased  to worker:1 until ${time(begun + 60_000)}, then another worker takes it; heartbeats put that off`;
    expect((await deflow(["show", "L-1", "--folder", folder])).out.split("\n")).toContain(held);
    expect((await withCode("show", "L-1")).out.split("\n")).toContain(held);
    expect(await json("show", "L-1", "--folder", folder)).toMatchObject({ lease: { owner: "worker:1", until: new Date(begun + 60_000).toISOString() } });
    await store.extend([{ id: "L-1", owner: "worker:1" }], { now: begun - 120_000, duration: 60_000 });
    expect((await deflow(["show", "L-1", "--folder", folder])).out.split("\n")).toContain(`leased  to worker:1 until ${time(begun - 60_000)}, which is over: the next worker takes it`);
    expect((await deflow(["show", "G-1", "--folder", folder])).out).not.toContain("leased");
    expect(await json("show", "G-1", "--folder", folder)).not.toHaveProperty("lease");
    await elsewhere(() => engine.kill("L-1"));
  });

  test("no line where two flows have the name", async () => {
    writeFileSync(join(folder, "other.ts"), source.join("\n"));
    expect((await deflow(["show", "G-1", "--folder", folder])).out).toContain("guarded  at listen:word");
    rmSync(join(folder, "other.ts"));
  });

  test("a run that is not there", async () => {
    expect(await deflow(["show", "E-9"])).toMatchObject({ code: 1, err: expect.stringContaining("deflow: NOT_FOUND: There is no run `E-9`.\n  fix: `deflow ls`") as string });
  });
});

test("a frame that is read as text says what the flow's code says of it", async () => {
  const { strands } = await elsewhere(async () => {
    await engine.start(many, [Array.from({ length: 500 }, (_, line) => `line ${line} of the order`)], { id: "M-1" });
    return await engine.inspect("M-1");
  });
  const row = await store.load("M-1");
  expect(row?.parts.size).toBeGreaterThan(0);
  const read = strandsIn(row?.frame ?? "", row?.parts ?? new Map());
  const outline = ({ flow, point, waitsFor, locals }: Pick<StrandView, "flow" | "point" | "waitsFor" | "locals">) => [flow, point, waitsFor, Object.keys(locals).sort()];
  expect(read.map(outline)).toEqual(strands.map(outline));
  expect(strands.map(({ waitsFor }) => waitsFor)).toContain("all of ask(), race of ask(), first()");
  const { out } = await deflow(["show", "M-1", "--folder", folder]);
  expect(out).toContain("seen: 2\n");
  expect(out).toContain("money: Map(1) { 'due' => cli Money@1({ amount: 3 }) }");
  expect(JSON.stringify((await json("show", "M-1", "--folder", folder))["strands"])).toContain('"money":[["due",{"cli Money@1":{"amount":3}}]]');
});

describePostgres("on Postgres", () => {
  test("the same, in a schema of its own", async () => {
    const schema = await newSchema();
    const there = schema.open();
    await elsewhere(async () => {
      const other = createEngine({ store: there, flows: { expense }, logger });
      for (const id of ["P-1", "P-2", "P-3"]) await other.start(expense, [{ id, amount: 1 }], { id });
      await other.close();
    });
    const at = ["--store", schema.url, "--schema", schema.name];
    expect((await deflow(["ls", "--since", "1 hour", "--limit", "2", ...at])).out).toMatch(/P-1 .*\nP-2 /);
    expect((await deflow(["show", "P-1", ...at])).out).toContain("claim: { id: 'P-1', amount: 1 }");
    expect((await deflow(["kill", "P-1", ...at])).code).toBe(0);
    expect(await deflow(["ls", "--store", schema.url, "--schema", "nobodys"])).toMatchObject({ code: 2, err: expect.stringContaining("STORE_MISSING") as string });
    const nobody = new URL(schema.url);
    nobody.username = "nobody_of_that_name";
    expect((await deflow(["ls", "--store", String(nobody)])).err).toMatch(/^deflow: STORE_DENIED: [^]*nobody_of_that_name/);
    await there.close();
    await schema.drop();
  });
});

describe("deflow continue", () => {
  test("with the flow's code makes the turn, and its steps", async () => {
    const refused = await withCode("continue", "E-1", "cli decision", '{"ok":"yes"}');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("INVALID_INPUT: The input for `cli decision` was refused: `ok` must be true or false.") as string });
    const { code, out } = await withCode("continue", "E-1", "cli decision", '{"ok":true}', "--event-id", "e1");
    expect([code, out]).toEqual([0, "E-1  expense  completed  turn 2\nprogress  asked\nindex  { amount: 100 }\nvalue  [ 'paid E-1', 1970-01-01T00:00:00.000Z ]\n"]);
    expect((await withCode("continue", "E-1", "cli decision", '{"ok":true}', "--event-id", "e1")).out).toContain("duplicate");
    expect(await withCode("continue", "E-1", "cli decision", "{}")).toMatchObject({ code: 1, err: expect.stringContaining("RUN_ENDED") as string });
    // What the flow's own engine keeps of the run goes on being kept.
    expect(((await json("show", "E-1", "--folder", folder))["history"] as { what: string }[]).map(({ what }) => what)).toEqual(["started", "responded", "event", "step", "step", "ended"]);
  });

  test("without it leaves the input to a worker", async () => {
    const { code, out } = await deflow(["continue", "E-2", "cli decision", "-", "--wait", "1 ms"], { input: async () => '{"ok":false}' });
    expect([code, out]).toEqual([0, expect.stringContaining("accepted  stored; a worker") as string]);
    expect(await elsewhere(async () => (await engine.tick(), await engine.get("E-2")))).toMatchObject({ status: "completed", value: "refused" });
  });

  test("what a worker refuses is told once", async () => {
    // Its schema is not at hand here.
    const schemas = [...shared.contexts];
    shared.contexts.clear();
    const asked = deflow(["continue", "E-4", "cli decision", '{"ok":"yes"}', "--wait", "20 s"]);
    await expect.poll(async () => (await store.load("E-4"))?.inbox.length).toBe(1);
    for (const [name, context] of schemas) shared.contexts.set(name, context);
    await elsewhere(() => engine.tick());
    expect((await asked).err).toContain("INVALID_INPUT: The input for `cli decision` was refused: `ok` must be true or false.\n");
  });

  test("what the run does not take", async () => {
    expect(await deflow(["continue", "E-3", "word", "1"])).toMatchObject({ code: 1, err: expect.stringContaining("NOT_LISTENING") as string });
    expect(await deflow(["continue", "E-3", "word", "yes"])).toMatchObject({ code: 2, err: expect.stringContaining("the payload is no JSON") as string });
    expect(await deflow(["continue", "E-3", "word", "-"])).toMatchObject({ code: 2, err: expect.stringContaining("standard input") as string });
    expect(await deflow(["continue", "G-1", "word", "1"])).toMatchObject({ code: 1, err: expect.stringContaining("fix: Give the permit that the listen names: --permit") as string });
    expect(await withCode("continue", "G-1", "word", '"in"', "--permit", "open sesame")).toMatchObject({ code: 0, out: "G-1  guarded  completed  turn 2\nvalue  'in'\n" });
  });

  test("send may come before the listen, settle answers a callback", async () => {
    expect(await deflow(["send", "E-3", "cli decision", '{"ok":false}', "--event-id", "s1"])).toEqual({ code: 0, out: "Sent.\n", err: "" });
    expect((await deflow(["send", "E-3", "cli decision", '{"ok":false}', "--event-id", "s1"])).out).toContain("sent before");
    expect(await elsewhere(async () => (await engine.tick(), await engine.get("E-3")))).toMatchObject({ value: "refused" });
    const { responses: [token] } = await elsewhere(() => engine.start(hook, [], { id: "H-1" }));
    expect((await withCode("settle", String(token), '{"paid":true}')).out).toContain("value  { paid: true }");
    expect(await deflow(["settle", "none"])).toMatchObject({ code: 1, err: expect.stringContaining("UNKNOWN_TOKEN") as string });
  });
});

describe("ending and going on", () => {
  test("cancel and kill", async () => {
    expect((await withCode("cancel", "E-4", "--reason", "sold out")).out).toContain("E-4  expense  cancelled");
    expect(await json("kill", "G-2", "--reason", "enough")).toMatchObject({ status: "killed", error: { message: "The run was killed: enough" } });
    expect(await deflow(["kill", "G-2"])).toMatchObject({ code: 1, err: expect.stringContaining("RUN_ENDED") as string });
  });

  test("retry and fork go on with the flow's code", async () => {
    expect(await deflow(["retry", "E-5"])).toMatchObject({ code: 2, err: expect.stringContaining("give --program <file>") as string });
    expect(await withCode("fork", "E-5", "--id", "E-5b")).toMatchObject({ code: 0, out: expect.stringContaining("E-5b  expense  waiting") as string });
    bank.isFull = true;
    expect((await withCode("continue", "E-5", "cli decision", '{"ok":true}')).out).toContain("E-5  expense  failed");
    expect(await withCode("retry", "E-5")).toMatchObject({ code: 1, out: expect.stringContaining("error  Error: the bank is full") as string });
    bank.isFull = false;
    expect(await withCode("retry", "E-5")).toMatchObject({ code: 0, out: expect.stringContaining("value  [ 'paid E-5'") as string });
    expect(await withCode("retry", "E-5")).toMatchObject({ code: 1, err: expect.stringContaining("NOT_RETRYABLE") as string });
  });
});

describe("deflow tail", () => {
  test("tells what happens until the run ends", async () => {
    let heard = "";
    const told = run(["tail", "E-6", "--store", db], { out: (text) => void (heard += text), err: () => {}, colour: false });
    await expect.poll(() => heard, { timeout: 25_000 }).toContain("turn 1");
    await elsewhere(() => engine.continue("E-6", "cli decision", { ok: true }));
    expect(await told).toBe(0);
    expect(heard.split("\n").filter((line) => /^2026|turn/.test(line)).map((line) => line.replace(/^\S+Z +/, ""))).toEqual([
      "info  asking  { amount: 105 }", "started", "responded, 1 value", "E-6  expense  waiting  turn 1",
      "took cli decision", "step pay begun, attempt 1", "step pay ended, attempt 1", "completed", "E-6  expense  completed  turn 2",
    ]);
  });

  test("or until Ctrl-C; of one that has ended it tells all at once", async () => {
    await elsewhere(() => engine.start(guarded, [], { id: "T-1" }));
    const stop = new AbortController();
    const told = deflow(["tail", "T-1"], { signal: stop.signal });
    stop.abort();
    expect((await told).code).toBe(0);
    await elsewhere(() => engine.kill("T-1"));
    const { code, out } = await deflow(["tail", "T-1", "--json"]);
    expect([code, out.trim().split("\n").map((line) => (JSON.parse(line) as { is: string }).is)]).toEqual([1, ["event", "event", "run"]]);
  });
});

test.each(["ls", "show", "tail", "continue", "send", "settle", "cancel", "kill", "retry", "fork"])("deflow %s --help has an example", async (command) => {
  const { code, out } = await deflow([command, "--help"]);
  expect([code, out]).toEqual([0, expect.stringContaining(`Example:\n  $ deflow ${command}`) as string]);
});
