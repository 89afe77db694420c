// JSON trees to the object graph they stand for.
//
// Every object is first created, then filled from a worklist, so neither depth nor cycles matter; at last come the
// finishers, inner before outer. Plain objects and arrays are filled in place: they are what JSON.parse made.

import { define, unescape } from "./fields.ts";
import { corrupt, type At, type Json, type Kind, type Read } from "./kind.ts";
import type { Heap } from "./largest.ts";
import { lay, type Laid } from "./laid.ts";
import { exceed, type Limits } from "./limits.ts";
import { pathOf } from "./path.ts";
import { kindOfTag, type Registry } from "./registry.ts";
import { scalarTags } from "./scalars.ts";
import { checkHoles, holesOf } from "./structures.ts";

/** An object that was created. The chain of parents is the path to where it was met first. */
interface Task {
  readonly parent: Task | undefined;
  readonly at: At;
  /** Undefined for what JSON has a form for. */
  readonly kind: Kind | undefined;
  readonly json: Json;
  value: object;
}

// Kinds may read parts while they create; what encode writes needs three levels of that at most.
const createDepth = 100;

const making = Symbol("making");
const none: ReadonlyMap<Json, number> = new Map();

export class Decoder {
  readonly #registry: Registry;
  readonly #limits: Limits;
  readonly #heap: Heap;
  readonly #made: { [number: number]: unknown };
  readonly #root: string;
  readonly #pending: Task[] = [];
  readonly #unfinished: Task[] = [];
  readonly #large: ReadonlyMap<Json, number>;
  readonly #read: Read = Object.assign((part: Json, at: At) => this.#value(part, at), { own: (part: Json, at: At) => this.#own(part, at) });
  #current: Task | undefined;
  #depth = 0;
  #nodes = 0;
  #holes = 0;

  /** Of those of the values `large` that turn out to be plain. */
  readonly laid = new Map<Json, Laid>();
  readonly #origin = {};

  constructor(registry: Registry, limits: Limits, heap: Heap, root: string, large: ReadonlyMap<Json, number> = none) {
    this.#large = large;
    this.#registry = registry;
    this.#limits = limits;
    this.#heap = heap;
    this.#made = Array.isArray(heap) ? heap.map(() => undefined) : {};
    this.#root = root;
  }

  /** Where the decoder is; after it threw, where that was. */
  get path(): string {
    const steps: At[] = [];
    for (let task = this.#current; task?.parent !== undefined; task = task.parent) steps.push(task.at);
    return pathOf(this.#root, steps.toReversed());
  }

  /** What the heap's entries have become, by number; of those that something refers to. */
  get made(): { readonly [number: number]: unknown } {
    return this.#made;
  }

  /** Fills the record in place. */
  decode(record: { [key: string]: Json }): void {
    this.#pending.push({ parent: undefined, at: "", kind: undefined, json: record, value: record });
    for (let task = this.#pending.pop(); task !== undefined; task = this.#pending.pop()) {
      this.#current = task;
      if (task.kind !== undefined) task.kind.fill?.(task.value, task.json, this.#read);
      else if (Array.isArray(task.json)) this.#fillArray(task.json);
      else this.#fillObject(task.json as { [key: string]: Json });
    }
    for (let task = this.#unfinished.pop(); task !== undefined; task = this.#unfinished.pop()) {
      this.#current = task;
      task.kind?.finish?.(task.value, task.json);
    }
  }

  #fillArray(array: unknown[]): void {
    const { length } = array;
    this.#count(length);
    for (let index = 0; index < length; index++) {
      const part = array[index] as Json;
      if (typeof part === "object" && part !== null) array[index] = this.#value(part, index);
    }
  }

  #fillObject(object: { [key: string]: Json }): void {
    const keys = Object.keys(object);
    this.#count(keys.length);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string;
      if (key.charCodeAt(0) === 36) return this.#fillEscaped(object, keys.slice(index));
      const part = object[key] as Json;
      if (typeof part !== "object" || part === null) continue;
      const value = this.#value(part, key);
      if (value === part) continue;
      if (key === "__proto__") define(object, key, value);
      else object[key] = value as Json;
    }
  }

  /** From the first escaped key on, all are taken out and put back, so that their order stays. */
  #fillEscaped(object: { [key: string]: Json }, keys: readonly string[]): void {
    const parts = keys.map((key) => object[key] as Json);
    for (const key of keys) Reflect.deleteProperty(object, key);
    for (const [index, key] of keys.entries()) {
      const name = unescape(key);
      define(object, name, this.#value(parts[index] as Json, name));
    }
  }

  #value(json: Json, at: At): unknown {
    if (typeof json !== "object" || json === null) return json;
    const tag = tagOf(json);
    if (tag === undefined) {
      const length = this.#large.get(json);
      if (length !== undefined && this.#lay(json, Math.ceil(length / 6))) return json;
      this.#pending.push({ parent: this.#current, at, kind: undefined, json, value: json });
      return json;
    }
    const payload = (json as { [key: string]: Json })[tag] as Json;
    const task: Task = { parent: this.#current, at, kind: kindOfTag(this.#registry, tag), json: payload, value: json };
    this.#current = task;
    const value = this.#tagged(task, tag, payload);
    this.#current = task.parent;
    return value;
  }

  /** Nothing in it is to be filled. */
  #lay(json: Json[] | { [key: string]: Json }, length: number): boolean {
    const laid = lay(json, length, this.#limits.nodes - this.#nodes, this.#origin);
    if (laid === undefined) return false;
    this.laid.set(json, laid);
    this.#nodes += laid.nodes;
    return true;
  }

  #own(part: Json, at: At): object {
    if (typeof part !== "object" || part === null) return corrupt("expected an object");
    const tag = tagOf(part);
    const kind = tag === undefined ? undefined : kindOfTag(this.#registry, tag);
    if (tag !== undefined && (kind === undefined || kind.named === true)) return corrupt(`\`${tag}\` makes no object`);
    return this.#value(part, at) as object;
  }

  #tagged(task: Task, tag: string, payload: Json): unknown {
    if (tag === "$ref") return this.#ref(payload, task);
    if (task.kind === undefined) {
      const scalar = scalarTags.get(tag);
      return scalar === undefined ? corrupt(`the tag \`${tag}\` is not known`) : scalar(payload, this.#limits);
    }
    return this.#create(task, task.kind, payload);
  }

  #create(task: Task, kind: Kind, payload: Json): object {
    this.#count(1);
    if (++this.#depth > createDepth) corrupt("values are nested in a way that no frame is");
    if (kind.tag === "$sp") checkHoles((this.#holes += holesOf(payload)), this.#limits.holes);
    // Before what it creates inside, so that in reverse it is finished after that.
    if (kind.finish !== undefined) this.#unfinished.push(task);
    task.value = kind.create(payload, this.#read);
    if (kind.fill !== undefined) this.#pending.push(task);
    this.#depth--;
    return task.value;
  }

  #ref(payload: Json, task: Task): unknown {
    if (typeof payload !== "number" || !Number.isInteger(payload) || !Object.hasOwn(this.#heap, payload)) {
      return corrupt("`$ref` is not a place in the heap");
    }
    const made = this.#made[payload];
    if (made === making) return corrupt("a value is needed to create itself");
    if (made !== undefined) return made;
    const json = this.#heap[payload] as Json;
    if (typeof json !== "object" || json === null || tagOf(json) === "$ref") return corrupt(`heap[${payload}] is not an object`);
    this.#made[payload] = making;
    this.#current = task.parent;
    const value = this.#value(json, task.at);
    this.#made[payload] = value;
    return value;
  }

  #count(nodes: number): void {
    if ((this.#nodes += nodes) > this.#limits.nodes) exceed("too many values", this.#limits.nodes);
  }
}

/** The tag, if the first key is one: `$` but not `$$`. A tag is the only key of its object. */
function tagOf(json: Json[] | { [key: string]: Json }): string | undefined {
  if (Array.isArray(json)) return undefined;
  for (const key in json) {
    if (key.charCodeAt(0) !== 36 || key.charCodeAt(1) === 36 || !Object.hasOwn(json, key)) return undefined;
    if (Object.keys(json).length > 1) corrupt(`\`${key}\` has other keys beside it`);
    return key;
  }
  return undefined;
}
