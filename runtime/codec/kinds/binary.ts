// Buffers and views. A view holds its buffer as a part, so views that share memory still do.
//
//   ArrayBuffer {"$a":base64}
//   views       {"$t":["Uint8Array", buffer]}, a part of one {"$t":["DataView", buffer, byteOffset, length]}
//
// `Buffer` is a view with its own name: it is not read back as a Uint8Array.

import { extraKeys, indexPayload, listPayload, textPayload } from "../fields.ts";
import { isIndex } from "../structures.ts";
import { corrupt, refuse, type Json, type Kind, type Read, type Write } from "../kind.ts";
import { builtinModule } from "../node.ts";
import { fromBase64, toBase64 } from "./base64.ts";

type View = ArrayBufferView & { readonly length?: number };
type ViewClass = { new (buffer: ArrayBuffer, offset: number, length: number): View; readonly BYTES_PER_ELEMENT?: number };

const viewNames = [
  ..."Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array".split(" "),
  ..."Float16Array Float32Array Float64Array BigInt64Array BigUint64Array DataView".split(" "),
];

export function binaryKinds(): readonly Kind[] {
  return [arrayBuffer, viewKind()];
}

const arrayBuffer: Kind<ArrayBuffer> = {
  tag: "$a",
  prototypes: [ArrayBuffer.prototype],
  encode(value) {
    const bytes = new Uint8Array(value);
    if ((value as { resizable?: boolean }).resizable === true) refuse("a resizable ArrayBuffer", "Copy it: `buffer.slice()`.");
    return toBase64(bytes);
  },
  extras: (value) => extraKeys(value),
  create: (payload) => fromBase64(textPayload(payload)),
};

function viewKind(): Kind<View> {
  const byName = new Map<string, ViewClass>();
  const byPrototype = new Map<object, string>();
  const add = (name: string, made: unknown, prototype: unknown): void => {
    byName.set(name, made as ViewClass);
    byPrototype.set(prototype as object, name);
  };
  for (const name of viewNames) {
    const made: unknown = (globalThis as Record<string, unknown>)[name];
    if (typeof made === "function") add(name, made, made.prototype);
  }
  if (typeof Buffer === "function") add("Buffer", bufferClass, Buffer.prototype);
  return {
    tag: "$t",
    prototypes: [...byPrototype.keys()],
    encode: (value, write) => encodeView(value, byPrototype.get(Object.getPrototypeOf(value) as object) as string, write),
    extras: (value) => extrasOf(value, byName.get(byPrototype.get(Object.getPrototypeOf(value) as object) as string) as ViewClass),
    create: (payload, read) => createView(payload, read, byName),
  };
}

/**
 * Above this many elements a host that shows values is asked first whether the keys are those that were known last: the engine makes a text of
 * every index before it tells one, a second for a million, and to show a view takes 25 µs.
 */
const listed = 10_000;
/** The keys that a large view was stored or read with. */
const known = new WeakMap<object, readonly PropertyKey[]>();

function extrasOf(value: View, of: ViewClass): readonly PropertyKey[] {
  const { length } = value;
  const before = known.get(value) ?? none;
  const isLarge = length !== undefined && length > listed;
  if (isLarge && hasOnly(before, value, length, of)) return before;
  const keys = Reflect.ownKeys(value).filter((key) => typeof key === "symbol" || length === undefined || !isIndex(key, length));
  if (isLarge) known.set(value, keys);
  return keys;
}

/** A view was read with properties under these keys. */
export function readWith(view: ArrayBufferView, keys: readonly PropertyKey[]): void {
  if (((view as View).length ?? 0) > listed) known.set(view, keys);
}

const none: readonly PropertyKey[] = [];
const inspect = builtinModule("node:util")?.["inspect"] as ((value: unknown, options: object) => string) | undefined;
const shown = { maxArrayLength: 0, showHidden: true, customInspect: false, depth: 0 };

/** It looks like another view of the same elements with these properties: one that had more would look longer. */
function hasOnly(keys: readonly PropertyKey[], value: View, length: number, of: ViewClass): boolean {
  if (inspect === undefined) return false;
  const other = new of(value.buffer as ArrayBuffer, value.byteOffset, length);
  for (const key of keys) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined) return false;
    Object.defineProperty(other, key, property);
  }
  return inspect(value, shown) === inspect(other, shown);
}

function encodeView(value: View, name: string, write: Write): Json {
  for (const key of ["buffer", "byteOffset", "byteLength", "length"]) if (Object.hasOwn(value, key)) refuse(`a ${name} with a \`${key}\` of its own`);
  const { buffer, byteOffset } = value;
  const length = value.length ?? value.byteLength;
  if (isPooled(value, name)) return encodePooled(value, name, write);
  const part = write(buffer, "buffer");
  return byteOffset === 0 && value.byteLength === buffer.byteLength ? [name, part] : [name, part, byteOffset, length];
}

function createView(payload: Json, read: Read, byName: ReadonlyMap<string, ViewClass>): View {
  const [name, part, offset, length, ...more] = listPayload(payload);
  const made = byName.get(textPayload(name));
  if (made === undefined) return corrupt(`\`${String(name)}\` is not a view that this host has`);
  const buffer = read(part ?? null, "buffer");
  if (!(buffer instanceof ArrayBuffer) || more.length > 0) return corrupt("`$t` must be a name, an ArrayBuffer, offset and length");
  const size = made.BYTES_PER_ELEMENT ?? 1;
  const from = offset === undefined ? 0 : indexPayload(offset, buffer.byteLength + 1);
  const rest = (buffer.byteLength - from) / size;
  const count = length === undefined ? rest : indexPayload(length, rest + 1);
  if (from % size !== 0 || !Number.isInteger(count)) return corrupt(`a ${String(name)} does not fit its buffer`);
  return new made(buffer, from, count);
}

const bufferClass = function (buffer: ArrayBuffer, offset: number, length: number): View {
  return Buffer.from(buffer, offset, length);
} as unknown as ViewClass;

// Node cuts small Buffers out of slabs of `Buffer.poolSize` bytes. Their neighbours there are nobody's business: such a
// Buffer is stored as if it had a buffer of its own, which others that lie within it share with it.

function isPooled(value: View, name: string): boolean {
  return name === "Buffer" && value.buffer.byteLength === Buffer.poolSize && value.byteLength < Buffer.poolSize >>> 1;
}

interface Region {
  readonly start: number;
  readonly end: number;
  readonly own: ArrayBuffer;
}

/** Of each writing of a frame: what of a slab stands in it. */
const regions = new WeakMap<Write, Map<ArrayBufferLike, Region[]>>();
/** The buffer that a view is stored with: the same one at each writing. */
const owned = new WeakMap<View, ArrayBuffer>();

function encodePooled(value: View, name: string, write: Write): Json {
  const { start, own } = regionOf(value, write);
  const part = write(own, "buffer");
  return value.byteLength === own.byteLength ? [name, part] : [name, part, value.byteOffset - start, value.byteLength];
}

function regionOf(value: View, write: Write): Region {
  const slabs = regions.get(write) ?? new Map<ArrayBufferLike, Region[]>();
  regions.set(write, slabs);
  const list = slabs.get(value.buffer) ?? [];
  slabs.set(value.buffer, list);
  const [start, end] = [value.byteOffset, value.byteOffset + value.byteLength];
  const around = list.find((region) => region.start <= start && end <= region.end);
  if (around !== undefined) return around;
  if (start === end) return { start, end, own: new ArrayBuffer(0) };
  if (list.some((region) => start < region.end && region.start < end)) refuse("a Buffer that shares its memory with one that is a part of it, or overlaps it", "Copy one of them: `Buffer.from(buffer)`.");
  const own = owned.get(value) ?? new ArrayBuffer(value.byteLength);
  owned.set(value, own);
  new Uint8Array(own).set(new Uint8Array(value.buffer, start, value.byteLength));
  const region = { start, end, own };
  list.push(region);
  return region;
}
