// The dispatcher of this example passes the suite, and work of one process is begun by another that hardly ever polls.

import { createEngine, deflow } from "deflow";
import { sqlite } from "deflow/sqlite";
import { dispatcherSuite } from "deflow/testing";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileDispatcher } from "./dispatcher.ts";

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "deflow-bell-"));
  folders.push(folder);
  return folder;
};

await dispatcherSuite("a watched file", {
  open() {
    const path = join(newFolder(), "bell");
    return { first: fileDispatcher(path), second: fileDispatcher(path), close: () => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })) };
  },
});

const greet = deflow(async function ownDispatcherGreet(name: string) {
  return `Hello ${name}`;
});

it("a worker of another engine begins what is queued", async () => {
  const folder = newFolder();
  const engines = [1, 2].map(() => {
    const store = sqlite(join(folder, "app.db"));
    return { store, engine: createEngine({ store, flows: { greet }, dispatcher: fileDispatcher(join(folder, "bell")) }) };
  });
  const [{ engine: web } = expect.unreachable(), { engine: worker } = expect.unreachable()] = engines;
  worker.work({ poll: "1 hour" });
  const run = await web.start(greet, ["Ann"], { queue: "mail" });
  expect(await run.result()).toBe("Hello Ann");
  for (const { engine, store } of engines) {
    await engine.close();
    await store.close();
  }
  rmSync(folder, { recursive: true });
});
