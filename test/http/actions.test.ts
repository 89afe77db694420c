// What clients can do over HTTP, action by action, and what they are told.

import { readFileSync } from "node:fs";
import { createEngine, memory } from "deflow";
import { handler } from "deflow/http";
import { describe, expect, it, vi } from "vitest";
import { codes, problems } from "../../runtime/http/problem.ts";
import { table } from "../../runtime/errors/table.ts";
import { approve, chat, desk, tokens } from "./site.ts";

const claim = { id: "E-1", amount: 120 };
const form = { type: "object", properties: { ok: { type: "boolean" }, note: { type: "string", maxLength: 100 } }, required: ["ok"] };

describe("a run", () => {
  it("is started, answered and read", async () => {
    const { post, get, asked, engine } = desk();
    const started = await post("/runs", { flow: "approve", args: [{ ...claim, more: true }] });
    const id = started.body["id"] as string;
    expect([started.status, started.headers.get("location"), started.headers.get("content-type")]).toEqual([201, `/runs/${id}`, "application/json"]);
    expect(started.body).toMatchObject({ flow: "approve", status: "waiting", turn: 1, responses: ["Approve 120?"], progress: "asked" });
    expect(started.body["waits"]).toEqual([{ context: "http decision", permit: true, until: "2000-01-03T00:00:00.000Z", jsonSchema: expect.objectContaining(form) }]);
    const next = await post(`/runs/${id}/continue`, { context: "http decision", data: { ok: true }, permit: "" });
    expect([next.status, next.body]).toMatchObject([200, { status: "completed", turn: 2, responses: [{ heard: { ok: true } }, "thanks"], value: { claim: "E-1", ok: true }, waits: [] }]);
    const read = await get(`/runs/${id}`);
    expect([read.status, read.text]).toEqual([200, next.text]);
    expect(Object.keys(read.body).sort()).toEqual(["flow", "id", "progress", "responses", "status", "turn", "value", "waits"]);
    expect(asked).toEqual([
      { type: "start", flow: "approve", args: [{ ...claim, more: true }] },
      { type: "continue", run: id, context: "http decision", data: { ok: true } },
      { type: "get", run: id },
    ]);
    await engine.close();
  });

  it("is sent what it does not wait for yet, and cancelled", async () => {
    const { post, get, engine } = desk();
    const { body: { id } } = await post("/runs", { flow: "chat" });
    expect(await post(`/runs/${String(id)}/send`, { context: "http decision", data: { ok: true, note: "one" } })).toMatchObject({ status: 202, body: { duplicate: false } });
    expect((await get(`/runs/${String(id)}`)).body).toMatchObject({ turn: 2, responses: ["one", "clean"], waits: [{ prompt: "go on?", metadata: { form: "chat" }, label: "chat" }] });
    expect(await post(`/runs/${String(id)}/cancel`, { reason: "enough" })).toMatchObject({ status: 200, body: { status: "cancelled", error: { name: "CancelledError", code: "CANCELLED" } } });
    expect(await post(`/runs/${String(id)}/cancel`, {})).toMatchObject({ status: 409, body: { code: "RUN_ENDED" } });
    await engine.close();
  });

  it("is settled by a token, which says nothing of the run", async () => {
    const { post, engine, asked } = desk();
    const { body: { id } } = await post("/runs", { flow: "checkout" });
    const token = tokens.at(-1);
    expect(await post("/runs/settle", { token, data: {} })).toMatchObject({ status: 422 });
    expect(await post("/runs/settle", { token, data: { reference: "P-1" } })).toMatchObject({ status: 204, text: "" });
    expect(await engine.get(String(id))).toMatchObject({ status: "completed", value: "P-1" });
    expect(await post("/runs/settle", { token, data: { reference: "P-1" } })).toMatchObject({ status: 404 });
    expect(asked.at(-1)).toEqual({ type: "settle", data: { reference: "P-1" } });
    await engine.close();
  });

  it("that has failed says what, without stacks and causes", async () => {
    const { post, engine } = desk();
    const { body: { id } } = await post("/runs", { flow: "failing", args: ["no paper"] });
    const failed = await post(`/runs/${String(id)}/continue`, { context: "http decision", data: { ok: true } });
    expect(failed.body).toMatchObject({ status: "failed" });
    expect(failed.body["error"]).toEqual({ name: "TypeError", message: "no paper", code: "E_TEXT" });
    await engine.close();
  });

  it("is shown as `show` says, and numbers too large for JSON as digits", async () => {
    const { post, engine, failures } = desk({ show: ({ error: _, ...view }, { index }) => ({ ...view, metadata: index }) as typeof view });
    const { body: { id } } = await post("/runs", { flow: "odd", args: ["bigint"] });
    expect((await post(`/runs/${String(id)}/continue`, { context: "http decision", data: { ok: true } })).body).toMatchObject({ value: { large: "12345678901234567890" }, metadata: {} });
    const ring = await post("/runs", { flow: "odd", args: ["ring"] });
    expect(await post(`/runs/${String(ring.body["id"])}/continue`, { context: "http decision", data: { ok: true } })).toMatchObject({ status: 500, body: { code: "INTERNAL" } });
    expect(failures).toMatchObject([{ code: "NOT_SERIALIZABLE" }]);
    await engine.close();
  });
});

describe("Idempotency-Key", () => {
  it("makes a start, a continue and a send happen once", async () => {
    const { post, engine } = desk();
    const first = await post("/runs", { flow: "chat" }, { "idempotency-key": "k" });
    const again = await post("/runs", { flow: "chat" }, { "idempotency-key": "k" });
    expect([first.status, again.status, again.body["duplicate"]]).toEqual([201, 200, true]);
    expect(again.body["id"]).toBe(first.body["id"]);
    const path = `/runs/${String(first.body["id"])}`;
    for (const duplicate of [undefined, true]) {
      const answer = await post(`${path}/continue`, { context: "http decision", data: { ok: true, note: "one" } }, { "idempotency-key": "k" });
      expect(answer.body).toMatchObject({ turn: 2, responses: ["one", "clean"] });
      expect(answer.body["duplicate"]).toBe(duplicate);
    }
    for (const duplicate of [false, true]) {
      expect(await post(`${path}/send`, { context: "http decision", data: { ok: true, note: "two" } }, { "idempotency-key": "k" })).toMatchObject({ status: 202, body: { duplicate } });
    }
    expect(await engine.get(String(first.body["id"]))).toMatchObject({ turn: 3 });
    await engine.close();
  });

  it("is the caller's own, and is no id of anything", async () => {
    const { post, engine } = desk({ authorize: (request) => ({ caller: request.headers.get("x-user") ?? "" }) });
    const start = (user: string, key: string, flow = "chat") => post("/runs", { flow }, { "x-user": user, "idempotency-key": key });
    const ids = await Promise.all([start("ann", "k"), start("bob", "k"), start("ann", "l"), start("ann", "k", "checkout")]);
    expect(new Set(ids.map(({ body }) => body["id"])).size).toBe(4);
    const [ann] = ids;
    expect((await start("bob", String(ann?.body["id"]))).status).toBe(201);
    await engine.close();
  });

  it("gives the run that is there only to those who may read it", async () => {
    const { post, engine, asked } = desk({ authorize: (_, { type }) => type === "start" });
    const first = await post("/runs", { flow: "chat" }, { "idempotency-key": "k" });
    expect(first.status).toBe(201);
    expect(await post("/runs", { flow: "chat" }, { "idempotency-key": "k" })).toMatchObject({ status: 404 });
    expect(asked.at(-1)).toEqual({ type: "get", run: first.body["id"] });
    await engine.close();
  });
});

describe("authorize", () => {
  it("may say what the client cannot: id, index, queue", async () => {
    const { post, engine } = desk({ authorize: () => ({ caller: "ann", start: { id: "chat of ann", index: { owner: "ann" }, queue: "chats" } }) });
    const started = await post("/runs", { flow: "chat" });
    expect([started.status, started.headers.get("location")]).toEqual([201, "/runs/chat%20of%20ann"]);
    expect(await engine.get("chat of ann")).toMatchObject({ status: "queued", index: { owner: "ann" } });
    expect((await post("/runs", { flow: "checkout" }))).toMatchObject({ status: 409, body: { code: "RUN_EXISTS" } });
    await engine.close();
  });

  it("may look at the run, and be told that there is none", async () => {
    const { get, engine } = desk({ authorize: async (_, action) => "run" in action && (await engine.get(action.run)).index["owner"] === "ann" });
    await engine.start(chat, [], { id: "mine", index: { owner: "ann" } });
    await engine.start(chat, [], { id: "other", index: { owner: "bob" } });
    expect((await get("/runs/mine")).status).toBe(200);
    const [other, none] = await Promise.all([get("/runs/other"), get("/runs/none")]);
    expect([other?.status, none?.status, none?.text]).toEqual([404, 404, other?.text]);
    await engine.close();
  });

  it("is a failure of the server when it fails, or finds a session and says no more", async () => {
    for (const authorize of [() => { throw new Error("no session store"); }, () => ({ id: "ann" }) as never, () => "yes" as never, () => 1 as never]) {
      const { get, post, engine, failures } = desk({ authorize });
      expect(await get("/runs/x")).toMatchObject({ status: 500, body: { status: 500, code: "INTERNAL", title: problems.INTERNAL[1] } });
      expect(await post("/runs", { flow: "chat" })).toMatchObject({ status: 500 });
      expect([(await engine.find()).runs, failures.length]).toEqual([[], 2]);
      await engine.close();
    }
  });

  it("is told on the console what failed, unless somebody else is", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const engine = createEngine({ store: memory(), flows: { chat } });
    const closed = handler(engine, { flows: { chat }, authorize: () => true });
    await engine.close();
    const response = await closed(new Request("http://h/runs/x"));
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(log.mock.lastCall?.[0]).toBe("deflow/http: get failed");
    log.mockRestore();
  });
});

describe("a handler", () => {
  const engine = createEngine({ store: memory(), flows: { approve } });
  const options = { flows: { chat }, authorize: () => true };

  it("is mounted where `base` says", async () => {
    const { post, get, engine: own } = desk({ base: "/api/v1/runs" });
    const { headers } = await post("/api/v1/runs", { flow: "chat" });
    expect((await get(headers.get("location") ?? "")).status).toBe(200);
    expect((await get("/runs/x")).status).toBe(404);
    const root = desk({ base: "" });
    expect((await root.post("/", { flow: "chat" }, { "idempotency-key": "k" })).headers.get("location")).toMatch(/^\/[0-9a-f]{32}$/);
    await Promise.all([own.close(), root.engine.close()]);
  });

  it.each<[string, object]>([
    ["authorize", { ...options, authorize: undefined }], ["authorize", { ...options, authorize: true }],
    ["base", { ...options, base: "runs" }], ["base", { ...options, base: "/runs/" }],
    ["maxBody", { ...options, maxBody: 0 }], ["heartbeat", { ...options, heartbeat: "often" }], ["lifetime", { ...options, lifetime: -1 }],
    ["flows.chat", { ...options, flows: { chat: async () => {} } }], ["flows.chat", { ...options, flows: { chat: null } }],
    ["flows.chat.args", { ...options, flows: { chat: { flow: chat, args: undefined } } }], ["flows", { ...options, flows: { chat, again: chat } }],
    ["flows", { ...options, flows: undefined }], ["flows", { ...options, flows: null }],
  ])("is not made with a wrong `%s`", (name, wrong) => {
    expect(() => handler(engine, wrong as typeof options)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(`\`${name}\``) }));
  });
});

describe("the page", () => {
  const page = readFileSync(new URL("../../runtime/http/README.md", import.meta.url), "utf8");

  it("has each problem with its status, and the errors that it stands for", () => {
    const rows = [...page.matchAll(/^\| (\d{3}) \| `(\w+)` \|.*\|([^|]*)\|$/gm)].map(([, status, code, errors]) => [Number(status), code, [...(errors ?? "").matchAll(/\[(\w+)\]/g)].map(([, name]) => name)]);
    const known = Object.entries(problems).map(([code, [status]]) => [status, code, Object.keys(codes).filter((name) => codes[name] === code)]);
    expect(rows).toEqual(known);
    expect(Object.keys(codes).filter((name) => !(name in table))).toEqual([]);
  });
});
