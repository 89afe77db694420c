// Object literals of compiled code: what only the finished object can be given. Accessors, because their functions must be
// ones that frames can hold; the home of methods that use `super`, because it is the object itself.

import { call } from "./call.ts";
import { shared } from "../realm/shared.ts";

type Accessor = (...args: never[]) => unknown;

/** The function of the only accessor of a literal: it has no other place to come from. */
export function accessor(holder: object): Accessor {
  const key = Reflect.ownKeys(holder)[0];
  const { get, set } = Object.getOwnPropertyDescriptor(holder, key as PropertyKey) as PropertyDescriptor;
  return (get ?? set) as Accessor;
}

/**
 * Completes a literal. An own accessor of it is a placeholder: called with its key, it gives the function to put in its
 * place. Spreads and values make data properties, so nobody else's accessor can be there.
 */
export function literal<T extends object>(object: T): T {
  const keys = Reflect.ownKeys(object);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as PropertyKey;
    const property = Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
    if ("value" in property) settle(property.value, object);
    else Object.defineProperty(object, key, { get: made(property.get, key, object), set: made(property.set, key, object) } as PropertyDescriptor);
  }
  return object;
}

function made(placeholder: Accessor | undefined, key: PropertyKey, home: object): Accessor | undefined {
  if (placeholder === undefined) return undefined;
  const found = Reflect.apply(placeholder, undefined, [key as never]) as Accessor;
  settle(found, home);
  return found;
}

/** A method that waits for its home has just been made by this literal: nobody else has seen it yet. */
function settle(value: unknown, home: object): void {
  if (typeof value !== "function") return;
  const tag = shared.tags.get(value);
  if (tag === undefined || !("env" in tag) || !Object.hasOwn(tag.env, "~home") || tag.env["~home"] !== undefined) return;
  tag.env["~home"] = home;
}

/** `super` in a method of `home`: what stands above it at the moment of use, read and written for `self`. */
export function superOf(home: object, self: unknown): object {
  return new Proxy(nothing, new Above(home, self));
}

const nothing = Object.create(null) as object;

class Above implements ProxyHandler<object> {
  readonly #home: object;
  readonly #self: unknown;

  constructor(home: object, self: unknown) {
    this.#home = home;
    this.#self = self;
  }

  get(_: object, key: PropertyKey): unknown {
    return Reflect.get(this.#above(), key, this.#self);
  }

  set(_: object, key: PropertyKey, value: unknown): boolean {
    return Reflect.set(this.#above(), key, value, this.#self);
  }

  deleteProperty(): never {
    throw new ReferenceError("Unsupported reference to 'super'");
  }

  /** Where there is nothing above, using it throws a TypeError. */
  #above(): object {
    return Object.getPrototypeOf(this.#home) as object;
  }
}

/** A method of `super` to be called where it stands: its receiver is not what it was read from. */
export function methodOf(found: unknown, self: unknown): unknown {
  if (found === undefined || found === null) return found;
  return (...args: unknown[]): unknown => call(found, self, args);
}
