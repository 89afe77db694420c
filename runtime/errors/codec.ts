// What the frame codec refuses. The run, and what was stored before, are unharmed.

import { DeflowError, type DeflowErrorOptions } from "./error.ts";

/** A value that a frame cannot hold. */
export class NotSerializableError extends DeflowError<"NOT_SERIALIZABLE"> {
  /** Where it was found, e.g. `locals.order.items[3].socket`. */
  readonly path: string;
  /** What it is, e.g. `a net.Socket`. */
  readonly type: string;

  constructor(path: string, type: string, options?: DeflowErrorOptions) {
    super("NOT_SERIALIZABLE", { path, type }, options);
    this.path = path;
    this.type = type;
  }
}

/** Text that is not a frame, or not one of a format that this version reads. */
export class CorruptFrameError extends DeflowError<"CORRUPT_FRAME"> {
  /** Where in the record; empty when the text as a whole is wrong. */
  readonly path: string;

  constructor(path: string, problem: string, options?: DeflowErrorOptions) {
    super("CORRUPT_FRAME", { path, problem }, options);
    this.path = path;
  }
}

/** A part of a frame and about how many bytes of text it takes. */
export interface Weight {
  /** Where it is: `locals.order.items`. */
  readonly path: string;
  /** Of its text as UTF-8, about. */
  readonly bytes: number;
}

/** A limit of the codec was passed. */
export class TooLargeError extends DeflowError<"TOO_LARGE"> {
  /** What is too large; empty for the frame as a whole. */
  readonly path: string;
  /** What weighs most in it, heaviest first. */
  readonly largest: readonly Weight[];

  constructor(path: string, problem: string, largest: readonly Weight[] = [], options?: DeflowErrorOptions) {
    const named = largest.map((part) => `\`${part.path}\` ${Math.ceil(part.bytes / 1024)} KB`).join(", ");
    super("TOO_LARGE", { path, problem, largest: named }, options);
    this.path = path;
    this.largest = largest;
  }
}

/** A frame names a class that is not registered here, or a version of it that cannot be read. */
export class UnknownClassError extends DeflowError<"UNKNOWN_CLASS"> {
  constructor(path: string, name: string, problem: string, options?: DeflowErrorOptions) {
    super("UNKNOWN_CLASS", { path, name, problem }, options);
  }
}

/** A frame names a function that no loaded module declares. */
export class UnknownCodeError extends DeflowError<"UNKNOWN_CODE"> {
  constructor(path: string, id: string, options?: DeflowErrorOptions) {
    super("UNKNOWN_CODE", { path, id }, options);
  }
}

/** A frame has an object of module state that nobody gave to `external` under this name. */
export class UnknownExternalError extends DeflowError<"UNKNOWN_EXTERNAL"> {
  constructor(path: string, name: string, options?: DeflowErrorOptions) {
    super("UNKNOWN_EXTERNAL", { path, name }, options);
  }
}

/** `serializable` was given a class whose instances cannot be written and built again field by field. */
export class InvalidClassError extends DeflowError<"INVALID_CLASS"> {
  constructor(name: string, problem: string, options?: DeflowErrorOptions) {
    super("INVALID_CLASS", { name, problem }, options);
  }
}
