// All mutable state of the runtime, under one key of the realm, so that two copies of this package (a bundled one beside an
// installed one, CommonJS beside ESM) are one runtime. Another contract number means other fields: that fails at once.

import { OwnMap, OwnWeakMap, OwnWeakSet } from "./intrinsics.ts";
import type { ActivityEntry } from "../run/activities.ts";
import type { Context } from "../api/context.ts";
import type { FlowOptions } from "../api/deflow.ts";
import type { SerializableClass } from "../codec/classes.ts";
import type { Tdz } from "../values/cell.ts";
import { ContractMismatchError } from "../errors/load.ts";
import type { ClassPart } from "../values/class.ts";
import type { ClassEntry, CodeEntry, FlowEntry, GeneratorEntry, StrandEntry } from "../strands/registry.ts";
import type { Actor } from "../strands/strand.ts";
import type { Migrations } from "../versions/migrations.ts";
import { ownTags, type Tags } from "./tags.ts";

export const CONTRACT = 2;

interface Shared {
  readonly contract: number;
  /** Who executes right now: a strand, or a run's reactions. Undefined in ordinary code after its first await. */
  current: Actor | undefined;
  readonly flows: Map<string, FlowEntry>;
  readonly flowOptions: WeakMap<object, FlowOptions>;
  readonly strands: Map<string, StrandEntry>;
  readonly generators: Map<string, GeneratorEntry>;
  readonly codes: Map<string, CodeEntry>;
  /** From the first on: until then nothing is looked up. */
  migrations?: Migrations;
  /** Goes up with each flow, function and class that is declared. */
  revision?: number;
  readonly classCodes: Map<string, ClassEntry>;
  /** The parts of classes made in flows, from the first such class on: until then nothing is looked up. */
  classParts?: WeakMap<object, ClassPart>;
  readonly contexts: Map<string, Context<unknown>>;
  /** What `external` was given, by name and by object, from the first on: until then nothing is looked up. */
  externals?: { readonly named: Map<string, object>; readonly names: WeakMap<object, string> };
  readonly activities: Map<string, ActivityEntry>;
  /** Classes given to `serializable`, by stored name and by prototype. */
  readonly classes: Map<string, SerializableClass>;
  readonly classPrototypes: Map<object, SerializableClass>;
  readonly templates: Map<string, TemplateStringsArray>;
  readonly templateIds: WeakMap<object, string>;
  /** What a function made in a flow is, for storing it. */
  readonly tags: Tags;
  /** The engine behind a step that is under way, by what its function was given. */
  readonly engines: WeakMap<object, object>;
  readonly argumentObjects: WeakSet<object>;
  /** The unique symbols that flows made, or that a frame gave back. */
  readonly symbols: WeakSet<symbol>;
  /** The classes of the first copy: what is recognised by class must be of one class. */
  readonly runtimeClasses: Map<string, unknown>;
  tdz?: Tdz;
}

const key = Symbol.for("deflow.runtime");
const realm = globalThis as { [key]?: Shared };

export const shared: Shared = (realm[key] ??= {
  contract: CONTRACT,
  current: undefined,
  flows: new OwnMap(),
  flowOptions: new OwnWeakMap(),
  strands: new OwnMap(),
  generators: new OwnMap(),
  codes: new OwnMap(),
  classCodes: new OwnMap(),
  contexts: new OwnMap(),
  activities: new OwnMap(),
  classes: new OwnMap(),
  classPrototypes: new OwnMap(),
  templates: new OwnMap(),
  templateIds: new OwnWeakMap(),
  tags: ownTags,
  engines: new OwnWeakMap(),
  argumentObjects: new OwnWeakSet(),
  symbols: new OwnWeakSet(),
  runtimeClasses: new OwnMap(),
});

checkContract(shared.contract, "Another copy of deflow loaded before this one");

/** The class of that name which all copies use: that of the first. */
export function oneClass<T>(name: string, own: T): T {
  const first = shared.runtimeClasses.get(name) as T | undefined;
  if (first === undefined) shared.runtimeClasses.set(name, own);
  return first ?? own;
}

/** Throws ContractMismatchError unless `found` is this runtime's number. */
export function checkContract(found: number, what: string): void {
  if (found !== CONTRACT) throw new ContractMismatchError(what, found, CONTRACT);
}
