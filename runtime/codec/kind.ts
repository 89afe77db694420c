// The extension point of the codec: how one kind of object becomes JSON and comes back.
//
// A value of a kind is stored as `{"<tag>": payload}`. Reading has two phases, so that cycles through any kind work:
//
//   create   the value exists and can be referred to, but is empty
//   fill     it gets its contents, from a worklist; what it reads may not be filled yet itself
//   finish   after everything is filled: for what must see complete values (upgrades of classes, freezing)
//
// Nothing here recurses through `fill`, so depth costs no stack.

import { CorruptFrameError, NotSerializableError } from "../errors/codec.ts";
import type { DeflowError } from "../errors/error.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One step of a path: an index gives `[3]`, a name `.name` or `["a b"]`, the result of `via` is put in as it is. */
export type At = string | number;

/**
 * Encodes a part and gives the JSON to put into the payload, anywhere in it, once.
 * That JSON must not be changed afterwards: it may be moved to the heap when the part is seen again.
 */
export type Write = (part: unknown, at: At) => Json;

/** Gives the value of a part. In `create` only parts that never lead back to the value itself may be read. */
export interface Read {
  (part: Json, at: At): unknown;
  /** A value that the part makes: for kinds that change it. Others would change what the process or the rest of the frame has. */
  own(part: Json, at: At): object;
}

export interface Kind<T extends object = object> {
  /** `$` and letters, unique among all kinds. */
  readonly tag: string;
  /** Values with exactly one of these prototypes are of this kind: one map look-up. */
  readonly prototypes?: readonly object[];
  /** Of values with one of them, which are of this kind; default all. Others only inherit: Object.create(Error.prototype). */
  accepts?(value: object): boolean;
  /** Values held here are of this kind whatever their prototype: asked first, for every object and function. */
  readonly instances?: { has(value: object): boolean };
  /** A value is held there from when it is made, or never. */
  readonly fromBirth?: true;
  /** Asked for functions and for objects whose prototype nobody knows, in the order of the kinds. */
  readonly test?: (value: object) => boolean;
  /**
   * The payload is itself an identity, and `create` gives the same object for the same payload:
   * such values are never moved to the heap, and never carry a mark that they are frozen.
   */
  readonly named?: boolean;
  encode(value: T, write: Write): Json;
  /** The keys of own properties that `encode` leaves out and that are stored beside it; default none. */
  extras?(value: T): readonly PropertyKey[];
  create(payload: Json, read: Read): T;
  fill?(value: T, payload: Json, read: Read): void;
  finish?(value: T, payload: Json): void;
}

/** Makes a path step that is printed as it is, e.g. `via('.get("a")')`. */
export function via(text: string): At {
  return `\u0000${text}`;
}

/** An error that lacks its path; the codec knows where it is and throws what `at` gives. */
export class Unplaced extends Error {
  readonly at: (path: string) => DeflowError;

  constructor(at: (path: string) => DeflowError) {
    super("at a path that is not known yet");
    this.at = at;
  }
}

/** Throws an error that needs the path of the value at hand. For kinds, in all their functions. */
export function fail(at: (path: string) => DeflowError): never {
  throw new Unplaced(at);
}

/** Refuses the value at hand. `type` completes "`path` is …". */
export function refuse(type: string, hint?: string): never {
  return fail((path) => new NotSerializableError(path, type, { hint }));
}

/** Says that the frame at hand is not one the codec wrote. `problem` completes "Corrupt frame: at `path`: …". */
export function corrupt(problem: string): never {
  return fail((path) => new CorruptFrameError(path, problem));
}
