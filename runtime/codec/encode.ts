// A record to the text of a frame: {"v":1, …fields, "heap":[…]}.
//
// A record that is plain JSON without shared objects has no "heap" and is written by JSON.stringify alone. The missing
// heap is what tells the reader that nothing in the record is a tag.
//
// `encodeApart` gives the same in parts: see cut.ts. There, what the heap holds keeps its numbers from commit to commit.

import { NotSerializableError, TooLargeError, type Weight } from "../errors/codec.ts";
import { isDeflowError } from "../errors/error.ts";
import { cut, type Stored } from "./cut.ts";
import { type Encoded, Encoder, SharedInside } from "./encoder.ts";
import { refuse, Unplaced, type Json, type Kind } from "./kind.ts";
import { type Heap, largest } from "./largest.ts";
import { limitsFrom, type Limits } from "./limits.ts";
import type { Numbers } from "./numbers.ts";
import { byteLength } from "./node.ts";
import { isPlain } from "./pure.ts";
import { registryOf } from "./registry.ts";
import type { Memory } from "./remembered.ts";
import { stringify } from "./stringify.ts";

export interface EncodeOptions {
  /** Asked before the built-in kinds. Pass the same list each time: what is derived from it is kept. */
  readonly kinds?: readonly Kind[];
  readonly limits?: Partial<Limits>;
  /** Put before every path in an error; default "". */
  readonly root?: string;
  /**
   * Fields of the record that are lists of plain objects. The caller made the record, these lists and their objects for this
   * call: only what is in the objects is checked, and they have no identity. Absent: nothing is taken on trust.
   */
  readonly own?: readonly string[];
  /** Called with frames of `limits.warn` bytes and more. `largest` is computed when it is called. */
  readonly onLarge?: (frame: { readonly bytes: number; largest(): readonly Weight[] }) => void;
}

interface ApartOptions extends EncodeOptions {
  /** What the keys of the parts begin with. */
  readonly name: string;
  /** Fields that are lists, with a number for each entry that it keeps while others come and go. */
  readonly tables: ReadonlyMap<string, readonly number[]>;
  /** The numbers of what is in the heap. Absent: by place, as in one text. */
  readonly heap?: Numbers<object>;
  /** What is known from the call before of what is large and plain, and is kept for the next. Absent: nothing. */
  readonly memory?: Memory;
}

/**
 * The text of a frame. Its top level has the fields of the record as they are; `v`, `apart` and `heap` are reserved.
 * Equal graphs give equal text, and `encode(decode(text)) === text`.
 * @throws NotSerializableError naming path and type; TooLargeError naming the largest parts. The record is not changed.
 */
export function encode(record: Record<string, unknown>, options: EncodeOptions = none): string {
  const limits = limitsFrom(options.limits);
  const registry = registryOf(options.kinds);
  if (isPlain(record, registry.withInstances, limits, options.own)) {
    const text = textOf(record as Tree);
    check([text], record as Tree, () => [], limits, options);
    return text;
  }
  const { tree, heap } = encodeRich(new Encoder(registry, limits, options.root ?? ""), record, options);
  const text = stringify(tree);
  check([text], tree, () => heap, limits, options);
  return text;
}

/** The same as a text and its parts; whatever its size. */
export function encodeApart(record: Record<string, unknown>, options: ApartOptions): Stored {
  const limits = limitsFrom(options.limits);
  const { tree, heap, numbers, remembered } = encodeLarge(record, limits, options);
  const places = numbers ?? heap.map((_, place) => place);
  const stored = cut(tree, new Map([...options.tables, ["heap", places]]), options.name, remembered);
  const byNumber = (): Heap => Object.fromEntries(places.map((number, index) => [number, heap[index] as Json]));
  check([stored.text, ...stored.parts.values()], tree, byNumber, limits, options);
  return stored;
}

/** Most of what is large is plain, and stands in the tree as it is: a copy would cost as much as all the rest. */
function encodeLarge(record: Record<string, unknown>, limits: Limits, options: ApartOptions): Encoded {
  const encoder = (plainParts: boolean): Encoder => new Encoder(registryOf(options.kinds), limits, options.root ?? "", options.heap, plainParts, options.memory);
  try {
    return encodeRich(encoder(true), record, options);
  } catch (error) {
    if (error instanceof SharedInside) return encodeRich(encoder(false), record, options);
    throw error;
  }
}

function encodeRich(encoder: Encoder, record: Record<string, unknown>, { own }: EncodeOptions): Encoded {
  try {
    checkReserved(record);
    return encoder.encode(record, own);
  } catch (error) {
    if (error instanceof Unplaced) throw error.at(encoder.path);
    if (isDeflowError(error) || error instanceof SharedInside) throw error;
    // A method of a built-in class called on what only pretends to be one, or a kind that failed.
    throw notReadable(error, encoder.path);
  }
}

const none: EncodeOptions = {};

type Tree = { [key: string]: Json };

function check(texts: readonly string[], tree: Tree, heap: () => Heap, limits: Limits, options: EncodeOptions): void {
  let length = 0;
  for (let index = 0; index < texts.length; index++) length += (texts[index] as string).length;
  // A code unit is at most 3 bytes: short texts need no counting.
  if (length * 3 < limits.warn && length * 3 <= limits.frame) return;
  const bytes = texts.reduce((sum, text) => sum + byteLength(text), 0);
  const parts = (): readonly Weight[] => largest(tree, heap(), options.root ?? "");
  if (bytes > limits.frame) throw new TooLargeError("", `${bytes} bytes, the limit is ${limits.frame}`, parts());
  if (bytes >= limits.warn) options.onLarge?.({ bytes, largest: parts });
}

function textOf(tree: Tree): string {
  const text = stringify(tree);
  return text === "{}" ? '{"v":1}' : `{"v":1,${text.slice(1)}`;
}

function checkReserved(record: object): void {
  for (const name of ["v", "apart", "heap"]) if (Object.hasOwn(record, name)) refuse(`a record with the reserved field \`${name}\``);
}

function notReadable(error: unknown, path: string): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new NotSerializableError(path, `a value that could not be read (${reason})`, { cause: error });
}
