// The graph of a flow for people: where it can stop, which way leads from one stop to the next.

import type { Block, BlockId, Machine } from "./ir.ts";
import type { Source } from "./passes/1-find.ts";
import { successors } from "./passes/5-lower.ts";
import type { LoweredFlow } from "./passes/8-emit.ts";

/** Where a flow can stop, and which way leads from one stop to the next. */
export interface FlowGraph {
  /** The flow's name. */
  readonly flow: string;
  /** The start, every resume point of the flow's own function, the end. */
  readonly nodes: readonly GraphNode[];
  /** Without the blocks between. */
  readonly edges: readonly GraphEdge[];
}

/** The start, a wait or the end. */
export interface GraphNode {
  /** The point's id; "start" and "end". */
  readonly id: string;
  /** Which of the three. */
  readonly kind: "start" | "wait" | "end";
  /** For people. */
  readonly label: string;
  /** Line in the source, from 1; 0 for the start and the end. */
  readonly line: number;
}

/** A way on which the flow does not stop. */
export interface GraphEdge {
  /** The id of a node. */
  readonly from: string;
  /** The id of a node. */
  readonly to: string;
}

/** Nodes: the start, every resume point of the flow's own machine, the end. Edges skip the blocks between. */
export function flowGraph({ site, machines, facts }: LoweredFlow, source: Source): FlowGraph {
  const machine = machines.get(facts.root) as Machine;
  const nodes: GraphNode[] = [{ id: "start", kind: "start", label: site.name, line: 0 }];
  for (const point of machine.points) {
    const { line } = source.file.getLineAndCharacterOfPosition(point.node.getStart());
    nodes.push({ id: point.id, kind: "wait", label: point.id, line: line + 1 });
  }
  nodes.push({ id: "end", kind: "end", label: "end", line: 0 });
  const byId = new Map(machine.blocks.map((block) => [block.id, block]));
  const edges = reachable(machine.blocks[0], byId).map((to) => ({ from: "start", to }));
  for (const block of machine.blocks) {
    if (block.end?.kind !== "await") continue;
    const { point, to } = block.end;
    edges.push(...reachable(byId.get(to), byId).map((next) => ({ from: point.id, to: next })));
  }
  return { flow: site.name, nodes, edges };
}

/** The stops that control can reach from a block without stopping before. */
function reachable(from: Block | undefined, byId: ReadonlyMap<BlockId, Block>): string[] {
  const found = new Set<string>();
  const seen = new Set<Block>();
  const work = from ? [from] : [];
  for (let block = work.pop(); block; block = work.pop()) {
    if (seen.has(block)) continue;
    seen.add(block);
    if (block.end?.kind === "await") found.add(block.end.point.id);
    else if (block.end?.kind === "return") found.add("end");
    const next = block.end?.kind === "await" ? [] : successors(block);
    for (const id of next) work.push(byId.get(id) as Block);
  }
  return [...found];
}
