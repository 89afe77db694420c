// Requests of somebody who means harm: one answer for all that is not theirs, nothing let in, nothing that takes long.

import { context, createEngine, deflow, listen, memory } from "deflow";
import { handler } from "deflow/http";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { chat, type Desk, desk, loose, secret, tokens } from "./site.ts";

const said = context("http said", z.unknown());

const echo = deflow(async function httpEcho() {
  return JSON.stringify(await listen(said));
});

const requests: Record<string, (id: string) => Request> = {
  start: () => post("/runs", { flow: "chat" }),
  get: (id) => new Request(`http://h/runs/${id}`),
  events: (id) => new Request(`http://h/runs/${id}/events`),
  continue: (id) => post(`/runs/${id}/continue`, { context: "http decision", data: { ok: true } }),
  send: (id) => post(`/runs/${id}/send`, { context: "http decision", data: { ok: true } }),
  cancel: (id) => post(`/runs/${id}/cancel`, {}),
  settle: () => post("/runs/settle", { token: tokens.at(-1) ?? "", data: { reference: "P" } }),
};

function post(path: string, body: unknown, headers: Record<string, string> = {}): Request {
  return new Request(`http://h${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });
}

/** All of an answer that a client can see. */
async function whole(response: Response): Promise<unknown> {
  return { status: response.status, headers: [...response.headers], body: await response.text() };
}

async function refusal(): Promise<unknown> {
  const { handle, engine } = desk({ authorize: () => false });
  const answer = await whole(await handle(new Request("http://h/runs/nothing")));
  await engine.close();
  return answer;
}

async function expectNothing({ handle }: Desk, request: Request): Promise<void> {
  expect(await whole(await handle(request))).toEqual(await refusal());
}

describe("one 404", () => {
  it("is a problem without any name in it", async () => {
    expect(await refusal()).toEqual({
      status: 404, body: "{\"status\":404,\"code\":\"NOT_FOUND\",\"title\":\"There is nothing here for you.\"}",
      headers: [["cache-control", "no-store"], ["content-type", "application/problem+json"], ["x-content-type-options", "nosniff"]],
    });
  });

  it.each(Object.entries(requests))("for %s: forbidden as missing, and nothing is looked up or changed", async (_, request) => {
    const site = desk({ authorize: () => false });
    await site.engine.start(chat, [], { id: "there" });
    await site.engine.start(secret, [], { id: "secret" });
    const before = JSON.stringify((await site.engine.find()).runs);
    const calls: string[] = [];
    const watched = new Proxy<Desk["engine"]>(site.engine, { get: (engine, name) => { calls.push(String(name)); return Reflect.get(engine, name); } });
    const handle = handler(watched, { flows: { chat }, authorize: async () => false });
    calls.length = 0;
    for (const id of ["there", "missing"]) expect(await whole(await handle(request(id)))).toEqual(await refusal());
    expect(calls).toEqual([]);
    expect(JSON.stringify((await site.engine.find()).runs)).toBe(before);
    await site.engine.close();
  });

  it.each(Object.entries(requests).filter(([name]) => name !== "start"))("for %s: of a flow that is not listed as missing", async (_, request) => {
    const site = desk();
    await site.engine.start(secret, [], { id: "secret" });
    await expectNothing(site, request("secret"));
    expect(await site.engine.get("secret")).toMatchObject({ status: "waiting", turn: 1, waits: [{ kind: "callback" }, { kind: "listen" }] });
    await site.engine.close();
  });

  it("for flows that are not listed, and names that every object has", async () => {
    const site = desk();
    for (const flow of ["secret", "httpSecret", "httpChat", "__proto__", "constructor", "toString", ""]) await expectNothing(site, post("/runs", { flow }));
    expect((await site.engine.find()).runs).toEqual([]);
    await site.engine.close();
  });

  it("for contexts without a schema, or that nobody has declared", async () => {
    context("http plain");
    const site = desk();
    await site.engine.start(loose, [], { id: "loose" });
    for (const verb of ["continue", "send"]) {
      for (const name of ["http plain", "nobody's", "__proto__", "constructor"]) await expectNothing(site, post(`/runs/loose/${verb}`, { context: name, data: "in" }));
    }
    expect((await site.get("/runs/loose")).body["waits"]).toEqual([]);
    await site.engine.close();
  });

  it("for callbacks without a schema, and tokens that were never given", async () => {
    const site = desk();
    await site.engine.start(loose, []);
    for (const token of [tokens.at(-1), "", "0".repeat(64), "x".repeat(10_000)]) await expectNothing(site, post("/runs/settle", { token, data: "in" }));
    await site.engine.close();
  });

  it("for a wrong permit and for none", async () => {
    const site = desk();
    const { body: { id } } = await site.post("/runs", { flow: "approve", args: [{ id: "E", amount: 5000 }] });
    for (const permit of ["Boss", "", undefined]) await expectNothing(site, post(`/runs/${String(id)}/continue`, { context: "http decision", data: { ok: true }, permit }));
    await site.engine.close();
  });

  it("for paths that lead nowhere", async () => {
    const site = desk();
    const long = "x".repeat(10_000);
    for (const path of ["/", "/run", "/runsx", "/runs/a/b", "/runs/a/events/", "/runs/a/b/c/d", "/runs//", "/runs/%", "/runs/%00", "/runs/%ff", `/runs/${long}`, `/runs/${long}/events`, "/runs/%ED%A0%80", `/runs${"/".repeat(10_000)}`]) {
      await expectNothing(site, new Request(`http://h${path}`));
    }
    await expectNothing(site, post(`/runs/x/continue`, { context: long, data: {} }));
    await expectNothing(site, post(`/runs`, { flow: long }));
    expect(site.asked).toEqual([]);
    await site.engine.close();
  });
});

describe("requests that are none", () => {
  it.each<[string, string, string]>([
    ["GET", "/runs", "POST"], ["PUT", "/runs/a", "GET"], ["DELETE", "/runs/a", "GET"], ["HEAD", "/runs/a", "GET"], ["OPTIONS", "/runs/a/continue", "POST"],
    ["GET", "/runs/a/cancel", "POST"], ["POST", "/runs/a/events", "GET"], ["PATCH", "/runs/settle", "GET, POST"], ["CONSTRUCTOR", "/runs/a", "GET"],
  ])("%s %s: 405", async (method, path, allow) => {
    const { handle, asked, engine } = desk();
    const response = await handle(new Request(`http://h${path}`, { method }));
    expect([response.status, response.headers.get("allow"), asked]).toEqual([405, allow, []]);
    await engine.close();
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "text/plain; application/json", ""])("content-type `%s`: 415", async (type) => {
    const { post: send, asked, engine } = desk();
    expect(await send("/runs", { flow: "chat" }, { "content-type": type })).toMatchObject({ status: 415, body: { code: "NOT_JSON" } });
    expect(asked).toEqual([]);
    await engine.close();
  });

  it("content-type with a charset is JSON", async () => {
    const { post: send, engine } = desk();
    expect((await send("/runs", { flow: "chat" }, { "content-type": "Application/JSON; charset=utf-8" })).status).toBe(201);
    await engine.close();
  });

  it.each<[string, string, string]>([
    ["/runs", "", "not JSON"], ["/runs", "{", "not JSON"], ["/runs", "null", "must be a JSON object"], ["/runs", "[]", "must be a JSON object"], ["/runs", "\"x\"", "must be a JSON object"],
    ["/runs", "{}", "`flow` must be text"], ["/runs", "{\"flow\":1}", "`flow` must be text"], ["/runs", "{\"flow\":\"chat\",\"args\":{}}", "`args` must be an array"],
    ["/runs", "{\"flow\":\"chat\",\"id\":\"mine\"}", "nothing else"], ["/runs", "{\"flow\":\"chat\",\"__proto__\":{\"id\":\"mine\"}}", "nothing else"],
    ["/runs/a/continue", "{\"data\":1}", "`context` must be text"], ["/runs/a/continue", "{\"context\":\"c\",\"permit\":7}", "`permit` must be text"],
    ["/runs/a/continue", "{\"context\":\"c\",\"eventId\":\"e\"}", "nothing else"], ["/runs/a/cancel", "{\"reason\":{}}", "`reason` must be text"],
    ["/runs/settle", "{\"token\":[\"a\"]}", "`token` must be text"], ["/runs/settle", "{\"toString\":1}", "nothing else"],
    ["/runs", `{"flow":"chat","args":${"[".repeat(250)}${"]".repeat(250)}}`, "nested deeper"], ["/runs", `{"a":`.repeat(40_000), "not JSON"],
    ["/runs", `${"[".repeat(120_000)}${"]".repeat(120_000)}`, "must be a JSON object"], ["/runs", `{"flow":${"[".repeat(120_000)}${"]".repeat(120_000)}}`, "nested deeper"],
  ])("POST %s with a wrong body %#: 400", async (path, body, detail) => {
    const { post: send, asked, engine } = desk();
    expect(await send(path, body)).toMatchObject({ status: 400, body: { code: "BAD_REQUEST", detail: expect.stringContaining(detail) } });
    expect(asked).toEqual([]);
    await engine.close();
  });

  it("a key that no store could keep: 400", async () => {
    const { post: send, engine } = desk();
    for (const key of ["", "x".repeat(10_000), "tab\there"]) expect(await send("/runs", { flow: "chat" }, { "idempotency-key": key })).toMatchObject({ status: 400 });
    expect((await engine.find()).runs).toEqual([]);
    await engine.close();
  });
});

describe("bodies", () => {
  const limit = 1000;
  /** Counts what is taken of it. */
  function endless(chunk: number): { readonly body: ReadableStream<Uint8Array>; readonly taken: () => number; readonly stopped: () => boolean } {
    let [taken, stopped] = [0, false];
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => { taken += chunk; controller.enqueue(new Uint8Array(chunk).fill(32)); }, cancel: () => { stopped = true; } }, { highWaterMark: 0 });
    return { body, taken: () => taken, stopped: () => stopped };
  }
  const chunked = (body: ReadableStream<Uint8Array>, headers: Record<string, string> = {}): Request =>
    new Request("http://h/runs", { method: "POST", headers: { "content-type": "application/json", ...headers }, body, duplex: "half" } as RequestInit);

  it("that are announced as too large are not read", async () => {
    const { handle, engine } = desk({ maxBody: limit });
    const { body, taken } = endless(10);
    expect((await handle(chunked(body, { "content-length": "1001" }))).status).toBe(413);
    expect(taken()).toBe(0);
    await engine.close();
  });

  it("in chunks are read up to the limit, and then stopped", async () => {
    const { handle, engine, asked } = desk({ maxBody: limit });
    for (const [chunk, least] of [[7, 1001], [5000, 5000]] as const) {
      const { body, taken, stopped } = endless(chunk);
      expect((await handle(chunked(body))).status).toBe(413);
      expect([taken(), stopped(), asked]).toEqual([least, true, []]);
    }
    await engine.close();
  });

  it("that break off, or are no UTF-8, are refused; letters cut in two by a chunk are not", async () => {
    const { handle, engine, failures } = desk();
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("connection reset")) });
    expect((await handle(chunked(broken))).status).toBe(400);
    expect((await handle(chunked(new Blob([new Uint8Array([0x7b, 0xff, 0x7d])]).stream()))).status).toBe(400);
    const bytes = new TextEncoder().encode(JSON.stringify({ flow: "failing", args: ["größer"] }));
    const single = new ReadableStream<Uint8Array>({ start: (controller) => { for (const byte of bytes) controller.enqueue(new Uint8Array([byte])); controller.close(); } });
    expect((await handle(chunked(single))).status).toBe(201);
    expect(failures).toEqual([]);
    await engine.close();
  });

  it("of exactly the limit are taken", async () => {
    const { post: send, engine } = desk({ maxBody: limit });
    const body = JSON.stringify({ flow: "chat" });
    expect((await send("/runs", body.padEnd(limit))).status).toBe(201);
    expect((await send("/runs", body.padEnd(limit + 1))).status).toBe(413);
    await engine.close();
  });
});

describe("data", () => {
  it("meets a schema before it meets a flow", async () => {
    const { post: send, engine } = desk();
    const start = (args?: unknown) => send("/runs", { flow: "approve", args });
    expect(await start([{ id: 1, amount: "2" }])).toMatchObject({ status: 422, body: { detail: expect.stringMatching(/arguments of `approve`.*0: amount: .*number/) } });
    expect(await start()).toMatchObject({ status: 422 });
    expect(await start([{ id: "1", amount: 2 }, "more"])).toMatchObject({ status: 422 });
    expect(await send("/runs", { flow: "chat", args: ["unasked"] })).toMatchObject({ status: 422, body: { detail: expect.stringContaining("{ flow, args: schema }") } });
    expect((await engine.find()).runs).toEqual([]);
    const { body: { id } } = await send("/runs", { flow: "chat" });
    const path = `/runs/${String(id)}/continue`;
    expect(await send(path, { context: "http decision", data: { ok: "yes" } })).toMatchObject({ status: 422, body: { detail: expect.stringContaining("ok: ") } });
    expect(await send(path, { context: "http decision" })).toMatchObject({ status: 422 });
    expect(await engine.get(String(id))).toMatchObject({ turn: 1 });
    await engine.close();
  });

  it("with `__proto__` in it touches no prototype", async () => {
    const { post: send, engine } = desk();
    const { body: { id } } = await send("/runs", { flow: "chat" });
    const answer = await send(`/runs/${String(id)}/continue`, "{\"context\":\"http decision\",\"data\":{\"ok\":true,\"note\":\"n\",\"__proto__\":{\"polluted\":1},\"constructor\":{\"prototype\":{\"polluted\":1}}}}");
    expect(answer).toMatchObject({ status: 200, body: { responses: ["n", "clean"] } });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    await engine.close();
  });

  it("that looks like a frame stays data", async () => {
    const engine = createEngine({ store: memory(), flows: { echo }, dev: true });
    const handle = handler(engine, { flows: { echo }, authorize: () => true });
    const { id } = await engine.start(echo, []);
    const data = { $ref: 0, $date: 1, $cell: 2, "$": ["Map", []], self: { $undefined: true } };
    const response = await handle(post(`/runs/${id}/continue`, { context: "http said", data }));
    expect(await response.json()).toMatchObject({ status: "completed", value: JSON.stringify(data) });
    await engine.close();
  });

  it("that takes regular expressions long is read in time that grows with its size alone", async () => {
    const { handle, engine } = desk();
    const bombs = [`application/json${" ".repeat(50_000)}x`, `${";".repeat(50_000)}`, `${"a;".repeat(25_000)}`];
    for (const type of bombs) expect((await handle(post("/runs", {}, { "content-type": type }))).status).not.toBe(500);
    for (const id of ["1".repeat(50_000), `1.${"1".repeat(50_000)}x`, `${"1.".repeat(25_000)}`]) {
      const response = await handle(new Request("http://h/runs/none/events", { headers: { "last-event-id": id } }));
      expect(response.status).toBe(404);
    }
    expect((await handle(new Request(`http://h/${"%2f".repeat(20_000)}`))).status).toBe(404);
    await engine.close();
  });
});
