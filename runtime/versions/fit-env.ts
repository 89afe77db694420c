// What a function or a class made in a flow captured, as the code that is loaded needs it.

import { fail, Unplaced } from "../codec/kind.ts";
import { CapturesMisfitError } from "../errors/versions.ts";
import type { Meta } from "../strands/registry.ts";
import { slotName } from "./atoms.ts";
import { loaded } from "./build.ts";
import { hasAll, slotsIn } from "./fit.ts";
import { judge, type Reason } from "./judge.ts";

/** Drops what the code does not capture; for kinds of the codec. @throws CapturesMisfit. */
export function fitEnv(kind: "code" | "class", id: string, env: Record<string, unknown>): void {
  const needed = (kind === "code" ? loaded.code(id) : loaded.class(id)) ?? [];
  if (!hasAll(env, needed)) refuse(kind, id, env);
  const stored = Object.keys(env);
  if (stored.length === needed.length) return;
  const names = new Set(needed.map(({ key }) => key));
  for (const key of stored) if (!names.has(key)) delete env[key];
}

/** The environment of a strand. @throws CapturesMisfit. */
export function strandEnv(meta: Meta, env: Record<string, unknown> = {}): Record<string, unknown> {
  if (meta.env === undefined && Object.keys(env).length === 0) return env;
  try {
    fitEnv("code", meta.id, env);
    return env;
  } catch (error) {
    throw error instanceof Unplaced ? error.at("strands") : error;
  }
}

function refuse(kind: "code" | "class", id: string, env: Record<string, unknown>): never {
  const verdict = judge({ kind, id, slots: slotsIn(env) }, loaded) as { readonly reason: Extract<Reason, { why: "slots" }> };
  const { missing, kinds } = verdict.reason;
  return fail((path) => new CapturesMisfitError(path, id, missing.map(slotName), kinds));
}
