// A handler behind node:http, alone and beside another listener, as its page says.

import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { afterEach, expect, it } from "vitest";
import { desk } from "./site.ts";

const page = readFileSync(new URL("../../runtime/http/README.md", import.meta.url), "utf8");
let server: Server;
afterEach(() => void server.close());

async function addressOf(made: Server): Promise<string> {
  server = made;
  await new Promise<void>((listening) => server.listen(0, listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const start = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ flow: "chat" }) };

it("alone: runs are started, and their events sent", async () => {
  const { engine, handle } = desk();
  const at = await addressOf(createServer(getRequestListener(handle)));
  const started = await fetch(`${at}/runs`, start);
  expect([started.status, await started.clone().json()]).toMatchObject([201, { status: "waiting" }]);
  const { id } = await started.json() as { id: string };
  const events = await fetch(`${at}/runs/${id}/events`);
  expect(events.headers.get("content-type")).toBe("text/event-stream");
  await engine.kill(id);
  expect(await events.text()).toContain("killed");
  expect(page).toContain("createServer(getRequestListener(");
  await engine.close();
});

it("beside another listener, by the path", async () => {
  const { engine, handle } = desk();
  const listener = getRequestListener(handle);
  const others: RequestListener = (_request, response) => void response.end("home");
  const [, pattern = expect.unreachable()] = /\(\/(.*)\/\.test\(request\.url/.exec(page) ?? [];
  const isRuns = new RegExp(pattern);
  const at = await addressOf(createServer((request, response) => void (isRuns.test(request.url ?? "") ? listener : others)(request, response)));
  expect((await fetch(`${at}/runs`, start)).status).toBe(201);
  expect((await fetch(`${at}/runs/none`)).status).toBe(404);
  for (const other of ["", "runsx", "a/runs"]) expect(await (await fetch(`${at}/${other}`)).text()).toBe("home");
  await engine.close();
});
