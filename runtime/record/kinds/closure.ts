// {"$fn": {"code": id, "env": {name: value}, "own": {…}}}: a function made in a flow, with what it captured.
// {"$flow": id}

import { fail, type Json, type Kind, refuse, via, type Read, type Write } from "../../codec/kind.ts";
import { define, objectPayload, textPayload } from "../../codec/fields.ts";
import { note, noteName } from "../../codec/noted.ts";
import { UnknownCodeError } from "../../errors/codec.ts";
import { hasItsPrototype } from "../../values/generators/functions.ts";
import { own as ownEnv } from "../../strands/owners.ts";
import { type CompiledFunction, type Env, flowCalled, isCompiled, type Tag } from "../../strands/registry.ts";
import { readId, readingRun } from "../session.ts";
import { ownExtras } from "./closure-properties.ts";
import { shared } from "../../realm/shared.ts";
import { fitEnv } from "../../versions/fit-env.ts";
import { codeText } from "../../versions/shape.ts";

type Closure = CompiledFunction;

export const flowKind: Kind<Closure> = {
  tag: "$flow",
  test: (value) => shared.tags.get(value)?.kind === "flow",
  named: true,
  encode(flow) {
    const { id } = tagOf(flow) as Extract<Tag, { kind: "flow" }>;
    noteName("flow", id);
    return id;
  },
  create: (payload) => flowCalled(textPayload(payload)).flow,
};

export const closureKind: Kind<Closure> = {
  tag: "$fn",
  test: isCompiled,
  encode(closure, write) {
    const { kind, id, env } = tagOf(closure) as Extract<Tag, { env: Env }>;
    if (kind === "generator" && !hasItsPrototype(closure)) refuse("a generator function whose `prototype` was changed", "Give the objects their methods in a class.");
    note(codeText("code", id));
    const payload: { [key: string]: Json } = { code: id };
    if (Object.keys(env).length > 0) payload["env"] = writeNames(env, write);
    const keys = Object.keys(closure);
    if (keys.length > 0 && ownExtras(closure).length === 0) payload["own"] = writeNames(closure, write);
    return payload;
  },
  extras: ownExtras,
  create(payload, read) {
    const id = readId(textPayload(objectPayload(payload)["code"]));
    // Captured values are filled in later; the function looks them up when it is called.
    const env: Env = {};
    const captured = objectPayload(payload)["env"] as { [key: string]: Json } | undefined;
    const key = captured?.["~key"];
    // A function under a computed key is named when it is made. The others keep their places, so that it is written as it was read.
    if (captured !== undefined && key !== undefined) for (const name of Object.keys(captured)) define(env, name, name === "~key" ? read(key, name) : undefined);
    const entry = shared.strands.get(id) ?? shared.generators.get(id);
    if (entry !== undefined) return entry.make(env, readingRun());
    const code = shared.codes.get(id);
    if (code === undefined) return fail((path) => new UnknownCodeError(path, id));
    if (code.strands) ownEnv(env, readingRun());
    const made = code.factory(env);
    shared.tags.set(made, { kind: "code", id, env });
    return made;
  },
  fill(closure, payload, read) {
    const { env, own } = objectPayload(payload);
    const { id, env: captured } = tagOf(closure) as Extract<Tag, { env: Env }>;
    if (env !== undefined) readNames(env, captured, read);
    fitEnv("code", id, captured);
    if (own !== undefined) readNames(own, closure, read);
  },
};

function tagOf(closure: object): Tag {
  return shared.tags.get(closure) as Tag;
}

/** What a function captured is named as the variable: `locals.add` captures `total` is at `locals.add(total)`. */
export function writeNames(values: object, write: Write): Json {
  const tree: { [key: string]: Json } = {};
  for (const [name, value] of Object.entries(values)) define(tree, name, write(value, via(`(${name})`)));
  return tree;
}

export function readNames(tree: Json, target: object, read: Read): void {
  for (const [name, part] of Object.entries(objectPayload(tree))) define(target, name, read(part, via(`(${name})`)));
}
