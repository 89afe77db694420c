// The flows' code, for commands that go on with runs here: `--program <file>`, loaded as `node --import deflow/register` loads it.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Flow } from "../../runtime/api/deflow.ts";
import { isDeflowError } from "../../runtime/errors/error.ts";
import { shared } from "../../runtime/realm/shared.ts";
import { type Io, UsageError } from "../io.ts";

type Flows = Readonly<Record<string, Flow<never[], unknown>>>;

/** The flows that the module declares, and those of all that it imports. @throws UsageError. */
export async function flowsOf(file: string, { load = loadCompiled }: Io): Promise<Flows> {
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`there is no \`${file}\`. --program is a module that declares the flows, or imports them`);
  try {
    await load(path);
  } catch (error) {
    if (isDeflowError(error)) throw error;
    throw new UsageError(`\`${file}\` does not load: ${(error as Error).message}${(error as { code?: unknown }).code === "ERR_UNKNOWN_FILE_EXTENSION" ? ". This Node reads no TypeScript: give the file that it is built to, or set NODE_OPTIONS=\"--import tsx\"" : ""}`);
  }
  const flows = Object.fromEntries([...shared.flows].map(([id, { flow }]) => [id, flow as unknown as Flow<never[], unknown>]));
  if (Object.keys(flows).length === 0) throw new UsageError(`\`${file}\` declares no flow, and nothing that it imports does`);
  return flows;
}

async function loadCompiled(path: string): Promise<unknown> {
  await import("../../compiler/adapters/register.ts");
  return await import(pathToFileURL(path).href);
}
