// {"$class": {"code": id, "env": {name: value}, "keys": […], "extends": …, "own": …, "members": …, "private": {…}}}: a class
// made in a flow.
//
// `own` are properties of the class that are not as its text makes them before anything static runs, `members` those of its
// prototype (changes.ts). `extends` is what the class itself has as prototype: absent where the text leads to it, null where
// it is that of all functions. `env`, `keys` (of computed names), `private` (static `#names`) are there where there are any.

import { type Json, type Kind, corrupt, fail, refuse, via } from "../../codec/kind.ts";
import { note } from "../../codec/noted.ts";
import { define, listPayload, objectPayload, textPayload } from "../../codec/fields.ts";
import { classAgain, type Making, privateNames } from "../../values/class.ts";
import { UnknownCodeError } from "../../errors/codec.ts";
import { type ClassFunction, type Env, isCompiled, type Tag } from "../../strands/registry.ts";
import { isWriting, readId } from "../session.ts";
import { shared } from "../../realm/shared.ts";
import { loaded } from "../../versions/build.ts";
import { fitEnv } from "../../versions/fit-env.ts";
import { codeText } from "../../versions/shape.ts";
import { closeChanged, readChanges, writeChanges } from "./changes.ts";
import { readNames, writeNames } from "./closure.ts";

export type ClassTag = Extract<Tag, { kind: "class" }>;

export const classKind: Kind<ClassFunction> = {
  tag: "$class",
  test: (value) => shared.tags.get(value)?.kind === "class",
  encode(made, write) {
    // A copy of a class is another class: what a step gives may not hold one.
    if (!isWriting()) return refuse(`the class \`${made.name}\` of a flow, outside the flow's run`, "Return plain data from the step, and make the instance in the flow.");
    const { id, env, making } = classTag(made);
    note(codeText("class", id));
    const payload: { [key: string]: Json } = { code: id };
    if (Object.keys(env).length > 0) payload["env"] = writeNames(env, write);
    if (making.keys.length > 0) payload["keys"] = making.keys.map((key) => write(key, via(".[]")));
    const base = Object.getPrototypeOf(made) as object;
    if (base !== usualBase(id, making)) payload["extends"] = base === Function.prototype ? null : write(base, via("(extends)"));
    if (typeof base !== "function") refuse(`the class \`${made.name}\`, which was given an object as prototype`, "Give it a class or a function.");
    const own = writeChanges(made, making.statics, base, write);
    if (own !== undefined) payload["own"] = own;
    const members = writeChanges(made.prototype, making.members, usualUnder(base), write);
    if (members !== undefined) payload["members"] = members;
    const { hiddenStatics } = making;
    if (hiddenStatics !== undefined) {
      const values = hiddenStatics.get() as readonly unknown[];
      payload["private"] = privateNames(Object.keys(env), making, "class").map((name) => write(values[hiddenStatics.names.indexOf(name)], via(`.${name}`)));
    }
    return payload;
  },
  create(payload, read) {
    const { code, env, keys } = objectPayload(payload);
    const id = readId(textPayload(code));
    const captured: Env = {};
    const key = env === undefined ? undefined : objectPayload(env)["~key"];
    // The others keep their places, so that it is written as it was read.
    if (env !== undefined && key !== undefined) for (const name of Object.keys(objectPayload(env))) define(captured, name, name === "~key" ? read(key, name) : undefined);
    // A class that has none any more asks for none.
    const names = keys === undefined || !hasKeys(id) ? [] : listPayload(keys).map((part) => keyOf(read(part, via(".[]"))));
    const made = classAgain(id, captured, names);
    if (made === undefined) return fail((path) => new UnknownCodeError(path, id));
    if (env !== undefined) classTag(made).making.stored = Object.keys(objectPayload(env));
    return made;
  },
  fill(made, payload, read) {
    const { env, extends: stored, own, members, private: hidden } = objectPayload(payload);
    const { id, env: captured, making } = classTag(made);
    if (env !== undefined) readNames(env, captured, read);
    fitEnv("class", id, captured);
    const base = stored === undefined ? usualBase(id, making) : (read(stored, via("(extends)")) ?? Function.prototype);
    if (typeof base !== "function") corrupt("a class extends a class or a function");
    Object.setPrototypeOf(made, base as object);
    readChanges(made, own, making.statics, read);
    Object.setPrototypeOf(made.prototype, prototypeUnder(base as object));
    readChanges(made.prototype, members, making.members, read);
    if (hidden === undefined) return;
    const { hiddenStatics } = making;
    const values = listPayload(hidden);
    const names = privateNames(making.stored, making, "class");
    if (names.length !== values.length) return corrupt("the private names of the class are others");
    hiddenStatics?.set?.(undefined, hiddenStatics.names.map((name) => read(values[names.indexOf(name)] ?? null, via(`.${name}`))));
  },
  finish(made, payload) {
    const { own, members } = objectPayload(payload);
    closeChanged(made.prototype, members);
    closeChanged(made, own);
  },
};

export function classTag(made: object): ClassTag {
  return shared.tags.get(made) as ClassTag;
}

/** What the head of the class leads to in this process; undefined where only the frame can say. */
function usualBase(id: string, making: Making): unknown {
  if (!making.derived) return Function.prototype;
  return shared.classCodes.get(id)?.meta.base?.();
}

/** Undefined where the frame says it: the `prototype` of a function may get its present value later than the class is read. */
function usualUnder(base: object): object | null | undefined {
  return base === Function.prototype || shared.tags.get(base)?.kind === "class" ? prototypeUnder(base) : isCompiled(base) ? undefined : prototypeUnder(base);
}

/** The prototype that instances of a base have. */
function prototypeUnder(base: object): object | null {
  if (base === Function.prototype) return Object.prototype;
  const prototype: unknown = Object.getOwnPropertyDescriptor(base, "prototype")?.value;
  return typeof prototype === "object" ? prototype : Object.prototype;
}

function hasKeys(id: string): boolean {
  return loaded.class(id)?.some((slot) => slot.key.startsWith("~keys~")) === true;
}

function keyOf(value: unknown): PropertyKey {
  return typeof value === "string" || typeof value === "symbol" ? value : corrupt("expected the key of a property");
}
