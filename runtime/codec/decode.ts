// The text of a frame to its record. A frame without heap is what JSON.parse makes of it.

import { CorruptFrameError, TooLargeError } from "../errors/codec.ts";
import { isDeflowError } from "../errors/error.ts";
import type { Stored } from "./cut.ts";
import { Decoder } from "./decoder.ts";
import { join } from "./join.ts";
import { Unplaced, type Json, type Kind } from "./kind.ts";
import type { Heap } from "./largest.ts";
import { limitsFrom, type Limits } from "./limits.ts";
import { Numbers } from "./numbers.ts";
import { largeIn, memoryAsRead } from "./as-read.ts";
import { registryOf } from "./registry.ts";
import type { Memory } from "./remembered.ts";

interface DecodeOptions {
  readonly kinds?: readonly Kind[];
  readonly limits?: Partial<Limits>;
  /** Put before every path in an error; default "". */
  readonly root?: string;
}

/**
 * The record that `encode` was given, every object of it new. Only for text from the own store: a frame can name any
 * registered class and function, so it must come from where only deflow writes.
 * @throws CorruptFrameError, UnknownClassError, TooLargeError.
 */
export function decode(text: string, options: DecodeOptions = {}): Record<string, unknown> {
  const limits = limitsFrom(options.limits);
  const record = open(text, limits);
  if ("apart" in record) throw new CorruptFrameError("", "its parts are missing");
  const heap = heapOf(record);
  if (heap === undefined) return record;
  if (!Array.isArray(heap)) throw new CorruptFrameError("heap", "expected a list");
  read(record, new Decoder(registryOf(options.kinds), limits, heap as Json[], options.root ?? ""));
  return record;
}

interface ApartDecoded {
  readonly record: Record<string, unknown>;
  /** The numbers of what is in the heap. */
  readonly heap: Numbers<object>;
  /** What is known for the next commit. */
  readonly memory: Memory;
}

/** Whether this text has parts. */
export function isApart(text: string): boolean {
  return text.startsWith('{"v":1,"apart":');
}

/** The same for what `encodeApart` gave; `name` is what the keys of its parts begin with. Other parts are not looked at. */
export function decodeApart({ text, parts }: Stored, name: string, options: DecodeOptions = {}): ApartDecoded {
  const limits = limitsFrom(options.limits);
  let length = 0;
  for (const [key, part] of parts) if (key.startsWith(`${name}/`)) length += part.length;
  const record = open(text, limits, length);
  const { apart } = record;
  delete record["apart"];
  const placed = join(record as { [key: string]: Json }, parts, name, apart);
  const heap = heapOf(record);
  const numbers = new Numbers<object>();
  if (heap === undefined) return { record, heap: numbers, memory: new WeakMap() };
  if (typeof heap !== "object" || heap === null) throw new CorruptFrameError("heap", "expected a list or a table");
  const decoder = new Decoder(registryOf(options.kinds), limits, heap as Heap, options.root ?? "", largeIn(placed));
  read(record, decoder);
  for (const [number, made] of Object.entries(decoder.made)) if (made !== undefined) numbers.set(made as object, Number(number));
  return { record, heap: numbers, memory: memoryAsRead(placed, decoder.laid) };
}

function read(record: Record<string, unknown>, decoder: Decoder): void {
  try {
    decoder.decode(record as { [key: string]: Json });
  } catch (error) {
    if (error instanceof Unplaced) throw error.at(decoder.path);
    if (isDeflowError(error)) throw error;
    throw new CorruptFrameError(decoder.path, "it could not be built", { cause: error });
  }
}

// Fields that come before anything else in what `encode` writes: left out of the text, they need not be taken out of the
// object, which would cost a copy of it or make it slow.
const start = '{"v":1,';

/** `beside`: the characters of its parts. */
function open(text: string, limits: Limits, beside = 0): Record<string, unknown> {
  if (typeof text !== "string") throw new CorruptFrameError("", "it is not a text");
  if (text.length + beside > limits.frame) throw new TooLargeError("", `${text.length + beside} characters, the limit is ${limits.frame} bytes`);
  const usual = text.startsWith(start);
  const record = parse(usual ? `{${text.slice(start.length)}` : text);
  if (typeof record !== "object" || record === null || Array.isArray(record)) throw new CorruptFrameError("", "it is not an object");
  const fields = record as Record<string, unknown>;
  if (usual ? "v" in fields : fields["v"] !== 1) throw new CorruptFrameError("", versionProblem(fields["v"]));
  if (!usual) delete fields["v"];
  return fields;
}

/** Taken out of the record; undefined if it has none. */
function heapOf(record: Record<string, unknown>): unknown {
  if (!("heap" in record)) return undefined;
  const heap = record["heap"] ?? null;
  // The last field is taken away without making the object slow.
  delete record["heap"];
  return heap;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CorruptFrameError("", "it is not JSON", { cause: error });
  }
}

function versionProblem(v: unknown): string {
  if (v === undefined) return "it has no format version";
  if (typeof v === "number" && v > 1) return `it has format ${v}, which a newer version of deflow wrote`;
  return `it has format ${JSON.stringify(v)}, this version reads 1`;
}
