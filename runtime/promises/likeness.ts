// What programs can tell a durable promise from a native one by, and compiled code does not show them.
//
//   Object.getPrototypeOf(p)              →   $.twin(Object.getPrototypeOf)(p)
//   p.__proto__                           →   $.native(p.__proto__)
//   p.then === Promise.prototype.then     →   $.native(p.then) === $.native(Promise.prototype.then)

import { apply } from "../realm/intrinsics.ts";
import { CallbackHalf, NativeHalf } from "./durable.ts";

const { prototype } = Promise;
const { then: nativeThen, finally: nativeFinally } = prototype as unknown as Record<"then" | "finally", unknown>;

/** What a native promise has where a durable one has `value`; everything else as it is. */
export function likeNative(value: unknown): unknown {
  switch (value) {
    case NativeHalf.prototype:
    case CallbackHalf.prototype: return prototype;
    case NativeHalf.methods.then: return nativeThen;
    case NativeHalf.methods.finally: return nativeFinally;
    default: return value;
  }
}

type Callee = (this: unknown, ...args: never[]) => unknown;

/** The functions that give the prototype of an object, as they are when the runtime is loaded. */
export const prototypes: readonly Callee[] = [Object.getPrototypeOf, Reflect.getPrototypeOf];

/** As `native`, one of `prototypes`, with what programs are shown. */
export function shownBy(native: Callee): Callee {
  return function getPrototypeOf(this: unknown, ...args): unknown {
    return likeNative(apply(native, this, args));
  };
}
