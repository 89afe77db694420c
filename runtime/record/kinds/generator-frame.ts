// What the stored forms of generators have in common: whose they are, and where they stand.

import { corrupt, fail, type Json, refuse, via, type Read, type Write } from "../../codec/kind.ts";
import { extraKeys, listPayload, objectPayload, textPayload } from "../../codec/fields.ts";
import { UnknownPointError } from "../../errors/load.ts";
import type { GeneratorFrame } from "../../values/generators/machine.ts";
import { objectOf } from "./cursor.ts";
import { passed } from "../../strands/passed.ts";
import { type CompiledFunction, type Env, type GeneratorEntry, placeOf, type Tag } from "../../strands/registry.ts";
import { shared } from "../../realm/shared.ts";

export type Payload = { [key: string]: Json };

interface Stored extends GeneratorFrame {
  readonly entry: GeneratorEntry;
  readonly callee: CompiledFunction;
}

/** `of`: its function. */
export function writeOwner(object: object, { callee }: Stored, write: Write): Payload {
  if (Object.getPrototypeOf(object) !== callee.prototype) refuse("a generator whose prototype was changed");
  const [extra] = extraKeys(object);
  if (extra !== undefined) refuse(`a generator with the extra property \`${String(extra)}\``, "Keep the extra data in a variable of its own.");
  return { of: write(callee, via("")) };
}

/** `point` and `locals`, or the `args` of one that has not begun. */
export function writePosition({ self, args, point, locals }: Stored, payload: Payload, write: Write): void {
  if (self !== undefined) payload["self"] = write(self, via(".this"));
  if (point === undefined) payload["args"] = args.map((value, index) => write(value, index));
  else {
    payload["point"] = point;
    payload["locals"] = write(locals, "locals");
  }
}

interface Owner {
  readonly callee: CompiledFunction;
  readonly entry: GeneratorEntry;
  readonly env: Env;
}

export function readOwner(payload: Payload, async: boolean, read: Read): Owner {
  const callee = read(payload["of"] ?? null, via("")) as CompiledFunction;
  const tag: Tag | undefined = typeof callee === "function" ? shared.tags.get(callee) : undefined;
  const entry = tag?.kind === "generator" ? shared.generators.get(tag.id) : undefined;
  if (entry === undefined || entry.async !== async) return corrupt("a generator must be one of a generator function");
  return { callee, entry, env: (tag as Extract<Tag, { env: Env }>).env };
}

export function readPosition(stored: { self: unknown; args: unknown[] } & Stored, payload: Payload, read: Read): void {
  const { self, args, point, locals } = payload;
  if (self !== undefined) stored.self = read(self, via(".this"));
  if (point === undefined) {
    stored.args = passed(listPayload(args).map((value, index) => read(value, index)));
    return;
  }
  const { meta } = stored.entry;
  stored.point = textPayload(point);
  if (!Object.hasOwn(meta.points, stored.point)) fail(() => new UnknownPointError(placeOf({ meta, point: stored.point })));
  stored.locals = objectOf(read(objectPayload(locals), "locals")) as Record<string, unknown>;
}
