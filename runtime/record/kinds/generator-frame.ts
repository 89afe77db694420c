// What the stored forms of generators have in common: whose they are, and where they stand.

import { corrupt, fail, type Json, refuse, via, type Read, type Write } from "../../codec/kind.ts";
import { extraKeys, listPayload, objectPayload, textPayload } from "../../codec/fields.ts";
import { note } from "../../codec/noted.ts";
import type { GeneratorFrame } from "../../values/generators/machine.ts";
import { objectOf } from "./cursor.ts";
import { passed } from "../../strands/passed.ts";
import { type CompiledFunction, type Env, type GeneratorEntry, type Tag } from "../../strands/registry.ts";
import { shared } from "../../realm/shared.ts";
import { CapturesMisfitError } from "../../errors/versions.ts";
import { thisSlot } from "../../versions/atoms.ts";
import { fitted } from "../../versions/fit.ts";
import { pointText } from "../../versions/shape.ts";
import { readingRun } from "../session.ts";

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
export function writePosition({ entry: { meta }, self, args, point, locals }: Stored, payload: Payload, write: Write): void {
  if (self !== undefined || meta.self === true) payload["self"] = write(self, via(".this"));
  if (point === undefined) payload["args"] = args.map((value, index) => write(value, index));
  else {
    note(pointText({ meta, point, locals }));
    const region = meta.points[point]?.[3];
    payload["point"] = point;
    if (region !== undefined) payload["in"] = region;
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
  stored.point = textPayload(point);
  stored.locals = objectOf(read(objectPayload(locals), "locals")) as Record<string, unknown>;
}

/** Once all that it holds was read. */
export function fitPosition(stored: Stored, payload: Payload): void {
  const { point, locals, entry: { meta } } = stored;
  // One that has not begun stands at no point: what its function needs is known when it is read.
  if (meta.self === true && payload["args"] !== undefined && payload["self"] === undefined) fail((path) => new CapturesMisfitError(path, meta.id, [thisSlot.key], []));
  if (point === undefined || payload["point"] === undefined) return;
  const region = payload["in"] === undefined ? "" : textPayload(payload["in"]);
  ({ point: stored.point, locals: stored.locals } = fitted({ meta, point, region, self: payload["self"] !== undefined, locals }, readingRun()?.id));
}
