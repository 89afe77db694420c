// deflow init: sets a package up so that its flows are compiled. Shows what it would change, and asks.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createPatch } from "diff";
import { type Io, UsageError } from "../io.ts";
import { jsonText } from "../json.ts";
import { unreadTypes } from "../lock-types.ts";
import { packageAround } from "../project.ts";
import { type Colors, paintOf } from "../text.ts";
import type { Change } from "./change.ts";
import { readPackage } from "./package.ts";
import { type Plan, planFor } from "./plan.ts";
import { readsLockTypes } from "./tsconfig.ts";

export interface InitOptions {
  /** Writes without asking. */
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Exit code 1: something is left to do, since nobody agreed, or it is to be done by hand. */
export async function init(folder: string, { yes = false, json = false }: InitOptions, io: Io): Promise<number> {
  refuseDenoAlone(resolve(folder));
  const root = packageAround(resolve(folder));
  const plan = planFor(readPackage(root));
  const { changes, byHand } = plan;
  if (!json) io.out(planText(plan, paintOf(io), readsLockTypes(root)));
  const agreed = changes.length > 0 && (yes || (!json && await asked(io)));
  const stale = agreed ? changes.filter(({ file, before }) => readFileSync(join(root, file), "utf8") !== before) : [];
  const written = agreed && stale.length === 0 ? changes.map(({ file }) => file) : [];
  if (written.length > 0) for (const { file, after } of changes) writeFileSync(join(root, file), after);
  if (json) io.out(`${jsonText({ tools: plan.tools, changes: changes.map((change) => ({ file: change.file, diff: patchOf(change) })), byHand, install: plan.install, written }, 2)}\n`);
  else if (written.length > 0) io.out(`Written: ${written.join(", ")}.\n`);
  if (stale.length > 0) io.err(`${stale.map(({ file }) => file).join(", ")} ${stale.length > 1 ? "have" : "has"} changed since it was shown. Nothing is written: run \`deflow init\` again.\n`);
  else if (!json && changes.length > 0 && !agreed) io.err("Nothing is written. `deflow init --yes` writes without asking.\n");
  return written.length < changes.length || byHand.length > 0 ? 1 : 0;
}

/** The lock stands beside a package.json, which Deno does not need. @throws UsageError. */
function refuseDenoAlone(from: string): void {
  for (let folder = from; !existsSync(join(folder, "package.json")) && dirname(folder) !== folder; folder = dirname(folder)) {
    const config = ["deno.json", "deno.jsonc"].find((name) => existsSync(join(folder, name)));
    if (config !== undefined) throw new UsageError(`\`${folder}\` has a ${config} and no package.json, beside which the lock of its flows stands. Write one, \`{}\` is enough, and run \`deflow init\` again: it enters \`--preload npm:deflow/register\` in the tasks of ${config}`);
  }
}

async function asked({ ask }: Io): Promise<boolean> {
  return ask !== undefined && /^y(?:es)?$/i.test((await ask("Write this? [y/N] ")).trim());
}

function planText({ tools, changes, byHand, install }: Plan, paint: Colors, readsTypes: boolean): string {
  const parts = [`Flows are compiled by ${tools.join(", ")}.`, ...changes.map((change) => coloured(patchOf(change), paint))];
  for (const { file, why, lines } of byHand) parts.push(`${paint.yellow(file)} is for you to edit, since ${why}:\n${lines.map((line) => `  ${line}`).join("\n")}`);
  if (install.length > 0) parts.push(`To be installed:\n${install.map((command) => `  ${command}`).join("\n")}`);
  if (!readsTypes) parts.push(`When \`deflow lock\` has written it: ${unreadTypes}`);
  if (changes.length + byHand.length === 0) parts.push("Its configuration is as it should be.");
  return `${parts.join("\n\n")}\n`;
}

/** Without the heading that says the file's name twice. */
function patchOf({ file, before, after }: Change): string {
  return createPatch(file, before, after, undefined, undefined, { context: 2 }).split("\n").slice(2).join("\n").trimEnd();
}

function coloured(patch: string, { red, green, cyan, bold }: Colors): string {
  return patch.split("\n").map((line) => (/^(?:---|\+\+\+)/.test(line) ? bold(line) : line.startsWith("-") ? red(line) : line.startsWith("+") ? green(line) : line.startsWith("@@") ? cyan(line) : line)).join("\n");
}
