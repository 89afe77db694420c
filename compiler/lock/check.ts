// The diagnostics of a flow that is released: what would leave stored runs behind.

import type ts from "typescript";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { diagnose } from "../diagnostics/table.ts";
import type { Source } from "../passes/1-find.ts";
import type { Findings } from "../passes/7-keep.ts";
import { locator } from "../text.ts";
import { compareFlows, isSafe, type Row } from "./compare.ts";
import type { ReleasedFlow } from "./lock.ts";
import { difference, remedies, sideBySide } from "./words.ts";

export interface Checked {
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
  const { flow, released, compiled, findings, nodeOf, at } = checked;
  const doubted = new Set(findings.doubts.flatMap(({ ids }) => ids));
  const line = locator(source.file.text);
  const doubts = findings.doubts.filter(({ ids }) => ids.some((id) => !released.retired.includes(id))).map(({ ids, nodes }) => {
    const places = nodes.map((node) => `line ${line(node.getStart(source.file))[0] + 1}`).join(" or ");
    return diagnose("DF401", nodes[0] ?? at, `\`${ids.join("`, `")}\``, places, ids[0]?.replace(/^\S+ /, "") ?? "");
  });
  const reused = findings.reused.map(({ id, point }) => diagnose("DF405", point.node, id));
  const rows = compareFlows(released, compiled, migrated).filter((row) => !isSafe(row) && !doubted.has(row.key) && !doubted.has(row.key.split(" ")[0] as string));
  return [...doubts, ...reused, ...rows.map((row) => misfit(row, flow, checked, nodeOf(row.key) ?? at))];
}

function misfit(row: Row, flow: string, { released, compiled }: Checked, node: ts.Node): Diagnostic {
  const name = row.fingerprint === undefined ? row.key : `${row.key}@${row.fingerprint}`;
  const code = row.fate === "gone" ? "DF402" : row.fate === "moved" ? "DF404" : "DF403";
  return diagnose(code, node, `\`${name}\``, `${difference(row)}${sideBySide(row, released, compiled)}`, remedies(flow, row, compiled));
}
