// The classes made in flows. Each evaluation of one is a *making*: `$c` in emitted code, which the class's text asks for what
// differs between the first time, where it stood, and again from a frame.
//
//   first   base and keys are evaluated by the flow, in the order of the language; static fields and blocks run
//   again   the base is a stand-in until the class is filled, the keys come from the frame, nothing static runs

import { append } from "../realm/append.ts";
import { corrupt } from "../codec/kind.ts";
import { pristine } from "../realm/intrinsics.ts";
import { key } from "./pattern.ts";
import { type ClassFunction, declared, type Env } from "../strands/registry.ts";
import { shared } from "../realm/shared.ts";

/** What no expression shows: the private names of a class, by functions written inside it. */
interface Hidden<T> {
  readonly names: readonly string[];
  /** The values, if the object has these names. */
  readonly get: (object: T) => readonly unknown[] | false;
  /** Absent where they cannot be given to another object. */
  readonly set?: (object: T, values: readonly unknown[]) => void;
}

/** What a class has before anything static of it has run: it need not be stored. */
export type Properties = ReadonlyMap<PropertyKey, PropertyDescriptor>;

export interface ClassMeta {
  /** Reads the base where the head names something of the module. */
  readonly base?: () => unknown;
  /** How many arguments the constructor is given when it only installs fields. */
  readonly arity?: number;
  /** The functions that its text makes (versions/members.ts). Absent: none. */
  readonly members?: string;
}

/** A part of a class, or a function in a field of an instance: stored by its place. */
export type ClassPart =
  | { readonly kind: "prototype"; readonly of: ClassFunction }
  | { readonly kind: "member"; readonly of: ClassFunction; readonly on: "static" | "prototype"; readonly key: PropertyKey; readonly role: Role }
  | { readonly kind: "field"; readonly of: object; readonly key: PropertyKey; readonly by: ClassFunction };

type Role = "value" | "get" | "set";

/**
 * The private names in the order that their values are stored in: that of the environment's keys, `~#n` of instances, `~static#n` of the class. A class whose
 * environment names none keeps its own order.
 */
export function privateNames(keys: readonly string[], making: Making, of: "instances" | "class"): readonly string[] {
  const before = of === "class" ? "~static#" : "~#";
  const names = keys.flatMap((key) => (key.startsWith(before) ? key.slice(before.length - 1) : []));
  return names.length > 0 ? names : ((of === "class" ? making.hiddenStatics : making.hiddenFields)?.names ?? []);
}

export type ClassFactory = (env: Env, making: Making) => ClassFunction;

export class Making {
  /** False where the class is made again from a frame. */
  readonly fresh: boolean;
  /** True while the constructor runs only to install private names and functions in fields. */
  reviving = false;
  readonly keys: PropertyKey[] = [];
  derived = false;
  statics: Properties = new Map();
  members: Properties = new Map();
  hiddenFields: Hidden<object> | undefined;
  hiddenStatics: Hidden<void> | undefined;
  /** Of a class that is made again: its environment's keys as they were stored, among them the private names in the order of their values. */
  stored: readonly string[] = [];
  /** What was given functions in fields, and those: instances, or the class itself. */
  readonly owners = new WeakMap<object, Map<PropertyKey, object>>();
  /** Whether `install` does what it should: builds for old targets may take the constructor apart. */
  proven: boolean | undefined;
  private readonly head: readonly (() => unknown)[];
  /** How much of the head was evaluated. */
  private passed = 0;
  private made: ClassFunction | undefined;

  constructor(fresh: boolean, head: readonly (() => unknown)[]) {
    this.fresh = fresh;
    this.head = head;
  }

  base(): unknown {
    this.derived = true;
    return this.fresh ? this.next() : StandIn;
  }

  key(): PropertyKey {
    const name = key(this.next());
    append(this.keys, name);
    return name;
  }

  /** Before anything static runs. */
  begin(made: ClassFunction): void {
    if (this.made !== undefined) return;
    this.made = made;
    pristine(() => this.note(made));
  }

  private note(made: ClassFunction): void {
    const parts = (shared.classParts ??= new WeakMap());
    const prototype = made.prototype as object;
    this.statics = propertiesOf(made);
    this.members = propertiesOf(prototype);
    parts.set(prototype, { kind: "prototype", of: made });
    nameParts(made, "static", this.statics);
    nameParts(made, "prototype", this.members);
  }

  hidden(names: readonly string[], get: Hidden<object>["get"], set?: (object: object, values: readonly unknown[]) => void): void {
    this.hiddenFields = set === undefined ? { names, get } : { names, get, set };
  }

  hiddenStatic(names: readonly string[], get: () => readonly unknown[], set: (values: readonly unknown[]) => void): void {
    this.hiddenStatics = { names, get, set: (_, values) => set(values) };
  }

  /** A function written as the value of a field: it belongs to the object, and is made again with it. */
  field(owner: object, name: PropertyKey, made: object): object {
    let fields = this.owners.get(owner);
    if (fields === undefined) this.owners.set(owner, (fields = new Map()));
    fields.set(name, made);
    (shared.classParts ??= new WeakMap()).set(made, { kind: "field", of: owner, key: name, by: this.made as ClassFunction });
    return made;
  }

  /** Nothing of the head may be left over: the frame would be of another class. */
  end(made: ClassFunction): void {
    this.begin(made);
    if (this.passed < this.head.length) wrongKeys();
  }

  private next(): unknown {
    const evaluate = this.head[this.passed++];
    return evaluate === undefined ? wrongKeys() : evaluate();
  }
}

function wrongKeys(): never {
  return corrupt("the computed keys of a class do not fit its code");
}

/** `$.class(id, "total*", ($e, $c) => class … )` */
function declareClass(id: string, slots: string, factory: ClassFactory, meta: ClassMeta = {}): (env: Env, ...head: (() => unknown)[]) => ClassFunction {
  declared();
  shared.classCodes.set(id, { id, env: slots, factory, meta });
  return (env, ...head) => make(id, factory, env, new Making(true, head));
}

export { declareClass as class };

/** The class again, empty: its base, its variables and what became of its properties are filled in later. */
export function classAgain(id: string, env: Env, keys: readonly PropertyKey[]): ClassFunction | undefined {
  const code = shared.classCodes.get(id);
  return code && make(id, code.factory, env, new Making(false, keys.map((name) => () => name)));
}

function make(id: string, factory: ClassFactory, env: Env, making: Making): ClassFunction {
  const made = factory(env, making);
  making.end(made);
  shared.tags.set(made, { kind: "class", id, env, making });
  return made;
}

class StandIn {}

function propertiesOf(object: object): Properties {
  return new Map(Reflect.ownKeys(object).map((name) => [name, Reflect.getOwnPropertyDescriptor(object, name) as PropertyDescriptor]));
}

function nameParts(of: ClassFunction, on: "static" | "prototype", properties: Properties): void {
  const parts = shared.classParts as WeakMap<object, ClassPart>;
  for (const [name, property] of properties) {
    // The class itself is the `constructor` of its prototype.
    for (const role of ["value", "get", "set"] as const)
      if (typeof property[role] === "function" && property[role] !== of) parts.set(property[role] as object, { kind: "member", of, on, key: name, role });
  }
}

/** Runs the constructor for nothing but what it installs: on `object`, or where the class has no base on an object it makes. */
export function install(made: ClassFunction, making: Making, arity: number, object: object): object {
  const base = Object.getPrototypeOf(made) as object;
  const before = new Set(Reflect.ownKeys(object));
  if (making.derived) Object.setPrototypeOf(made, function given() { return object; });
  making.reviving = true;
  try {
    const installed = Reflect.construct(made, Array.from({ length: arity }, () => null)) as object;
    for (const name of Reflect.ownKeys(installed)) if (!before.has(name)) Reflect.deleteProperty(installed, name);
    return installed;
  } finally {
    making.reviving = false;
    if (making.derived) Object.setPrototypeOf(made, base);
  }
}
