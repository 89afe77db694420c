// The text of a lock file: one line for each point and function, everything sorted, so that two branches merge line by line.
//
//   {
//     "version": 1,
//     "flows": {
//       "approve": {
//         "file": "src/approve.ts",
//         "points": {
//           "approve listen:decision": {"slots":{"expense":"Expense"},"regions":"for","fingerprint":"k3f0a",…}

import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { diagnoseAt } from "../diagnostics/table.ts";
import type { Lock, ReleasedFlow, ReleasedFlows } from "./lock.ts";

/** What is wrong with a lock file: a DF406. */
export class LockError extends Error {
  override readonly name = "LockError";
  /** The DF406 that says so. */
  readonly diagnostic: Diagnostic;

  constructor(file: string, what: string) {
    const diagnostic = diagnoseAt("DF406", 0, 0, file, what);
    super(`${diagnostic.code}: ${diagnostic.message}. ${diagnostic.fix}`);
    this.diagnostic = diagnostic;
  }
}

/** The text of a lock file: everything sorted, a line for each point and function. */
export function printLock({ version, flows }: Lock): string {
  const texts = sortedKeys(flows).map((name) => `    ${JSON.stringify(name)}: ${printFlow(flows[name] as ReleasedFlow)}`);
  return `{\n  "version": ${version},\n  "flows": {${texts.length > 0 ? `\n${texts.join(",\n")}\n  ` : ""}}\n}\n`;
}

function printFlow({ file, text, points, units, retired, migrated }: ReleasedFlow): string {
  const table = (entries: Readonly<Record<string, unknown>>): string => {
    const lines = sortedKeys(entries).map((key) => `        ${JSON.stringify(key)}: ${JSON.stringify(entries[key])}`);
    return lines.length > 0 ? `{\n${lines.join(",\n")}\n      }` : "{}";
  };
  const list = (ids: readonly string[]): string => (ids.length > 0 ? `[\n${[...ids].sort().map((id) => `        ${JSON.stringify(id)}`).join(",\n")}\n      ]` : "[]");
  return [
    "{", `      "file": ${JSON.stringify(file)},`, `      "text": ${JSON.stringify(text)},`, `      "points": ${table(points)},`,
    `      "units": ${table(units)},`, `      "retired": ${list(retired)},`, `      "migrated": ${list(migrated)}`, "    }",
  ].join("\n");
}

function sortedKeys(of: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(of).sort();
}

/** @throws LockError where the text is none of a lock file. `file` names it in the message. */
export function parseLock(text: string, file: string): Lock {
  const fail = (what: string): never => {
    throw new LockError(file, what);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail((error as Error).message);
  }
  const root = fieldsOf(value, "it", ["version", "flows"], fail);
  if (root["version"] !== 1) fail(`it is of version ${JSON.stringify(root["version"])}, and this deflow reads version 1`);
  const flows = recordOf(root["flows"], "`flows`", fail);
  for (const [name, flow] of Object.entries(flows)) checkFlow(flow, `\`flows.${name}\``, fail);
  return { version: 1, flows: flows as ReleasedFlows };
}

type Fail = (what: string) => never;

function checkFlow(flow: unknown, where: string, fail: Fail): void {
  const fields = fieldsOf(flow, where, ["file", "text", "points", "units", "retired", "migrated"], fail);
  checkTexts(fields, where, ["file", "text"], fail);
  for (const [key, point] of Object.entries(recordOf(fields["points"], `${where}.points`, fail))) {
    const at = `${where}.points ${JSON.stringify(key)}`;
    const own = fieldsOf(point, at, ["slots", "regions", "fingerprint", "text", "near", "after"], fail, ["name", "target", "jumps", "was", "frozen"]);
    checkTexts(own, at, ["regions", "fingerprint", "text", "near", "after"], fail);
    checkSlots(own["slots"], at, fail);
    checkJumps(own["jumps"], at, fail);
    for (const was of listOf(own["was"] ?? [], at, fail)) {
      const version = fieldsOf(was, at, ["slots", "regions", "fingerprint"], fail, ["jumps", "frozen"]);
      checkTexts(version, at, ["regions", "fingerprint"], fail);
      checkSlots(version["slots"], at, fail);
      checkJumps(version["jumps"], at, fail);
    }
  }
  for (const [id, unit] of Object.entries(recordOf(fields["units"], `${where}.units`, fail))) {
    const at = `${where}.units ${JSON.stringify(id)}`;
    const own = fieldsOf(unit, at, ["kind", "in", "env", "text", "near", "after"], fail, ["members", "name", "frozen"]);
    checkTexts(own, at, ["kind", "in", "text", "near", "after"], fail);
    checkSlots(own["env"], at, fail);
    checkTextsIn(own["members"] ?? [], `the members of ${at}`, fail);
  }
  for (const list of ["retired", "migrated"]) checkTextsIn(fields[list], `${where}.${list}`, fail);
}

function recordOf(value: unknown, where: string, fail: Fail): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : fail(`${where} is no object`);
}

function listOf(value: unknown, where: string, fail: Fail): unknown[] {
  return Array.isArray(value) ? value : fail(`${where} is no list`);
}

/** Every field that must be there, and no other but those that may. */
function fieldsOf(value: unknown, where: string, must: readonly string[], fail: Fail, may: readonly string[] = []): Record<string, unknown> {
  const fields = recordOf(value, where, fail);
  const lost = must.find((name) => !Object.hasOwn(fields, name));
  if (lost !== undefined) fail(`${where} has no \`${lost}\``);
  const foreign = Object.keys(fields).find((name) => !must.includes(name) && !may.includes(name));
  if (foreign !== undefined) fail(`${where} has \`${foreign}\`, which means nothing`);
  return fields;
}

function checkTexts(fields: Record<string, unknown>, where: string, names: readonly string[], fail: Fail): void {
  for (const name of names) if (typeof fields[name] !== "string") fail(`\`${name}\` of ${where} is no text`);
}

function checkTextsIn(list: unknown, where: string, fail: Fail): void {
  for (const one of listOf(list, where, fail)) if (typeof one !== "string") fail(`${where} has ${JSON.stringify(one)}`);
}

function checkSlots(slots: unknown, where: string, fail: Fail): void {
  for (const [key, type] of Object.entries(recordOf(slots, `what ${where} keeps`, fail))) if (typeof type !== "string") fail(`the type of \`${key}\` of ${where} is no text`);
}

function checkJumps(jumps: unknown, where: string, fail: Fail): void {
  for (const [key, names] of Object.entries(recordOf(jumps ?? {}, `the jumps of ${where}`, fail)))
    if (listOf(names, `the jumps in \`${key}\` of ${where}`, fail).some((name) => typeof name !== "string")) fail(`a jump in \`${key}\` of ${where} is no text`);
}
