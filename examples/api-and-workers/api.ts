// The API: it starts, sends and looks, and has no worker. PORT=0 takes a free port.

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { isDeflowError, type Logger } from "deflow";
import { Desk } from "./calls.ts";
import { openShop } from "./shop.ts";

/** Errors alone: an engine without workers would warn once that nobody here sees to timers. The workers do. */
const logger: Logger = { debug() {}, info() {}, warn() {}, error: (message, fields) => console.error(message, fields) };

const { engine, pool, close } = openShop(logger);
await engine.ready(); // a process whose database is not there fails here
await pool.query("create table if not exists orders (id text primary key, total integer not null, tracking text)");
const desk = new Desk(engine, pool);

async function answer(request: IncomingMessage): Promise<object | undefined> {
  const [, what, id = ""] = (request.url ?? "").split("/");
  const body = request.method === "POST" ? await json(request) as { id: string; total: number; tracking: string; token: string; ok: boolean } : undefined;
  switch (`${request.method} ${what}`) {
    case "POST orders": return { status: (await desk.place(body!.id, body!.total)).status };
    case "POST parcels": return await desk.ship(body!.id, body!.tracking), {};
    case "POST approvals": return await desk.approve(body!.token, body!.ok), {};
    case "DELETE orders": return await desk.withdraw(id, "by the customer"), {};
    case "GET orders": return { status: (await desk.look(id)).status };
    default: return undefined;
  }
}

const server = createServer((request, response) => {
  answer(request).then(
    (found) => response.writeHead(found === undefined ? 404 : 200).end(JSON.stringify(found ?? {})),
    (error: unknown) => response.writeHead(isDeflowError(error) ? 409 : 500).end(JSON.stringify({ code: isDeflowError(error) ? error.code : "INTERNAL" })),
  );
});
server.listen(Number(process.env["PORT"] ?? 3000), () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));

process.once("SIGTERM", () => {
  server.close();
  void close();
});
