// One server for all test files of a run: the first that needs it starts it, setup.ts stops it after the last.
//
//   DEFLOW_TEST_POSTGRES=postgres://…   the tests use that server instead, in schemas of their own

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "vitest";
import { findBinaries } from "./binaries.ts";
import { startServer } from "./server.ts";

/** Set by setup.ts. */
const folder = process.env["DEFLOW_TEST_POSTGRES_FOLDER"];
const owner = process.env["DEFLOW_TEST_POSTGRES_OWNER"];

/** The address of a server that runs. */
export async function sharedServer(): Promise<string> {
  const given = process.env["DEFLOW_TEST_POSTGRES"];
  if (given !== undefined) return given;
  if (folder === undefined || owner === undefined) throw new Error("vitest.config.ts does not name test/postgres/setup.ts");
  const said = join(folder, "server.json");
  if (isFirst(folder)) await start(said, Number(owner));
  for (;;) {
    if (existsSync(said)) {
      const { url, problem } = JSON.parse(readFileSync(said, "utf8")) as { url?: string; problem?: string };
      if (url !== undefined) return url;
      throw new Error(problem);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isFirst(parent: string): boolean {
  try {
    mkdirSync(join(parent, "starting"));
    return true;
  } catch {
    return false;
  }
}

async function start(said: string, until: number): Promise<void> {
  const result = await startServer({ owner: until }).then(({ url, folder }) => ({ url, folder }), (error: unknown) => ({ problem: String(error) }));
  writeFileSync(`${said}.new`, JSON.stringify(result));
  renameSync(`${said}.new`, said);
}

/** Without a server tests that need one are skipped aloud, and in CI they fail. */
export const isThere: boolean = process.env["DEFLOW_TEST_POSTGRES"] !== undefined || findBinaries() !== undefined || process.env["CI"] !== undefined;
if (!isThere) console.warn("SKIPPED: no Postgres for this machine. Install one, or set DEFLOW_TEST_POSTGRES=postgres://…");

/** `describe`, for tests that need a server. */
export const describePostgres: typeof describe.skip = isThere ? describe : describe.skip;
