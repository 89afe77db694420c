// What the fields of a stored record must be. A frame that says otherwise is corrupt, which is told before anything of it runs.

import { ProtocolCursor } from "../values/cursors/protocol.ts";
import { CorruptFrameError } from "../errors/codec.ts";
import { isCompiled } from "../strands/registry.ts";

type Type = keyof typeof checks;
type Types = Readonly<Record<string, Type | `${Type}?`>>;

interface Field {
  readonly name: string;
  readonly isFit: (value: unknown) => boolean;
  /** It may be missing or undefined. */
  readonly optional: boolean;
}

type Fields = readonly Field[];

const checks = {
  text: (value: unknown) => typeof value === "string",
  flag: (value: unknown) => typeof value === "boolean",
  number: (value: unknown) => typeof value === "number" && !Number.isNaN(value),
  /** A place, a count, a point in time. */
  whole: (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0,
  list: (value: unknown) => Array.isArray(value),
  /** Or a table: an object whose keys are numbers. */
  entries: (value: unknown) => Array.isArray(value) || checks.fields(value),
  fields: (value: unknown) => typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype,
  object: (value: unknown) => typeof value === "object" && value !== null,
  function: (value: unknown) => typeof value === "function",
  compiled: isCompiled,
  protocol: (value: unknown) => value instanceof ProtocolCursor,
  /** How a run ends. */
  status: (value: unknown) => value === "completed" || value === "failed" || value === "cancelled" || value === "killed",
  backoff: (value: unknown) => value === "exponential" || value === "linear" || value === "constant",
  /** What runs are found by. */
  index: (value: unknown) => checks.fields(value) && Object.values(value as object).every((part) => ["string", "number", "boolean"].includes(typeof part)),
};

function fieldsOf(types: Types): Fields {
  return Object.entries(types).map(([name, type]) => {
    const optional = type.endsWith("?");
    return { name, isFit: checks[(optional ? type.slice(0, -1) : type) as Type], optional };
  });
}

/** Throws CorruptFrameError unless `value` has these fields. */
export function checkFields(value: unknown, fields: Fields, path: string): asserts value is Record<string, unknown> {
  if (!checks.fields(value)) throw new CorruptFrameError(path, "expected an object");
  const record = value as Record<string, unknown>;
  for (const { name, isFit, optional } of fields) {
    const field = Object.hasOwn(record, name) ? record[name] : undefined;
    if (optional && field === undefined) continue;
    if (!isFit(field)) throw new CorruptFrameError(step(path, name), `it is not what \`${name}\` must be`);
  }
}

export function checkEach(list: readonly unknown[], fields: Fields, path: string): void {
  list.forEach((value, index) => checkFields(value, fields, `${path}[${index}]`));
}

function step(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** Of a run that is over; what they are of others too. */
export const endedFields = fieldsOf({ id: "text", ended: "text?" });

export const headFields = fieldsOf({
  id: "text", flow: "text?", turn: "whole", next: "whole", strands: "entries", ops: "entries", ended: "text?", responses: "list?", index: "index?", progress: "text?",
  deadline: "number?", cancelled: "fields?", compensations: "list?", compensated: "flag?", limit: "fields?", ending: "fields?", root: "whole?", compensation: "whole?",
});

export const strandFields = fieldsOf({ flow: "text?", code: "text?", point: "text", in: "text?", pin: "text?", locals: "fields", env: "fields?", on: "whole", handled: "flag?" });

/** Of a strand that is an async generator. */
export const generatorFields = fieldsOf({ generator: "object", on: "whole" });

export const limitFields = fieldsOf({ at: "number", after: "text" });
export const endingFields = fieldsOf({ status: "status" });
export const cancelledFields = fieldsOf({ reason: "text?", upTo: "whole" });
export const retryFields = fieldsOf({ attempts: "number", backoff: "backoff", delay: "number", maxDelay: "number", jitter: "flag", when: "function?" });

const settled: Types = { properties: "object?" };
const combinator: Types = { ...settled, handled: "flag?", waiters: "list?" };
const operation: Types = { ...combinator, seq: "whole", at: "number?" };

const entryTypes: Readonly<Record<string, Types>> = {
  value: settled,
  error: settled,
  strand: { ...combinator, strand: "whole" },
  then: { ...combinator, then: "whole", fulfilled: "compiled?", rejected: "compiled?" },
  finally: { ...combinator, finally: "whole", callback: "compiled" },
  pass: { ...combinator, pass: "whole" },
  follow: { ...combinator, follow: "whole" },
  orClose: { ...combinator, orClose: "whole", cursor: "protocol" },
  deferred: { ...combinator, deferred: "flag", own: "flag?" },
  all: { ...combinator, all: "list" },
  allSettled: { ...combinator, allSettled: "list" },
  race: { ...combinator, race: "list" },
  any: { ...combinator, any: "list" },
  listen: { ...operation, listen: "text", permit: "text?", timeout: "text?", default: "fields?", label: "text?" },
  timer: { ...operation, timer: "number", timeout: "text?" },
  step: { ...operation, step: "text", fn: "function?", args: "list?", attempt: "whole", held: "flag?", once: "flag?", tx: "flag?", child: "text?", done: "fields?", retry: "fields?", timeout: "number?", heartbeat: "number?" },
  callback: { ...operation, callback: "text", timeout: "text?", schema: "text?" },
  effect: { ...operation, effect: "text" },
};

/** Of an entry of `ops`, by its first field. */
export const entryFields: Readonly<Record<string, Fields>> = Object.fromEntries(Object.entries(entryTypes).map(([kind, types]) => [kind, fieldsOf(types)]));
