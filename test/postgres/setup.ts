// Around all test files of a run: where they meet to share a server, and its end.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopServer } from "./server.ts";

export default function setup(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "deflow-tests-"));
  Object.assign(process.env, { DEFLOW_TEST_POSTGRES_FOLDER: folder, DEFLOW_TEST_POSTGRES_OWNER: String(process.pid) });
  return async () => {
    const said = join(folder, "server.json");
    if (existsSync(said)) {
      const server = JSON.parse(readFileSync(said, "utf8")) as { folder?: string };
      if (server.folder !== undefined) await stopServer(server.folder);
    }
    rmSync(folder, { recursive: true, force: true });
  };
}
