// How a released point that no longer fits is shown: both versions side by side, and what can be done.
//
//   stored   amount expense    in for
//   now      amount currency expense    in for

import { memberText } from "../class-parts.ts";
import { isIdentifierText } from "../roles.ts";
import type { Row } from "./compare.ts";
import type { ReleasedFlow, Version } from "./lock.ts";

/** `approve listen:decision@k3f0a`, `approve#each`, `approve#Line.total()` */
export function nameOf({ key, fingerprint, member }: Row): string {
  if (member !== undefined) return memberText(key, member);
  return fingerprint === undefined ? key : `${key}@${fingerprint}`;
}

export function sideBySide({ key, is, from, to, fate, fingerprint }: Row, released: ReleasedFlow, compiled: ReleasedFlow): string {
  const line = (slots: readonly string[] | undefined, around: string): string => `${slots?.join(" ") || "nothing"}${around === "" ? "" : `    ${is === "point" ? "in " : ""}${around}`}`;
  const stored = is === "point" ? versionOf(released, key, fingerprint)?.slots : released.units[key]?.env;
  const now = is === "point" ? compiled.points[key]?.slots : compiled.units[key]?.env;
  const after = fate === "gone" ? "not there" : line(Object.keys(now ?? {}), to);
  return `\n      stored  ${line(Object.keys(stored ?? {}), from)}\n      now     ${after}`;
}

export function versionOf(released: ReleasedFlow, key: string, fingerprint: string | undefined): Version | undefined {
  const point = released.points[key];
  return [point, ...(point?.was ?? [])].find((version) => version?.fingerprint === fingerprint);
}

/** What is needed and not stored, by name; where exactly one local is gone for one that came, it was perhaps renamed. */
export function difference({ missing, dropped, jumps, fate, from, to, is }: Row): string {
  if (fate === "gone") return "";
  if (fate === "moved") return is === "point" ? `stood ${around(from)} and stands ${around(to)}` : `was a ${kindWord(from)} and is a ${kindWord(to)}`;
  if (is === "member") return "not there any more, and a run may hold it by itself";
  if (fate === "partly") return `has no way for a pending ${listed(jumps)}`;
  if (missing.length === 0) return "";
  const [one, ...more] = missing;
  const [gone, ...others] = dropped;
  const renamed = one && gone && more.length + others.length === 0 ? ` (renamed? \`${plain(gone)}\` → \`${plain(one)}\`)` : "";
  if (one && gone && inTime(one) === inTime(gone) && plain(one) !== plain(gone)) {
    const [is, was] = one.includes("~early") ? ["may be", "before"] : ["cannot be", "behind"];
    return `needs \`${inTime(one)}\` as what ${is} used before it is initialised, and it is stored otherwise: declare it ${was} what uses it, as it was`;
  }
  if (one && gone && plain(one) === plain(gone)) return `needs \`${plain(one)}\` as ${one.endsWith("*") ? "the cell of a variable that a function captures" : "a plain value"}, and it is stored otherwise`;
  return `needs ${listed(missing.map(plain))}, which is not stored${renamed}`;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function kindWord(kind: string): string {
  return kind === "class" ? kind : "function";
}

function around(regions: string): string {
  return regions === "" ? "in no loop or `try`" : `in ${regions}`;
}

function plain(key: string): string {
  if (key === "~args") return "arguments";
  if (key === "~private") return "#private names";
  return key.startsWith("~keys~") ? "[computed names]" : key.replace(/\*$/, "").replace(/^~(?:static)?(?=#)/, "");
}

/** `one~early` is `one` where it may not be initialised yet. */
function inTime(key: string): string {
  return plain(key).replace(/~early$/, "");
}

/** As a slot's key is written in an object: `total`, `"x~1/2"`. */
export function keyed(key: string): string {
  return isIdentifierText(plain(key)) ? plain(key) : JSON.stringify(plain(key));
}

/** The remedies, the `migrate` line ready to paste. */
export function remedies(flow: string, row: Row, compiled: ReleasedFlow): string {
  const { key, is, fingerprint, missing, dropped } = row;
  const retire = `Or give stored runs up there: \`deflow retire ${flow} ${JSON.stringify(is === "point" && key.startsWith(`${flow} `) ? key.slice(flow.length + 1) : key)}\`.`;
  if (is === "member") return memberRemedies(flow, row.fate, retire);
  if (is === "function") return `Bring it back as it was, or keep the old flow beside the new one: \`deflow freeze ${flow}\`. ${retire}`;
  const freeze = `Or${row.fate === "partly" ? ", before this is released," : ""} keep the old flow beside the new one for runs that wait there: \`deflow freeze ${flow}\`. ${retire}`;
  if (row.fate === "partly") return `Other runs that wait there go on, and \`deflow check --store\` counts those that would not. While there are some, keep the jump. ${freeze}`;
  const point = key.startsWith(`${flow} `) ? key.slice(flow.length + 1) : key;
  const slots = Object.keys(compiled.points[key]?.slots ?? {});
  if (missing.includes("this") || missing.includes("~args")) return `Stored runs do not have what the function was called with, and no migration can give it: do without it behind this await. ${freeze}`;
  if (missing.some((each) => each.startsWith("~"))) return `Keep the statement of this await as it was, so that what it holds is stored under the same name. ${freeze}`;
  const old = dropped.find((each) => !each.startsWith("~"));
  const given = missing.map((each) => (missing.length === 1 && old ? `${keyed(each)}: ${isIdentifierText(plain(old)) ? `locals.${plain(old)}` : `locals[${JSON.stringify(plain(old))}]`}` : `${keyed(each)}: …`));
  const target = slots.length > 0 || row.fate === "moved" ? "" : `, { to: "…" }`;
  const otherwise = given.some((each) => each.endsWith("…")) ? ` Where it cannot be computed from what is stored, do without ${listed(missing.map(plain))} behind this await: keep the variables that the released code used there.` : "";
  return `Say what stored runs go on with: \`migrate(${flow}, ${JSON.stringify(`${point}@${fingerprint}`)}, (locals) => (${given.length > 0 ? `{ ...locals, ${given.join(", ")} }` : "locals"})${row.fate === "gone" ? `, { to: "…" }` : target});\`.${otherwise} ${freeze}`;
}

function memberRemedies(flow: string, fate: Row["fate"], retire: string): string {
  const freeze = `keep the old flow beside the new one: \`deflow freeze ${flow}\`.`;
  if (fate === "partly") return `Other runs with this class go on, and \`deflow check --store\` counts those that would not. While there are some, keep it beside what takes its place. Or, before this is released, ${freeze}`;
  return `Stored instances hold it: keep it beside what takes its place, or ${freeze} ${retire}`;
}
