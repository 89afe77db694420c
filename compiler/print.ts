// Prints the IR as ir.ts draws it, short enough for a diff: for `deflow explain` and for whoever debugs a pass.

import type ts from "typescript";
import { unreachable } from "./diagnostics/table.ts";
import type { Unit } from "./facts.ts";
import { keyAt, type Block, type Machine, type Part, type Slot, type Template, type Terminator } from "./ir.ts";
import type { Spills } from "./passes/4-spill.ts";

export function printMachine(machine: Machine, id: string): string {
  const regions = machine.regions.map((r) => `  ${r.kind} ${r.id} → b${r.handler}${r.parent ? ` in ${r.parent.id}` : ""}`);
  return [`machine ${id}`, ...regions, ...machine.blocks.map((block) => printBlock(machine, block))].join("\n");
}

function printBlock(machine: Machine, block: Block): string {
  const region = block.region ? ` [${block.region.kind} ${block.region.id}]` : "";
  const lines = block.code.map(({ template }) => `    ${printTemplate(machine, template)}`);
  const exits = block.exits.length > 0 ? [`    exits ${block.exits.map((id) => `b${id}`).join(", ")}`] : [];
  return [`  b${block.id}${region}:`, ...lines, ...exits, `    ${printEnd(machine, block.end)}`].join("\n");
}

function printEnd(machine: Machine, end: Terminator | null): string {
  if (!end) return "(open)";
  switch (end.kind) {
    case "jump": return `jump b${end.to}`;
    case "branch": return `branch ${printTemplate(machine, end.test)} → b${end.then}, b${end.else}`;
    case "await": {
      const keeps = end.point.live.list().map((slot) => printSlot(slot, keyAt(end.point, slot))).join(", ");
      return `${end.point.kind} ${end.point.id || "(unnamed)"}: ${printTemplate(machine, end.operand)} → b${end.to}   keeps { ${keeps} }`;
    }
    case "return": return `return ${printTemplate(machine, end.value)}`;
    case "throw": return `throw ${printTemplate(machine, end.value)}`;
    case "resume": return `resume ${end.completion.name} → b${end.next}${[...end.pending].map(([name, to]) => `, ${name} → b${to}`).join("")}`;
    default: return unreachable(end);
  }
}

/** With its key in frames, where that is not its name. */
function printSlot({ name }: Slot, key: string): string {
  return name === key ? name : `${name} as ${key}`;
}

function printTemplate(machine: Machine, template: Template): string {
  return template.map((part) => printPart(machine, part)).join("");
}

function printPart(machine: Machine, part: Part): string {
  if (typeof part === "string") return part;
  if ("pattern" in part) return oneLine(part.pattern);
  if ("evaluated" in part) return withHoles(machine, part.evaluated);
  if ("assigned" in part) return withHoles(machine, part.assigned);
  if ("key" in part) return part.kind === "value" ? "value" : part.name;
  const hole = machine.holes.get(part);
  return hole ? printTemplate(machine, hole) : withHoles(machine, part);
}

/** The node's text with its holes filled, on one line. */
function withHoles(machine: Machine, node: ts.Node): string {
  const start = node.getStart();
  let text = "";
  let at = start;
  const visit = (inner: ts.Node): void => {
    const hole = inner === node ? undefined : machine.holes.get(inner);
    if (!hole) return void inner.forEachChild(visit);
    text += node.getSourceFile().text.slice(at, inner.getStart()) + printTemplate(machine, hole);
    at = inner.end;
  };
  node.forEachChild(visit);
  return (text + node.getSourceFile().text.slice(at, node.end)).replace(/\s+/g, " ");
}

function oneLine(node: ts.Node): string {
  return node.getText().replace(/\s+/g, " ");
}

/** Units with their bindings: `total let cell`, `x const`, and what each captures. */
export function printScopes(ids: ReadonlyMap<Unit, string>): string {
  return [...ids].map(([unit, id]) => {
    const bindings = unit.bindings.map((b) => `    ${b.name} ${b.kind}${b.cell ? " cell" : ""}${b.early ? " early" : ""}${b.hoisted ? "" : " native"}`);
    const captures = unit.captures.size > 0 ? [`    captures ${[...unit.captures.values()].join(", ")}`] : [];
    return [`${unit.kind} ${id}`, ...bindings, ...captures].join("\n");
  }).join("\n");
}

/** Operands that are kept before an await, in source order: `a() value`. */
export function printSpills(spills: Spills, id: string): string {
  const lines = [...spills].toSorted(([a], [b]) => a.getStart() - b.getStart()).map(([node, keep]) => `  ${oneLine(node)}   ${keep}`);
  return [`machine ${id}`, ...lines].join("\n");
}
