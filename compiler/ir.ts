// source → (find, scope, check) → facts → (spill, lower) → blocks → (live, name) → text (emit)
//
// The form between source and output: a machine of basic blocks in the order in which they will stand in the `switch`.
// Expressions without an await are not taken apart: a template holds the syntax node, and emit copies its text.
//
//   b0:                              a block; its region in brackets where it has one: b3 [1]
//     total = $.cell(0)              code: a statement; the slot that it defines, if it defines one
//     await listen:decision → b1     every block ends in one terminator
//   b1: …

import type ts from "typescript";
import type { Chain } from "./chain.ts";
import type { Binding, Unit } from "./facts.ts";
import type { SlotSet } from "./slot-set.ts";

export type BlockId = number & { readonly brand: "BlockId" };

/** A local of the machine. Temporaries hold operands that were evaluated before a stop. */
export interface Slot {
  readonly kind: "local" | "temp" | "cursor" | "resources" | "completion" | "value";
  /** Identifier in the output. */
  readonly name: string;
  /** Key in a frame, unless a point has another one for it. */
  readonly key: string;
  readonly binding?: Binding;
  /** For a temporary that holds what a module or global name refers to: the source of that reference. */
  readonly reference?: ts.Expression;
  /** It is called later, or a method of it is: any code can look that up anew. */
  readonly called?: true;
}

/** The local that a hoisted binding is. */
export function slotOf(machine: Machine, binding: Binding): Slot {
  let slot = machine.slots.get(binding);
  if (!slot) machine.slots.set(binding, (slot = { kind: "local", name: binding.slot, key: binding.name, binding }));
  return slot;
}

/** Text with holes: glue, source to be copied with its bindings rewritten, slots. */
export type Part = string | ts.Node | Slot | PatternPart | Evaluated | Assigned;
export type Template = readonly Part[];

/** A binding pattern that is printed as the target of an assignment: `{ a }` → `{ a: a.v }`. */
export interface PatternPart {
  readonly pattern: ts.BindingName;
}

/** The node itself where it is evaluated, although it is printed as a temporary everywhere else. */
export interface Evaluated {
  readonly evaluated: ts.Node;
}

/** What an assignment by `=` is printed for: assigned by the statement for certain, and not read, whatever the source does with it. */
export interface Assigned {
  readonly assigned: ts.Node;
}

export interface Code {
  /** Empty: the comments at the end of the block `at`. */
  readonly template: Template;
  /** The slot that this statement assigns whatever happens, so that its old value is dead before. */
  readonly defines: Slot | null;
  readonly at: ts.Node;
  /** The template is one whole statement of the source, with its own semicolon and comments. */
  readonly whole: boolean;
}

export type Terminator =
  | { readonly kind: "jump"; readonly to: BlockId; readonly at: ts.Node }
  | { readonly kind: "branch"; readonly test: Template; readonly then: BlockId; readonly else: BlockId; readonly at: ts.Node }
  | { readonly kind: "await"; readonly point: Point; readonly operand: Template; readonly to: BlockId; readonly at: ts.Node }
  | { readonly kind: "return"; readonly value: Template; readonly at: ts.Node }
  | { readonly kind: "throw"; readonly value: Template; readonly at: ts.Node }
  /** The end of a `finally`: goes on with the completion that entered it. */
  | { readonly kind: "resume"; readonly completion: Slot; readonly pending: Map<string, BlockId>; readonly rethrow: boolean; readonly next: BlockId; readonly at: ts.Node };

/** `this` in a machine: an arrow takes it from its environment. */
export function selfText(unit: Unit, prefix: string): string {
  return unit.arrow && unit.parent ? `${unit.env}.this` : `${prefix}f.self`;
}

export interface Block {
  readonly id: BlockId;
  readonly region: Region | null;
  readonly code: Code[];
  /** Where the `return`, `break` and `continue` inside copied statements lead. */
  readonly exits: BlockId[];
  /** For each exit, how much of `code` comes before the statement it is in. */
  readonly exitsAfter: number[];
  end: Terminator | null;
}

/** The blocks by their ids, which are small numbers with few gaps. */
export function blocksById(blocks: readonly Block[]): readonly (Block | undefined)[] {
  const byId: Block[] = [];
  for (const block of blocks) byId[block.id] = block;
  return byId;
}

/** Where break, continue and return lead. */
export interface Destination {
  /** null: the end of the flow. */
  readonly to: BlockId | null;
  readonly region: Region | null;
  readonly name: string;
}

/** How a region that has something to do on every way out is left: a `finally`, a block with `using`. */
export interface Leaving {
  /** How it was left. */
  readonly completion: Slot;
  readonly entry: Block;
  readonly handler: Block;
  /** Where the completions lead, by their names. */
  readonly pending: Map<string, BlockId>;
  readonly names: Map<Destination, string>;
}

/** Where an exception goes from the blocks of the region. */
export interface Region {
  readonly id: number;
  readonly kind: "catch" | "finally" | "close" | "dispose";
  readonly parent: Region | null;
  handler: BlockId;
  /** finally, dispose */
  readonly leaving?: Leaving;
  /** dispose: what is disposed of. */
  readonly resources?: Slot;
  /** close: the cursor to close on the way out; of a `for await`, closing is awaited and `kept` has what leaves. */
  readonly cursor?: Slot;
  readonly kept?: Slot;
  readonly async?: boolean;
  /** close, of a `for await`: what is around the loop. */
  readonly around?: Chain;
}

/**
 * await: a strand or an async generator waits. yield: a generator hands a value out. delegate: a `yield*` hands out another
 * iterator's values. parameters: a generator's parameters are bound, its body has not begun.
 */
export type PointKind = "await" | "yield" | "delegate" | "parameters";

/** A place where the machine can stop. Live locals are found by pass 6, the id by pass 7. */
export interface Point {
  readonly kind: PointKind;
  readonly node: ts.AwaitExpression | ts.Node;
  readonly operand: ts.Expression | null;
  readonly region: Region | null;
  /** What it waits for, where the source has no name for that. */
  readonly what: string;
  readonly held: Held | null;
  chain: Chain;
  id: string;
  live: SlotSet;
  /** The keys of slots that have another one here than their own. */
  keys: ReadonlyMap<Slot, string>;
}

/** The temporaries in use at a point, the last one first: what each holds, and which part of that. */
export interface Held {
  readonly slot: Slot;
  readonly node: ts.Node;
  readonly role: string;
  readonly before: Held | null;
}

/** The key of a slot in frames that are stored at the point. */
export function keyAt({ keys }: Point, slot: Slot): string {
  return keys.get(slot) ?? slot.key;
}

/** What `return`, `break` and `continue` become inside a statement that is copied as a whole. */
export type Exit =
  | { readonly kind: "done" }
  | { readonly kind: "goto"; readonly to: BlockId; readonly value: boolean };

export interface Machine {
  readonly unit: Unit;
  /** In the order of the output. */
  readonly blocks: Block[];
  readonly regions: Region[];
  readonly points: Point[];
  readonly slots: Map<Binding, Slot>;
  readonly temps: Slot[];
  /** Nodes that are printed as something else: an await as the value it gave, an operand as its temporary. */
  readonly holes: Map<ts.Node, Template>;
  /** Computed keys that are held as they were converted: functions and classes take their names from them. */
  readonly keys: Map<ts.Node, Slot>;
  readonly exits: Map<ts.Node, Exit>;
  readonly value: Slot;
  /** Holds the `arguments` object, where the function uses it. */
  readonly arguments: Slot | null;
}
