// Checks the IR between passes: what every machine must hold, whatever the flow. A broken rule is a bug of the compiler
// and is reported as DF901 at the flow, never compiled.

import { CompilerBug } from "./diagnostics/table.ts";
import { keyAt, type Block, type BlockId, type Machine, type Point, type Region } from "./ir.ts";
import ts from "typescript";
import { successors } from "./passes/5-lower.ts";

/** Every block ends, every target exists, every region has its handler, handlers stand outside their region. */
export function verifyBlocks(machine: Machine): void {
  const byId: Block[] = [];
  for (const block of machine.blocks) {
    if (byId[block.id]) throw new CompilerBug(`b${block.id} is placed twice`);
    byId[block.id] = block;
  }
  const handled = new Set<Region>();
  for (const [i, block] of machine.blocks.entries()) {
    if (!block.end) throw new CompilerBug(`b${block.id} has no end`);
    for (const to of successors(block)) if (!byId[to]) throw new CompilerBug(`b${block.id} leads to b${to}, which is not there`);
    if (block.end.kind === "await") verifyAwait(block, machine.blocks[i + 1], block.end.to);
    for (let region = block.region; region && !handled.has(region); region = region.parent) {
      verifyHandler(region.id, byId[region.handler], block);
      handled.add(region);
    }
  }
}

/** Emit writes an await and what follows it as one run of cases. */
function verifyAwait(block: Block, next: Block | undefined, to: BlockId): void {
  if (next?.id !== to) throw new CompilerBug(`the await of b${block.id} is not followed by b${to}`);
  if (next.region !== block.region) throw new CompilerBug(`the await of b${block.id} changes its region`);
}

function verifyHandler(region: number, handler: Block | undefined, block: Block): void {
  if (!handler) throw new CompilerBug(`region ${region} of b${block.id} has no handler`);
  for (let around = handler.region; around; around = around.parent)
    if (around.id === region) throw new CompilerBug(`the handler of region ${region} stands inside it`);
}

/** Every point has an id and an await of its own, and keeps nothing but slots of its machine. */
export function verifyPoints(machine: Machine): void {
  const slots = new Set([...machine.slots.values(), ...machine.temps]);
  for (const order of new Set(machine.points.map((point) => point.live.order)))
    for (const slot of order.slots) if (!slots.has(slot) && slot !== machine.arguments) throw new CompilerBug(`"${slot.name}" may be kept and is no slot`);
  const ids = new Set<string>();
  const nodes = new Set<ts.Node>();
  for (const point of machine.points) {
    if (nodes.has(point.node) && ts.isAwaitExpression(point.node)) throw new CompilerBug("an await is lowered twice", point.node);
    nodes.add(point.node);
    if (point.keys.size > 0 && hasTwins(point)) throw new CompilerBug(`"${point.id}" keeps two slots under one key`, point.node);
    if (point.id === "" || ids.has(point.id)) throw new CompilerBug(`two resume points are named "${point.id}"`, point.node);
    ids.add(point.id);
  }
}

function hasTwins(point: Point): boolean {
  const keys = point.live.list().map((slot) => keyAt(point, slot));
  return new Set(keys).size < keys.length;
}
