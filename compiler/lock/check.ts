// The diagnostics of a flow that is released: what would leave stored runs behind.

import ts from "typescript";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Code, diagnose } from "../diagnostics/table.ts";
import type { Source } from "../passes/1-find.ts";
import type { Findings } from "../passes/7-keep.ts";
import { locator } from "../text.ts";
import { skipOuter } from "../roles.ts";
import { compareFlows, isSafe, type Row } from "./compare.ts";
import { pointOf, type ReleasedFlow } from "./lock.ts";
import { judge } from "./verdict.ts";
import { difference, nameOf, remedies, sideBySide, versionOf } from "./words.ts";

interface Checked {
  readonly flow: string;
  readonly released: ReleasedFlow;
  readonly compiled: ReleasedFlow;
  readonly findings: Findings;
  /** Where a point or a function stands: a key of the lock, undefined for what is gone. */
  readonly nodeOf: (key: string) => ts.Node | undefined;
  /** Where to tell what has no place of its own. */
  readonly at: ts.Node;
}

export function checkReleased(checked: Checked, source: Source, migrated: ReadonlySet<string>): Diagnostic[] {
  const { released, compiled, findings, nodeOf, at } = checked;
  const doubted = new Set(findings.doubts.flatMap(({ ids }) => ids));
  const line = locator(source.file.text);
  const doubts = findings.doubts.filter(({ ids }) => ids.some((id) => !released.retired.includes(id))).map(({ ids, nodes }) => {
    const places = nodes.map((node) => `line ${line(node.getStart(source.file))[0] + 1}`).join(" or ");
    return diagnose("DF401", nodes[0] ?? at, `\`${ids.join("`, `")}\``, places, ids[0]?.replace(/^\S+ /, "") ?? "");
  });
  const reused = findings.reused.map(({ id, point }) => diagnose("DF405", point.node, id));
  const rows = compareFlows(released, compiled, migrated).filter((row) => !isSafe(row) && !doubted.has(row.key) && !doubted.has(row.key.split(" ")[0] as string));
  return [...doubts, ...reused, ...rows.map((row) => misfit(row, checked, source, nodeOf(row.key) ?? at))];
}

function misfit(row: Row, checked: Checked, source: Source, node: ts.Node): Diagnostic {
  const { flow, released, compiled } = checked;
  const detail = row.fate === "partly" || row.is === "member" ? difference(row) : `${difference(row)}${sideBySide(row, released, compiled)}`;
  return diagnose(codeOf(row), node, `\`${nameOf(row)}\``, detail, `${labelHint(row, checked, source)}${remedies(flow, row, compiled)}`);
}

/** Of a point that is gone: where one `listen` of its function is new and fits, it may be that one, by another label or name. */
function labelHint({ key, is, fate, fingerprint }: Row, { flow, released, compiled, nodeOf }: Checked, source: Source): string {
  const version = is === "point" && fate === "gone" ? versionOf(released, key, fingerprint) : undefined;
  const unit = [flow, ...Object.keys(released.units)].find((id) => pointOf(key, id) !== undefined);
  if (version === undefined || unit === undefined) return "";
  const [found, ...others] = Object.entries(compiled.points).flatMap(([other, now]) => {
    const node = pointOf(other, unit) === undefined || Object.hasOwn(released.points, other) ? undefined : nodeOf(other);
    return node !== undefined && isListen(node, source) && judge(version, now).fits ? [node] : [];
  });
  if (found === undefined || others.length > 0) return "";
  const [line] = locator(source.file.text)(found.getStart(source.file));
  return `If the one of line ${line + 1} is meant, its label is the released id: \`{ label: ${JSON.stringify(pointOf(key, unit))} }\` among its options. `;
}

function isListen(node: ts.Node, source: Source): boolean {
  const operand = ts.isAwaitExpression(node) ? skipOuter(node.expression) : undefined;
  return operand !== undefined && ts.isCallExpression(operand) && source.operation(skipOuter(operand.expression)) === "listen";
}

function codeOf({ fate }: Row): Code {
  switch (fate) {
    case "gone": return "DF402";
    case "moved": return "DF404";
    case "partly": return "DF407";
    default: return "DF403";
  }
}
