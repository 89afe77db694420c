// A record to the text of a frame: {"v":1, …fields, "heap":[…]}.
//
// A record that is plain JSON without shared objects has no "heap" and is written by JSON.stringify alone. The missing
// heap is what tells the reader that nothing in the record is a tag.

import { NotSerializableError, TooLargeError, type Weight } from "../errors/codec.ts";
import { isDeflowError } from "../errors/error.ts";
import { Encoder } from "./encoder.ts";
import { refuse, Unplaced, type Json, type Kind } from "./kind.ts";
import { largest } from "./largest.ts";
import { limitsFrom, type Limits } from "./limits.ts";
import { isPlain } from "./pure.ts";
import { registryOf } from "./registry.ts";
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

/**
 * The text of a frame. Its top level has the fields of the record as they are; `v` and `heap` are reserved.
 * Equal graphs give equal text, and `encode(decode(text)) === text`.
 * @throws NotSerializableError naming path and type; TooLargeError naming the largest parts. The record is not changed.
 */
export function encode(record: Record<string, unknown>, options: EncodeOptions = none): string {
  const limits = limitsFrom(options.limits);
  const registry = registryOf(options.kinds);
  if (isPlain(record, registry.withInstances, limits, options.own)) return checked(textOf(record as Tree), record as Tree, [], limits, options);
  const encoder = new Encoder(registry, limits, options.root ?? "");
  try {
    checkReserved(record);
    const { tree, heap } = encoder.encode(record, options.own);
    return checked(stringify(tree), tree, heap, limits, options);
  } catch (error) {
    if (error instanceof Unplaced) throw error.at(encoder.path);
    if (isDeflowError(error)) throw error;
    // A method of a built-in class called on what only pretends to be one, or a kind that failed.
    throw notReadable(error, encoder.path);
  }
}

const none: EncodeOptions = {};

type Tree = { [key: string]: Json };

function checked(text: string, tree: Tree, heap: readonly Json[], limits: Limits, options: EncodeOptions): string {
  // A code unit is at most 3 bytes: short texts need no counting.
  if (text.length * 3 < limits.warn && text.length * 3 <= limits.frame) return text;
  const bytes = new TextEncoder().encode(text).length;
  const parts = (): readonly Weight[] => largest(tree, heap, options.root ?? "");
  if (bytes > limits.frame) throw new TooLargeError("", `${bytes} bytes, the limit is ${limits.frame}`, parts());
  if (bytes >= limits.warn) options.onLarge?.({ bytes, largest: parts });
  return text;
}

function textOf(tree: Tree): string {
  const text = stringify(tree);
  return text === "{}" ? '{"v":1}' : `{"v":1,${text.slice(1)}`;
}

function checkReserved(record: object): void {
  for (const name of ["v", "heap"]) if (Object.hasOwn(record, name)) refuse(`a record with the reserved field \`${name}\``);
}

function notReadable(error: unknown, path: string): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new NotSerializableError(path, `a value that could not be read (${reason})`, { cause: error });
}
