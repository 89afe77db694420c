// Classes whose instances a frame may hold: stored as `{"$c":["Name@version", fields]}`.
//
// An instance is written field by field and built again without its constructor: an empty object with the class's
// prototype, then fields defined one by one, so no setter runs and cycles through instances are kept.

import { InvalidClassError, UnknownClassError } from "../errors/codec.ts";
import { shared } from "../realm/shared.ts";
import { hasPrivateNames, hiddenState } from "./class-check.ts";
import { define, listPayload, objectPayload, readFields, textPayload, writeFields } from "./fields.ts";
import { noteName } from "./noted.ts";
import { corrupt, fail, type Json, type Kind, type Read, type Write } from "./kind.ts";

/** Of `serializable()`. */
export interface ClassOptions {
  /** The stored name; default the class's own. It must stay when the class is renamed. */
  readonly name?: string;
  /** A whole number from 1, raised when the fields change; default 1. */
  readonly version?: number;
  /**
   * Turns the fields of an older version into those of this one. It gets complete values, once per instance. Default: instances of older versions
   * throw UnknownClassError.
   */
  readonly upgrade?: (fields: Record<string, unknown>, from: number) => Record<string, unknown>;
}

export type AnyClass = abstract new (...args: never[]) => object;

export interface SerializableClass {
  readonly made: AnyClass;
  readonly name: string;
  readonly version: number;
  readonly upgrade: ClassOptions["upgrade"];
}

/**
 * Makes instances of a class storable, and gives the class back. Subclasses are registered one by one.
 * @throws InvalidClassError for a name that is taken, `#private` names, or a base class with hidden state.
 */
export function serializable<C extends AnyClass>(made: C, options: ClassOptions = {}): C {
  const { name = made.name, version = 1, upgrade } = options;
  const entry: SerializableClass = { made, name, version, upgrade };
  check(entry);
  shared.classes.set(name, entry);
  shared.classPrototypes.set(made.prototype as object, entry);
  return made;
}

export const classKind: Kind = {
  tag: "$c",
  encode(value, write) {
    const { name, version } = shared.classPrototypes.get(Object.getPrototypeOf(value) as object) as SerializableClass;
    const error = value instanceof Error;
    noteName("type", `${name}@${version}`);
    return [`${name}@${version}`, error ? writeErrorFields(value, write) : writeFields(value, write)];
  },
  create: createInstance,
  fill: fillInstance,
  finish: finishInstance,
};

function check({ made, name, version }: SerializableClass): void {
  if (name === "") throw new InvalidClassError("(anonymous)", "it has no name; give one: { name }");
  if (!Number.isInteger(version) || version < 1 || version > 999_999_999) {
    throw new InvalidClassError(name, "its version must be a whole number from 1");
  }
  const taken = shared.classes.get(name);
  if (taken !== undefined && taken.made !== made) throw new InvalidClassError(name, "another class is registered under this name");
  const base = hiddenState(made);
  if (base !== undefined) throw new InvalidClassError(name, `it extends ${base}, which keeps state outside fields`);
  if (hasPrivateNames(made)) throw new InvalidClassError(name, "it has #private names, which cannot be read from outside");
}

// The fields of errors that are hidden by nature stay so: `message`, `stack` and `cause` are not enumerable.
const hiddenInErrors = new Set(["message", "stack", "cause", "errors"]);

function writeErrorFields(value: Error, write: Write): Json {
  const shown: Record<string, unknown> = {};
  for (const key of Object.getOwnPropertyNames(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    // V8 has both forms of `stack`, depending on its version: a hidden value and a hidden accessor.
    if (key === "stack") define(shown, key, String(value.stack));
    else if (property !== undefined && (property.enumerable || hiddenInErrors.has(key))) {
      Object.defineProperty(shown, key, { ...property, enumerable: true, configurable: true });
    }
  }
  return writeFields(shown, write);
}

function createInstance(payload: Json): object {
  const [entry, from] = entryOf(payload);
  if (from > entry.version || (from < entry.version && entry.upgrade === undefined)) {
    const missing = from > entry.version ? "" : " and no `upgrade`";
    return fail((path) => new UnknownClassError(path, `${entry.name}@${from}`, `but this program has version ${entry.version}${missing}`));
  }
  return empty(entry.made);
}

// Fields of an older version wait here until the whole graph is filled.
const older = new WeakMap<object, Record<string, unknown>>();

function fillInstance(value: object, payload: Json, read: Read): void {
  const [entry, from] = entryOf(payload);
  const fields = listPayload(payload)[1] ?? null;
  const target = from === entry.version ? value : {};
  if (target !== value) older.set(value, target as Record<string, unknown>);
  readFields(fields, target, read);
  if (target === value && value instanceof Error) hide(value);
}

function finishInstance(value: object, payload: Json): void {
  const held = older.get(value);
  if (held === undefined) return;
  older.delete(value);
  const [entry, from] = entryOf(payload);
  const fields = (entry.upgrade as NonNullable<ClassOptions["upgrade"]>)(held, from);
  for (const key of Object.keys(fields)) define(value, key, fields[key]);
  if (value instanceof Error) hide(value);
}

function hide(error: Error): void {
  for (const key of hiddenInErrors) {
    if (Object.hasOwn(error, key)) Object.defineProperty(error, key, { enumerable: false });
  }
}

function entryOf(payload: Json): [SerializableClass, number] {
  const [id, fields, ...more] = listPayload(payload);
  objectPayload(fields);
  const [, name, version] = /^(.+)@([1-9]\d{0,8})$/s.exec(textPayload(id)) ?? [];
  if (name === undefined || more.length > 0) return corrupt("a class must be `Name@version` and its fields");
  const entry = shared.classes.get(name);
  if (entry === undefined) return fail((path) => new UnknownClassError(path, name, "which is not registered here"));
  return [entry, Number(version)];
}

// Errors keep their stack in a slot that Object.create cannot make: `Reflect.construct` with the class as target runs
// only Error's own constructor.
function empty(made: AnyClass): object {
  const prototype = made.prototype as object;
  if (!(prototype instanceof Error)) return Object.create(prototype) as object;
  const error = Reflect.construct(Error, [], made) as object;
  for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
  return error;
}
