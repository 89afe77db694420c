// {"$new": {"class": …, "fields": {…}}}: an instance of a class made in a flow.
//
// In place of `class`, where its prototype is not simply that of a class: `proto`. In place of `fields`, where not all are
// plain: `props`, as in the codec's `$k`. `as` has its contents, of a class derived from one of the language (contents.ts).
// `made` are the classes among its own that put into it what no property shows: [class, value of a private name, …], the
// one nearest to the base first.

import { type Json, type Kind, type Read, type Write, corrupt, fail, refuse, via } from "../../codec/kind.ts";
import { hasPrivateNames } from "../../codec/class-check.ts";
import type { AnyClass } from "../../codec/classes.ts";
import { listPayload, objectPayload, readFields, writePlainFields } from "../../codec/fields.ts";
import { propertyOf, readProperty } from "../../codec/kinds/kept.ts";
import { isProxy } from "../../codec/node.ts";
import { classAgain, install, type Making, privateNames } from "../../values/class.ts";
import type { ClassFunction } from "../../strands/registry.ts";
import { CapturesMisfitError } from "../../errors/versions.ts";
import { shared } from "../../realm/shared.ts";
import { slotName } from "../../versions/atoms.ts";
import { loaded } from "../../versions/build.ts";
import { type ClassTag, classTag } from "./class.ts";
import { contentsOf } from "./contents.ts";

type Payload = { [key: string]: Json };

export const instanceKind: Kind = {
  tag: "$new",
  test: (value) => typeof value === "object" && shared.classParts !== undefined && classesOf(chainOf(value)).length > 0,
  encode(value, write) {
    const chain = chainOf(value);
    const payload: Payload = {};
    const direct = classBehind(chain[0] as object);
    if (direct !== undefined) payload["class"] = write(direct, via(".constructor"));
    else payload["proto"] = write(chain[0], via(".__proto__"));
    const { contents, holds } = contentsOf(value, chain);
    if (contents !== undefined) payload["as"] = write(contents, via(""));
    const made = writeMade(value, chain, write);
    if (made.length > 0) payload["made"] = made;
    const fields = contents === undefined ? writePlainFields(value, write) : undefined;
    if (fields !== undefined) payload["fields"] = fields;
    else payload["props"] = Reflect.ownKeys(value).filter((key) => !holds(key)).map((key) => propertyOf(value, key, write));
    return payload;
  },
  create(payload, read) {
    const { class: made, as, made: installed } = objectPayload(payload);
    if (made !== undefined) tagOf(read(made, via(".constructor")));
    let value = as === undefined ? undefined : read.own(as, via(""));
    if (typeof value === "function") corrupt("expected the contents of an object");
    for (const entry of installed === undefined ? [] : listPayload(installed)) value = installBy(listPayload(entry)[0], value, read);
    return value ?? {};
  },
  fill(value, payload, read) {
    const { class: made, proto, fields, props, made: installed } = objectPayload(payload);
    const prototype = made === undefined ? read(proto ?? null, via(".__proto__")) : (read(made, via(".constructor")) as ClassFunction).prototype;
    if (typeof prototype !== "object") corrupt("expected a prototype");
    Object.setPrototypeOf(value, prototype as object | null);
    if (fields !== undefined) readFields(fields, value, read);
    for (const entry of props === undefined ? [] : listPayload(props)) readProperty(value, listPayload(entry), read);
    for (const entry of installed === undefined ? [] : listPayload(installed)) fillHidden(value, listPayload(entry), read);
  },
};

/** Its prototypes, nearest first. */
function chainOf(value: object): object[] {
  const chain: object[] = [];
  for (let base = Object.getPrototypeOf(value) as object | null; base !== null; base = Object.getPrototypeOf(base) as object | null) {
    if (isProxy(base)) break;
    chain.push(base);
  }
  return chain;
}

function classBehind(prototype: object): ClassFunction | undefined {
  const part = shared.classParts?.get(prototype);
  return part?.kind === "prototype" ? part.of : undefined;
}

function classesOf(chain: readonly object[]): ClassFunction[] {
  return chain.map(classBehind).filter((made) => made !== undefined);
}

/** What the classes of an instance keep in private names, and which of them put functions into its fields. */
function writeMade(value: object, chain: readonly object[], write: Write): Json[] {
  const list: Json[] = [];
  for (const prototype of chain.toReversed()) {
    const made = classBehind(prototype);
    if (made === undefined) checkOrdinary(prototype);
    else {
      const entry = madeBy(made, value, write);
      if (entry !== undefined) list.push(entry);
    }
  }
  return list;
}

function madeBy(made: ClassFunction, value: object, write: Write): Json[] | undefined {
  const { env, making } = classTag(made);
  const { hiddenFields } = making;
  const values = hiddenFields?.get(value);
  if (hiddenFields === undefined || values === undefined || values === false) {
    return making.owners.has(value) ? [write(provenClass(made, making), via(".constructor"))] : undefined;
  }
  const { names, set } = hiddenFields;
  const hint = "Take one parameter and destructure it in the body.";
  if (set === undefined) refuse(`an instance of the class \`${made.name}\`, whose \`${names[0]}\` is private and whose constructor takes a pattern`, hint);
  return [write(provenClass(made, making), via(".constructor")), ...privateNames(Object.keys(env), making, "instances").map((name) => write(values[names.indexOf(name)], via(`.${name}`)))];
}

/** The class, if an instance can be made again: told now, rather than when the frame is read. */
function provenClass(made: ClassFunction, making: Making): ClassFunction {
  making.proven ??= isProven(classTag(made));
  return making.proven ? made : refuse(`an instance of the class \`${made.name}\`, whose private names or function fields this build cannot install`, "Compile for ES2022 or later.");
}

/** On the class as a frame gives it: this one may be frozen. */
function isProven({ id, env, making: { keys } }: ClassTag): boolean {
  const again = classAgain(id, env, keys);
  if (again === undefined) return false;
  const { making } = classTag(again);
  const installed = install(again, making, shared.classCodes.get(id)?.meta.arity ?? 0, {});
  return making.hiddenFields === undefined ? making.owners.has(installed) : making.hiddenFields.get(installed) !== false;
}

const checked = new WeakMap<object, boolean>();

/** A base that no flow made may keep nothing that cannot be read. */
function checkOrdinary(prototype: object): void {
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof made !== "function" || shared.tags.get(made)?.kind === "class") return;
  let hides = checked.get(made);
  if (hides === undefined) checked.set(made, (hides = hasPrivateNames(made as unknown as AnyClass)));
  if (hides) refuse(`an instance of a class that extends \`${made.name}\`, which has #private names`, "What they hold cannot be read from outside: declare that class in the flow, or keep plain data.");
}

function tagOf(made: unknown): ClassTag {
  const tag = typeof made === "function" ? shared.tags.get(made) : undefined;
  return tag?.kind === "class" ? tag : corrupt("expected a class made in a flow");
}

function installBy(stored: Json | undefined, value: object | undefined, read: Read): object {
  const made = read(stored ?? null, via(".constructor"));
  const { id, making } = tagOf(made);
  if (!installs(id, making)) {
    // Its constructor would run as the flow's own does.
    return making.hiddenFields === undefined ? value ?? {} : fail((path) => new CapturesMisfitError(path, id, [slotName("~private")], []));
  }
  if (!making.derived && value !== undefined) return corrupt("a class without a base made the object");
  const arity = shared.classCodes.get(id)?.meta.arity;
  return install(made as ClassFunction, making, arity ?? 0, value ?? {});
}

/** Whether the class of this build puts anything into its instances that no property shows, and can do so alone: the one that was stored did. */
function installs(id: string, { hiddenFields }: Making): boolean {
  return hiddenFields === undefined ? loaded.members(id)?.some((member) => member.role === "field" && !member.static) === true : hiddenFields.set !== undefined;
}

function fillHidden(value: object, [stored, ...values]: readonly Json[], read: Read): void {
  const made = read(stored as Json, via(".constructor"));
  const { making } = tagOf(made);
  const { hiddenFields } = making;
  const names = privateNames(making.stored, making, "instances");
  if (names.length !== values.length) return corrupt("the private names of the class are others");
  // What is missing, the environment of the class is refused for.
  hiddenFields?.set?.(value, hiddenFields.names.map((name) => read(values[names.indexOf(name)] ?? null, via(`.${name}`))));
}
