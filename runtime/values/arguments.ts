// The `arguments` object of a compiled function: a real one, which frames keep as the list of its values.

import { append } from "../realm/append.ts";
import { type Json, type Kind, type Read, refuse, type Write } from "../codec/kind.ts";
import { listPayload } from "../codec/fields.ts";
import { apply } from "../realm/intrinsics.ts";
import { shared } from "../realm/shared.ts";

export function makeArguments(values: readonly unknown[]): IArguments {
  const object = apply(strict as (...args: never[]) => unknown, undefined, values as never[]) as IArguments;
  shared.argumentObjects.add(object);
  return object;
}

/** What `...rest` among parameters holds, after the first ones. */
export function after(values: readonly unknown[], count: number): unknown[] {
  const rest: unknown[] = [];
  for (let index = count; index < values.length; index++) append(rest, values[index]);
  return rest;
}

/** As calls make them, save for the values. */
function isUsual(object: IArguments): boolean {
  const fresh = strict(...Array.from(object));
  const [keys, usual] = [Reflect.ownKeys(object), Reflect.ownKeys(fresh)];
  if (Object.getPrototypeOf(object) !== Object.prototype || keys.length !== usual.length) return false;
  return keys.every((key, index) => key === usual[index] && isSame(object, fresh, key));
}

function isSame(object: object, fresh: object, key: PropertyKey): boolean {
  const [now, then] = [Object.getOwnPropertyDescriptor(object, key), Object.getOwnPropertyDescriptor(fresh, key)] as [PropertyDescriptor, PropertyDescriptor];
  if (now.get !== then.get || now.enumerable !== then.enumerable || !Object.is(now.value, then.value)) return false;
  // The mark of a closed object tells the rest.
  if (Object.isFrozen(object)) return true;
  return now.writable === then.writable && (now.configurable === then.configurable || Object.isSealed(object));
}

/** Modules are strict, so the object is not linked to the parameters. */
function strict(..._values: unknown[]): IArguments {
  // oxlint-disable-next-line prefer-rest-params -- the object itself is what is wanted
  return arguments;
}

const { toString } = Object.prototype;

export const argumentsKind: Kind<IArguments> = {
  tag: "$args",
  instances: shared.argumentObjects,
  fromBirth: true,
  // Of functions that are no machines.
  test: (value) => apply(toString, value, []) === "[object Arguments]" && !(Symbol.toStringTag in value),
  encode(object: IArguments, write: Write): Json {
    if (!isUsual(object)) refuse("an arguments object that was changed", "Copy it: [...arguments].");
    return Array.from(object, (value, index) => write(value, index));
  },
  create: (payload: Json): IArguments => makeArguments(listPayload(payload).map(() => undefined)),
  fill(object: IArguments, payload: Json, read: Read): void {
    for (const [index, part] of listPayload(payload).entries()) object[index] = read(part, index);
  },
};
