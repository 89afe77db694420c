// Who visits a server, and what they are told: the server runs here too, on a free port, and everything goes over the network.

import { EventEmitter, once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { createEngine, memory } from "deflow";
import { appOf } from "./app.ts";
import { approve, bank } from "./approve.ts";

const engine = createEngine({ store: memory(), flows: { approve } });
engine.work();
const server = serve({ fetch: appOf(engine).fetch, port: 0 });
await new Promise((listening) => server.once("listening", listening));
const { port } = server.address() as AddressInfo;

const tokens: Record<string, string> = { ann: "ann-7f3a", bob: "bob-91cc", max: "max-e04d" };

async function visit(user: string, path: string, body?: object, key?: string): Promise<Response> {
  const headers = new Headers({ authorization: `Bearer ${tokens[user] ?? ""}` });
  if (body !== undefined) headers.set("content-type", "application/json");
  if (key !== undefined) headers.set("idempotency-key", key);
  const asked = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, asked);
  console.log(`${user}: ${body === undefined ? "GET " : "POST"} ${path} ${body === undefined ? "" : JSON.stringify(body)}`);
  console.log(`  ${response.status} ${response.headers.get("content-type") ?? ""}`);
  return response;
}

async function told(user: string, path: string, body?: object, key?: string): Promise<Record<string, unknown>> {
  const answer = await (await visit(user, path, body, key)).json() as Record<string, unknown>;
  for (const name of ["responses", "progress", "value", "duplicate", "code", "detail"]) {
    if (name in answer) console.log(`  ${name}: ${JSON.stringify(answer[name])}`);
  }
  return answer;
}

/** What Ann's browser would show, line by line. */
const heard: string[] = [];
const browser = new EventEmitter();

async function show(events: ReadableStream<Uint8Array>): Promise<void> {
  let text = "";
  for await (const chunk of events.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, event, data = ""] = /^event: (.*)\nid: .*\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (event === undefined) continue;
      heard.push(`  ${event} ${event === "status" ? (JSON.parse(data) as { status: string }).status : data}`);
      browser.emit(event);
    }
  }
}

const claim = { flow: "approve", args: [{ what: "taxi", amount: 48.2 }] };
const { id } = await told("ann", "/runs", claim, "click 1");
await told("ann", "/runs", claim, "click 1");

const events = await visit("ann", `/runs/${String(id)}/events`);
const [asked, shown] = [once(browser, "status"), show(events.body as ReadableStream<Uint8Array>)];
await asked;

// The bank takes its time: until Ann has read that she is being paid.
const paying = once(browser, "progress");
bank.pay = async (_expense, key) => {
  await paying;
  return `transfer ${key}`;
};

await told("bob", `/runs/${String(id)}`);
await told("ann", `/runs/${String(id)}/continue`, { context: "decision", data: { ok: true } });
await told("max", `/runs/${String(id)}/continue`, { context: "decision", data: { ok: "yes" } });
await told("max", `/runs/${String(id)}/continue`, { context: "decision", data: { ok: true } });

await shown;
console.log(`ann heard meanwhile\n${heard.join("\n")}`);

server.close();
await engine.close();
