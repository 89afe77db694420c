// The built-ins as they were when the runtime was loaded. A program may replace those of its realm while it runs, and the
// runtime is no part of what it means to change:
//
//   while compiled code runs   the runtime walks its own lists by index, and waits by `await`, which asks for no method
//   at a stop                  `pristine` puts the built-ins back for as long as a run is written or read
//
// Left as the program made it: what the program itself would have called, such as the iterator of what it spreads.

import { append } from "./append.ts";
import { holders, intact } from "./intact.ts";

interface Watched {
  readonly object: object;
  readonly key: PropertyKey;
  readonly value: unknown;
}

const arrays = Array.prototype;
const objects = Object.prototype;
const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;

/** Integer keys come first, so this tells that there are none: 0.3 µs. */
const [firstKey] = ownKeys(objects);

export { apply };

const watched: Watched[] = holders.flatMap((object) => ownKeys(object).flatMap((key) => {
  const value: unknown = getOwnPropertyDescriptor(object, key)?.value;
  return typeof value === "function" && key !== "constructor" && key !== "prototype" ? [{ object, key, value }] : [];
}));

/** Collections of the runtime's own, with the methods that Map and its like had when it was loaded. */
export class OwnMap<K, V> extends Map<K, V> {}
export class OwnSet<T> extends Set<T> {
  /** Made while programs run: the constructor that a class has of itself asks the list of its arguments for their iterator. */
  // oxlint-disable-next-line no-useless-constructor -- said above
  constructor(elements?: Iterable<T>) {
    super(elements);
  }
}
export class OwnWeakMap<K extends WeakKey, V> extends WeakMap<K, V> {}
export class OwnWeakSet<T extends WeakKey> extends WeakSet<T> {}

for (const [own, native] of [[OwnMap, Map], [OwnSet, Set], [OwnWeakMap, WeakMap], [OwnWeakSet, WeakSet]] as const) {
  for (const key of ownKeys(native.prototype)) {
    if (key !== "constructor") defineProperty(own.prototype, key, getOwnPropertyDescriptor(native.prototype, key) as PropertyDescriptor);
  }
}

interface Replaced {
  readonly object: object;
  readonly key: PropertyKey;
  /** The program's; absent where it deleted the property. */
  readonly own: PropertyDescriptor | undefined;
}

/** Does what runs nothing of the program with the built-ins as they were. */
export function pristine<T>(work: () => T): T {
  return intact() && ownKeys(objects)[0] === firstKey ? work() : restored(work);
}

function restored<T>(work: () => T): T {
  const replaced: Replaced[] = [];
  for (let index = 0; index < watched.length; index++) {
    const { object, key, value } = watched[index] as Watched;
    if ((object as Record<PropertyKey, unknown>)[key] === value) continue;
    append(replaced, { object, key, own: getOwnPropertyDescriptor(object, key) });
    // One that the program froze stays.
    defineProperty(object, key, { value, writable: true, configurable: true, enumerable: false });
  }
  withoutElements(replaced, arrays);
  withoutElements(replaced, objects);
  try {
    return work();
  } finally {
    for (let index = 0; index < replaced.length; index++) {
      const { object, key, own } = replaced[index] as Replaced;
      if (own === undefined) deleteProperty(object, key);
      else defineProperty(object, key, own);
    }
  }
}

/** Array.prototype and Object.prototype have none, and one would be in the way of each list that grows. Their keys come before all others. */
function withoutElements(replaced: Replaced[], object: object): void {
  const keys = ownKeys(object);
  for (let index = 0; index < keys.length && isElement(keys[index] as PropertyKey); index++) {
    const key = keys[index] as string;
    append(replaced, { object, key, own: getOwnPropertyDescriptor(object, key) });
    deleteProperty(object, key);
  }
}

function isElement(key: PropertyKey): boolean {
  return typeof key === "string" && String((key as unknown as number) >>> 0) === key;
}

/** `Promise.resolve(value).then(fulfilled, rejected)`, in as many ticks and by nobody's `then`. */
export async function whenSettled(value: unknown, fulfilled: (value: unknown) => void, rejected: (error: unknown) => void): Promise<void> {
  let result: unknown;
  try {
    result = await value;
  } catch (error) {
    return rejected(error);
  }
  fulfilled(result);
}

/** Calls back where `moving` fails. */
export async function whenRejected(moving: Promise<unknown>, rejected: (error: unknown) => void): Promise<void> {
  try {
    await moving;
  } catch (error) {
    rejected(error);
  }
}
