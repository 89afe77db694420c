// The server: the application, and a worker for what is due.

import { serve } from "@hono/node-server";
import { createEngine } from "deflow";
import { sqlite } from "deflow/sqlite";
import { appOf } from "./app.ts";
import { approve } from "./approve.ts";

const store = sqlite("expenses.db");
const engine = createEngine({ store, flows: { approve } });
engine.work();

const server = serve({ fetch: appOf(engine).fetch, port: Number(process.env["PORT"] ?? 3000) }, ({ port }) => console.log(`http://localhost:${port}`));

process.once("SIGTERM", async () => {
  server.close();
  await engine.close();
  await store.close();
});
