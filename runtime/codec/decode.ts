// The text of a frame to its record. A frame without heap is what JSON.parse makes of it.

import { CorruptFrameError, TooLargeError } from "../errors/codec.ts";
import { isDeflowError } from "../errors/error.ts";
import { Decoder } from "./decoder.ts";
import { Unplaced, type Json, type Kind } from "./kind.ts";
import { limitsFrom, type Limits } from "./limits.ts";
import { registryOf } from "./registry.ts";

export interface DecodeOptions {
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
  const { heap, record } = open(text, limits);
  if (heap === undefined) return record;
  if (!Array.isArray(heap)) throw new CorruptFrameError("heap", "expected a list");
  const decoder = new Decoder(registryOf(options.kinds), limits, heap as Json[], options.root ?? "");
  try {
    decoder.decode(record as { [key: string]: Json });
  } catch (error) {
    if (error instanceof Unplaced) throw error.at(decoder.path);
    if (isDeflowError(error)) throw error;
    throw new CorruptFrameError(decoder.path, "it could not be built", { cause: error });
  }
  return record;
}

// Fields that come before anything else in what `encode` writes: left out of the text, they need not be taken out of the
// object, which would cost a copy of it or make it slow.
const start = '{"v":1,';

function open(text: string, limits: Limits): { heap: unknown; record: Record<string, unknown> } {
  if (typeof text !== "string") throw new CorruptFrameError("", "it is not a text");
  if (text.length > limits.frame) throw new TooLargeError("", `${text.length} characters, the limit is ${limits.frame} bytes`);
  const usual = text.startsWith(start);
  const record = parse(usual ? `{${text.slice(start.length)}` : text);
  if (typeof record !== "object" || record === null || Array.isArray(record)) throw new CorruptFrameError("", "it is not an object");
  const fields = record as Record<string, unknown>;
  if (usual ? "v" in fields : fields["v"] !== 1) throw new CorruptFrameError("", versionProblem(fields["v"]));
  if (!usual) delete fields["v"];
  if (!("heap" in fields)) return { heap: undefined, record: fields };
  const heap = fields["heap"] ?? null;
  // The last field is taken away without making the object slow.
  delete fields["heap"];
  return { heap, record: fields };
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
