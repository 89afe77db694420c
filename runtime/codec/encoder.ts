// One object graph to JSON trees: the tree of the record, and the heap of what cannot stay in it.
//
// An object stays where it was met first. Met again, it moves to the heap and both places get `{"$ref": n}`; met more
// than 400 levels deep, it goes to the heap at once and is written from a queue, so that depth costs no stack.
// Heap numbers follow the order of these events, hence equal graphs give equal text.

import { shared } from "../realm/shared.ts";
import { classKind } from "./classes.ts";
import { refuseObject } from "./describe.ts";
import { isExotic, tellsExotic } from "./exotic.ts";
import { put, writeFields, writePlainFields } from "./fields.ts";
import { via, type At, type Json, type Kind, type Write } from "./kind.ts";
import { encodeArray, encodeExtras, encodeObject, isDerived, kept } from "./kinds/kept.ts";
import { exceed, inlineDepth, type Limits } from "./limits.ts";
import { isProxy } from "./node.ts";
import type { Numbers } from "./numbers.ts";
import { pathOf } from "./path.ts";
import { plainPart } from "./pure.ts";
import { kindOfPrototype, type Registry } from "./registry.ts";
import { areApart, type CutBefore, madeAnew, type Memory, type Objects, plainPartsFrom, type Remembered, rememberedFrom } from "./remembered.ts";
import { encodeBigint, encodeNumber, encodeSymbol } from "./scalars.ts";
import { checkHoles, extrasOf, markOf, writeArray } from "./structures.ts";

/** An object, or a unique symbol, that was met. */
interface Entry {
  readonly value: object | symbol;
  readonly kind: Kind | undefined;
  /** Missing while it is being written. */
  json: Json | undefined;
  /** Its number in the heap, -1 while it stays inline, -2 in a plain part. */
  heap: number;
}

export interface Encoded {
  /** The whole frame: the version, the fields of the record, the heap. */
  readonly tree: { [key: string]: Json };
  readonly heap: Json[];
  /** Of the entries of the heap, if they keep theirs. */
  readonly numbers: readonly number[] | undefined;
  /** Of the large plain parts in the tree. */
  readonly remembered: ReadonlyMap<Json, CutBefore>;
}

export class Encoder {
  readonly #registry: Registry;
  readonly #limits: Limits;
  readonly #met = new Met();
  readonly #heap: Entry[] = [];
  /** Entries of the heap that are still to be written, with their paths. */
  readonly #deep: [Entry, string][] = [];
  readonly #numbers: Numbers<object> | undefined;
  readonly #plainParts: boolean;
  readonly #memory: Memory | undefined;
  readonly #remembered = new Map<Json, CutBefore>();
  /** Values that stand in the tree themselves. */
  readonly #borrowed = new Set<Json>();
  readonly #write: Write;
  readonly #steps: At[] = [];
  #base: string;
  #moved = false;
  #nodes = 0;
  #holes = 0;

  /**
   * `numbers`: those that the entries of the heap keep; absent: by place. With `plainParts`, what is plain JSON stands in the
   * tree itself and not as a copy, so the tree must not be changed; SharedInside is thrown where that is not possible. `memory`: what of
   * that is known from before.
   */
  constructor(registry: Registry, limits: Limits, root: string, numbers?: Numbers<object>, plainParts = false, memory?: Memory) {
    this.#memory = memory;
    this.#numbers = numbers;
    this.#plainParts = plainParts;
    this.#registry = registry;
    this.#limits = limits;
    this.#base = root;
    const longest = limits.string;
    this.#write = (part, at) => {
      this.#nodes++;
      // Most values are these, and they need no path.
      if (typeof part === "string" && part.length <= longest) return part;
      if (typeof part === "boolean" || part === null) return part;
      return this.#at(part, at);
    };
  }

  /** Where the encoder is; after it threw, where that was. */
  get path(): string {
    return pathOf(this.#base, this.#steps);
  }

  /** The fields of the record are written one by one: the record itself has no identity. */
  encode(record: Record<string, unknown>, own: readonly string[] | undefined): Encoded {
    const tree = own === undefined ? writeFields(record, this.#write, { v: 1 }) : this.#ownRecord(record, own);
    // The queue grows while it is worked off.
    for (const [entry, path] of this.#deep) {
      this.#base = path;
      entry.json = this.#object(entry.value as object, entry.kind);
    }
    const heap = this.#heap.map((entry) => entry.json as Json);
    if (this.#moved) this.#replaceMoved(tree, heap);
    tree["heap"] = heap;
    return { tree, heap, numbers: this.#numbers && this.#heap.map((entry) => entry.heap), remembered: this.#remembered };
  }

  /** What the caller made needs no check and is met once: only what is in it is written with care. */
  #ownRecord(record: Record<string, unknown>, own: readonly string[]): { [key: string]: Json } {
    const tree: { [key: string]: Json } = { v: 1 };
    for (const key of Object.keys(record)) {
      put(tree, key, own.includes(key) ? this.#ownList(record[key] as readonly Record<string, unknown>[], key) : this.#write(record[key], key));
    }
    return tree;
  }

  #ownList(list: readonly Record<string, unknown>[], at: At): Json {
    this.#steps.push(at);
    const json = list.map((entry, index) => {
      this.#steps.push(index);
      const fields: { [key: string]: Json } = {};
      for (const key of Object.keys(entry)) put(fields, key, this.#write(entry[key], key));
      this.#steps.pop();
      return fields;
    });
    this.#steps.pop();
    return json;
  }

  #at(value: unknown, at: At): Json {
    this.#steps.push(at);
    if (this.#nodes > this.#limits.nodes) exceed("too many values", this.#limits.nodes);
    const json = this.#value(value);
    this.#steps.pop();
    return json;
  }

  #value(value: unknown): Json {
    switch (typeof value) {
      case "string":
        return exceed(`a string of ${value.length} characters`, this.#limits.string);
      case "boolean":
        return value;
      case "number":
        return encodeNumber(value);
      case "undefined":
        return { $u: 0 };
      case "bigint":
        return encodeBigint(value, this.#limits);
      case "symbol":
        return shared.symbols.has(value) ? this.#unique(value) : encodeSymbol(value);
      default:
        return this.#reference(value as object);
    }
  }

  #reference(value: object): Json {
    const known = this.#met.find(value);
    if (known !== undefined) return this.#again(known);
    const kind = this.#kindOf(value);
    if (kind?.named === true) return { [kind.tag]: kind.encode(value, this.#write) };
    if (this.#plainParts && kind === undefined && this.#mayBorrow(value) && this.#borrow(value)) return value as Json;
    const entry: Entry = { value, kind, json: undefined, heap: -1 };
    this.#met.add(entry);
    if (this.#steps.length > inlineDepth) {
      this.#toHeap(entry);
      this.#deep.push([entry, this.path]);
      return { $ref: entry.heap };
    }
    return (entry.json = this.#object(value, kind));
  }

  #mayBorrow(value: object): boolean {
    const depth = this.#steps.length;
    return depth <= plainPartsFrom && (this.#memory === undefined || depth > madeAnew || Array.isArray(value));
  }

  /** Whether it can stand in the tree: all of it is plain, and none was met before. */
  #borrow(value: object): boolean {
    const before = this.#memory?.get(value);
    const part = plainPart(value, this.#registry.withInstances, this.#limits, this.#limits.nodes - this.#nodes, this.#steps.length, this.#memory);
    if (part === undefined) return false;
    const { objects, nodes } = part;
    if (!this.#met.addInside(value, objects)) return false;
    this.#met.add({ value, kind: undefined, json: value as Json, heap: -1 });
    this.#borrowed.add(value as Json);
    this.#nodes += nodes;
    for (const inner of part.inner) this.#remembered.set(inner as Json, this.#memory?.get(inner) as Remembered);
    if (this.#memory === undefined || nodes < rememberedFrom) return true;
    const remembered = { objects, nodes, trail: part.trail, ...(part.same ? { cut: before?.cut, earlier: undefined } : { cut: undefined, earlier: before?.cut ?? before?.earlier }) };
    this.#memory.set(value, remembered);
    this.#remembered.set(value as Json, remembered);
    return true;
  }

  /** It is equal only to itself, so all that hold it refer to one place. */
  #unique(symbol: symbol): Json {
    const known = this.#met.find(symbol);
    if (known !== undefined) return this.#again(known);
    const { description = null } = symbol;
    const json = { $yu: this.#write(description, via(".description")) };
    this.#met.add({ value: symbol, kind: undefined, json, heap: -1 });
    return json;
  }

  #again(entry: Entry): Json {
    if (entry.heap === -2) throw new SharedInside();
    if (entry.heap < 0) {
      this.#toHeap(entry);
      this.#moved = true;
    }
    return { $ref: entry.heap };
  }

  #toHeap(entry: Entry): void {
    const place = this.#heap.push(entry) - 1;
    // A unique symbol is as good a key of a WeakMap as an object.
    entry.heap = this.#numbers?.of(entry.value as object) ?? place;
  }

  /** Undefined for what JSON has a form for, and its variations. */
  #kindOf(value: object): Kind | undefined {
    const { withInstances } = this.#registry;
    for (let index = 0; index < withInstances.length; index++) {
      const kind = withInstances[index] as Kind;
      if (kind.instances?.has(value) === true) return kind;
    }
    if (isProxy(value)) return refuseObject(value);
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (typeof value === "function") return this.#tested(value, prototype) ?? refuseObject(value);
    if (prototype === Object.prototype || prototype === null) return this.#checked(value, prototype);
    if (prototype === Array.prototype && Array.isArray(value)) return undefined;
    const known = kindOfPrototype(this.#registry, prototype);
    if (known?.accepts?.(value) === false) return this.#tested(value, prototype) ?? (tellsExotic && !isExotic(value) ? kept : refuseObject(value));
    return known ?? this.#tested(value, prototype) ?? (isDerived(value, prototype) ? kept : refuseObject(value));
  }

  /** An array, or a Map, may have been given a plain object's prototype, or none. */
  #checked(value: object, prototype: object | null): Kind | undefined {
    if (!Array.isArray(value) && (prototype !== null || !isExotic(value))) return undefined;
    return this.#tested(value, prototype) ?? refuseObject(value);
  }

  #tested(value: object, prototype: object | null): Kind | undefined {
    for (const kind of this.#registry.withTest) if (kind.test?.(value) === true) return kind;
    return prototype !== null && shared.classPrototypes.has(prototype) ? classKind : undefined;
  }

  #object(value: object, kind: Kind | undefined): Json {
    const json = kind === undefined ? this.#plain(value) : this.#ofKind(value, kind);
    return Object.isExtensible(value) ? json : { $z: [markOf(value), json] };
  }

  #ofKind(value: object, kind: Kind): Json {
    const json = { [kind.tag]: kind.encode(value, this.#write) };
    const extras = kind.extras?.(value) ?? [];
    return extras.length === 0 ? json : encodeExtras(value, json, extras, this.#write);
  }

  #plain(value: object): Json {
    if (Array.isArray(value)) return this.#array(value);
    const fields = writePlainFields(value, this.#write);
    if (fields === undefined) return this.#known(value) ?? encodeObject(value, this.#write);
    return Object.getPrototypeOf(value) === null ? { $0: fields } : fields;
  }

  /** What looks like any object and is one of its own: `Math`, `Array.prototype`. */
  #known(value: object): Json | undefined {
    const kind = this.#registry.withTest.find((each) => each.test?.(value) === true);
    return kind && this.#ofKind(value, kind);
  }

  #array(value: unknown[]): Json {
    const present = Object.keys(value);
    const extras = extrasOf(value, present);
    if (extras.length === 0) return this.#elements(value, present);
    const known = this.#known(value);
    if (known !== undefined) return known;
    return encodeArray(value, this.#elements(value, present.filter((key) => !extras.includes(key))), extras, this.#write);
  }

  #elements(value: unknown[], present: readonly string[]): Json {
    const json = writeArray(value, this.#write, present);
    if (Array.isArray(json)) return json;
    this.#holes += value.length - present.length;
    checkHoles(this.#holes, this.#limits.holes);
    return json;
  }

  /** What moved to the heap after it was written inline is still inline at its first place. */
  #replaceMoved(tree: Json, heap: Json[]): void {
    const places = new Map<Json, number>();
    for (const entry of this.#heap) places.set(entry.json as Json, entry.heap);
    const walk: (Json[] | { [key: string]: Json })[] = [];
    const replaced = (child: Json): Json => {
      if (typeof child !== "object" || child === null) return child;
      const place = places.get(child);
      if (place !== undefined) return { $ref: place };
      if (!this.#borrowed.has(child)) walk.push(child);
      return child;
    };
    for (const root of [tree, ...heap]) {
      if (typeof root === "object" && root !== null && !this.#borrowed.has(root)) walk.push(root);
      for (let node = walk.pop(); node !== undefined; node = walk.pop()) {
        if (Array.isArray(node)) for (let i = 0; i < node.length; i++) node[i] = replaced(node[i] as Json);
        else for (const key of Object.keys(node)) node[key] = replaced(node[key] as Json);
      }
    }
  }
}

/** Something inside a plain part is met again: the frame is to be encoded without such parts. */
export class SharedInside extends Error {}

// Frames of a few objects are the usual ones: searching a list is faster than a Map for them.
const few = 24;

const many = 1_000;

/** Of what is inside a plain part. */
const inside: Entry = { value: {}, kind: undefined, json: undefined, heap: -2 };

/** The objects and unique symbols met, by identity. */
class Met {
  readonly #list: Entry[] = [];
  #map: Map<object | symbol, Entry> | undefined;
  /** Of the large plain parts: another look-up for each is less than adding all of its objects. */
  readonly #large: Objects[] = [];

  find(value: object | symbol): Entry | undefined {
    return this.#known(value) ?? (this.#large.length > 0 && this.#large.some((objects) => objects.has(value as object)) ? inside : undefined);
  }

  #known(value: object | symbol): Entry | undefined {
    if (this.#map !== undefined) return this.#map.get(value);
    const list = this.#list;
    for (let index = 0; index < list.length; index++) if ((list[index] as Entry).value === value) return list[index];
    return undefined;
  }

  /** The objects of a plain part, but not itself; false if one of them was met before. */
  addInside(part: object, objects: Objects): boolean {
    const isLarge = objects.size > many && this.#large.length < few;
    if (isLarge) {
      for (const { value } of this.#map?.values() ?? this.#list) if (objects.has(value as object)) return false;
      for (const other of this.#large) if (!areApart(objects, other)) return false;
      this.#large.push(objects);
      return true;
    }
    for (const object of objects) if (this.find(object) !== undefined) return false;
    for (const object of objects) if (object !== part) this.add({ value: object, kind: undefined, json: undefined, heap: -2 });
    return true;
  }

  add(entry: Entry): void {
    if (this.#map !== undefined) this.#map.set(entry.value, entry);
    else if (this.#list.push(entry) === few) this.#map = new Map(this.#list.map((met) => [met.value, met]));
  }
}
