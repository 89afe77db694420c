// What compiled modules declare when they are evaluated: flows, nested async functions, other functions made in flows.
//
// A module evaluated again (a test runner, hot reload) replaces what it declared before. Two files that declare one flow
// name are an error where the name is needed, not where it is declared: importing both is harmless until then.

import type { ClassFactory, ClassMeta, Making } from "../values/class.ts";
import { DuplicateFlowError, UnknownFlowError } from "../errors/load.ts";
import { checkContract, shared } from "../realm/shared.ts";
import type { Deferred } from "../promises/deferred.ts";
import type { DurablePromise, State } from "../promises/durable.ts";
import type { GeneratorMachine } from "../values/generators/machine.ts";
import type { Frame, Machine } from "./strand.ts";
import type { LiveRun } from "../run/step.ts";

/**
 * What the compiler says of a resume point: where it stands in the source; the keys of its slots with blanks between them, those of
 * cells with `*`; the hash of its region chain, absent where that is empty; of each completion that is among the slots, the jumps that
 * may be pending in it, `throw` apart.
 */
export type PointMeta = readonly [line: number, column: number, slots: string, chain?: string, jumps?: Readonly<Record<string, readonly string[]>>];

/** What the compiler knows about an async function or a generator. */
export interface Meta {
  readonly contract: number;
  readonly id: string;
  readonly name: string;
  readonly length: number;
  readonly file: string;
  /** It has no `this` of its own. */
  readonly arrow?: boolean;
  /** It uses its own `this`, so a strand keeps what it was called on. */
  readonly self?: boolean;
  /** A generator whose parameters run code of the author's: they are bound by the call, not by the first `next`. */
  readonly early?: boolean;
  /** The hash of its text, of a flow whose runs go on with that alone. */
  readonly pin?: string;
  /** Points that it had, and that were given up. */
  readonly retired?: readonly string[];
  /** What its frames name of the module and of the global object, and what that is. */
  readonly reads?: Readonly<Record<string, () => unknown>>;
  /** The keys of its environment, written as those of slots; absent where it has none. */
  readonly env?: string;
  readonly points: Readonly<Record<string, PointMeta>>;
}

export interface FlowEntry {
  readonly meta: Meta;
  readonly machine: Machine;
  readonly flow: CompiledFlow;
  /** Other files that declare this name. */
  readonly rivals: ReadonlySet<string>;
}

export interface StrandEntry {
  readonly meta: Meta;
  readonly machine: Machine;
  readonly make: (env: Env, run: LiveRun | undefined) => CompiledFunction;
}

/** A generator function, async or not. */
export interface GeneratorEntry {
  readonly meta: Meta;
  readonly machine: GeneratorMachine;
  readonly async: boolean;
  readonly make: (env: Env, run: LiveRun | undefined) => CompiledFunction;
}

export interface CodeEntry {
  readonly id: string;
  /** The keys of its environment, written as those of slots. */
  readonly env: string;
  readonly factory: (env: Env) => CompiledFunction;
  /** Async functions are made in it. */
  readonly strands: boolean;
}

/** Makes one of the closures of a function; `around`: the environment of the one in which it is made. */
export type Maker = (env: Env, around?: Env) => CompiledFunction;

export type Env = Record<string, unknown>;
export type CompiledFunction = (...args: never[]) => unknown;
export type CompiledFlow = CompiledFunction & { readonly deflow: Meta };

/** A class made in a flow. */
export type ClassFunction = (abstract new (...args: never[]) => object) & { prototype: object };

export interface ClassEntry {
  readonly id: string;
  /** The keys of its environment, written as those of slots. */
  readonly env: string;
  readonly factory: ClassFactory;
  readonly meta: ClassMeta;
}

export type Tag =
  | { readonly kind: "flow"; readonly id: string }
  /** The `prototype` that a generator function was made with. */
  | { readonly kind: "prototype"; readonly of: CompiledFunction }
  | { readonly kind: "class"; readonly id: string; readonly env: Env; readonly making: Making }
  | { readonly kind: "code" | "strand" | "generator"; readonly id: string; readonly env: Env }
  | Bound
  | Resolver;

/** What `target.bind(self, …args)` gave. */
export interface Bound {
  readonly kind: "bound";
  readonly target: CompiledFunction;
  readonly self: unknown;
  readonly args: readonly unknown[];
}

/** A resolving function of a `new Promise`: it fulfils `target`, or rejects it, while `by` settles that. */
export interface Resolver {
  readonly kind: "resolver";
  readonly target: DurablePromise | undefined;
  /** Absent: what the frame says, from which the function was read. */
  readonly by: Deferred | undefined;
  readonly state: Exclude<State, 0>;
}

/** What was judged by the code that was loaded is to be judged anew. */
export function declared(): void {
  shared.revision = (shared.revision ?? 0) + 1;
}

export function declareFlow(meta: Meta, machine: Machine, flow: CompiledFlow): void {
  checkContract(meta.contract, `The compiled flow \`${meta.id}\``);
  const before = shared.flows.get(meta.id);
  const rivals = new Set(before?.rivals);
  if (before !== undefined && before.meta.file !== meta.file) rivals.add(before.meta.file);
  rivals.delete(meta.file);
  declared();
  shared.flows.set(meta.id, { meta, machine, flow, rivals });
  shared.tags.set(flow, { kind: "flow", id: meta.id });
}

export function declareStrand(entry: StrandEntry): void {
  checkContract(entry.meta.contract, `The compiled function \`${entry.meta.id}\``);
  declared();
  shared.strands.set(entry.meta.id, entry);
}

export function declareGenerator(entry: GeneratorEntry): void {
  checkContract(entry.meta.contract, `The compiled generator \`${entry.meta.id}\``);
  declared();
  shared.generators.set(entry.meta.id, entry);
}

export function declareCode(entry: CodeEntry): void {
  declared();
  shared.codes.set(entry.id, entry);
}

/** The flow that is called `id`, of those imported; throws UnknownFlowError, DuplicateFlowError. */
export function flowCalled(id: string): FlowEntry {
  const entry = shared.flows.get(id);
  if (entry === undefined) throw new UnknownFlowError(id);
  if (entry.rivals.size > 0) throw new DuplicateFlowError(id, [entry.meta.file, ...entry.rivals]);
  return entry;
}

/** Whether `value` is a function whose code this runtime can store: made in a flow, or a flow. */
export function isCompiled(value: unknown): value is CompiledFunction {
  if (typeof value !== "function") return false;
  const kind = shared.tags.get(value)?.kind;
  return kind !== undefined && kind !== "class";
}

/** Where a strand stopped, for messages. */
export function placeOf(frame: Pick<Frame, "meta" | "point">, point = frame.point): { flow: string; point: string | undefined; at: string | undefined } {
  const { meta } = frame;
  const position = point === undefined ? undefined : meta.points[point];
  return { flow: meta.id, point, at: position === undefined ? undefined : `${meta.file}:${position[0]}:${position[1]}` };
}
