// deflow graph: where the flows of a file stop, and which way leads from one stop to the next.

import type { FlowGraph, GraphEdge, GraphNode } from "../compiler/index.ts";
import { compiledOrUsage, showDiagnostics } from "./compile.ts";
import { readSource, type Io } from "./io.ts";

export function graphFile(file: string, options: { readonly json?: boolean }, io: Io): number {
  const source = readSource(file);
  const compiled = compiledOrUsage(source, file);
  io.out(options.json ? `${JSON.stringify(compiled.graph, null, 2)}\n` : mermaid(compiled.graph));
  return showDiagnostics(compiled, source, file, io);
}

/** One subgraph per flow. Names are numbered, because an id of a resume point may hold what Mermaid reads as syntax. */
export function mermaid(graphs: readonly FlowGraph[]): string {
  const lines = ["flowchart TD"];
  for (const [i, { flow, nodes, edges }] of graphs.entries()) {
    const names = new Map(nodes.map((node, j) => [node.id, `f${i}n${j}`]));
    lines.push(`  subgraph f${i} [${quote(flow)}]`);
    for (const node of nodes) lines.push(`    ${names.get(node.id)}${shape(node)}`);
    // In the order of the nodes, which is that of the source, so that two drawings differ where the flows do.
    const order = new Map(nodes.map((node, j) => [node.id, j]));
    const rank = (edge: GraphEdge): number => (order.get(edge.from) ?? 0) * nodes.length + (order.get(edge.to) ?? 0);
    for (const { from, to } of [...edges].sort((a, b) => rank(a) - rank(b))) lines.push(`    ${names.get(from)} --> ${names.get(to)}`);
    lines.push("  end");
  }
  return `${lines.join("\n")}\n`;
}

function shape({ kind, label, line }: GraphNode): string {
  return kind === "wait" ? `[${quote(`${label}<br/>line ${line}`)}]` : `([${quote(label)}])`;
}

function quote(text: string): string {
  return `"${text.replaceAll("#", "#35;").replaceAll('"', "#quot;")}"`;
}
