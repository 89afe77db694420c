// Which own properties of a function made in a flow are more than enumerable data under names, and so are stored with their
// attributes: symbols, accessors, hidden ones, a name or a prototype that the program gave it.

import { refuse } from "../../codec/kind.ts";
import { asyncGeneratorPrototype } from "../../values/generators/async.ts";
import { generatorPrototype } from "../../values/generators/generator.ts";
import type { CompiledFunction, Env, Tag } from "../../strands/registry.ts";
import { shared } from "../../realm/shared.ts";

const given = new Set<PropertyKey>(["name", "length", "prototype", "arguments", "caller"]);
const none: readonly PropertyKey[] = [];

/** All keys that the function did not come with, if one of them needs more than `own`; else none. */
export function ownExtras(closure: CompiledFunction): readonly PropertyKey[] {
  const fresh = newlyMade(closure);
  if (Object.getPrototypeOf(closure) !== Object.getPrototypeOf(fresh)) refuse("a function whose prototype was set", "Give the function properties of its own instead.");
  for (const key of ["name", "length"]) if (!Object.hasOwn(closure, key)) refuse(`a function whose \`${key}\` was deleted`, "Leave it.");
  if (Reflect.ownKeys(fresh).some((key, index) => Reflect.ownKeys(closure)[index] !== key)) refuse("a function whose `length` or `name` was deleted and made again", "Leave it.");
  const keys = Reflect.ownKeys(closure).filter((key) => !given.has(key) || isChanged(closure, fresh, key));
  return keys.every((key) => isPlain(closure, key)) ? none : keys;
}

function isPlain(closure: CompiledFunction, key: PropertyKey): boolean {
  if (typeof key === "symbol" || given.has(key)) return false;
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(closure, key) as PropertyDescriptor;
  return writable === true && enumerable === true && configurable === true;
}

function isChanged(closure: CompiledFunction, fresh: CompiledFunction, key: PropertyKey): boolean {
  const [now, then] = [Object.getOwnPropertyDescriptor(closure, key), Object.getOwnPropertyDescriptor(fresh, key)];
  if (now === undefined || then === undefined) return now !== then;
  // That of a frozen function is told by its mark.
  if (!("value" in now) || now.enumerable !== then.enumerable || (Object.isExtensible(closure) && now.configurable !== then.configurable)) return true;
  return key === "prototype" ? !isPristine(now.value, closure) : now.value !== then.value;
}

/** As it was when the function was made. */
export function isPristine(prototype: unknown, made: CompiledFunction): boolean {
  if (typeof prototype !== "object" || prototype === null) return false;
  const [own, ...more] = Reflect.ownKeys(prototype);
  // Those of generators inherit from something of the language, and have no constructor.
  const base: unknown = Object.getPrototypeOf(prototype);
  if (own === undefined) {
    const tag = shared.tags.get(prototype);
    return tag?.kind === "prototype" && tag.of === made && (base === generatorPrototype || base === asyncGeneratorPrototype) && Object.isExtensible(prototype);
  }
  if (own !== "constructor" || more.length > 0 || base !== Object.prototype || !Object.isExtensible(prototype)) return false;
  const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(prototype, own) as PropertyDescriptor;
  return value === made && writable === true && enumerable === false && configurable === true;
}

// By what was registered, not by its id: a module that is evaluated again may have other code under the same id.
const known = new WeakMap<object, CompiledFunction>();

/** Another function of the same code. One under a computed key is named after it, so it is made for each. */
function newlyMade(closure: CompiledFunction): CompiledFunction {
  const { id, env } = shared.tags.get(closure) as Extract<Tag, { env: Env }>;
  const code = shared.strands.get(id) ?? shared.generators.get(id) ?? shared.codes.get(id);
  if (code === undefined) return closure;
  const keyed = "~key" in env;
  const cached = keyed ? undefined : known.get(code);
  if (cached !== undefined) return cached;
  const own = keyed ? { "~key": env["~key"] } : {};
  const made = "make" in code ? code.make(own, undefined) : code.factory(own);
  if (!keyed) known.set(code, made);
  return made;
}
