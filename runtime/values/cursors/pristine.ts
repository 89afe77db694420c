// Whether the built-in iterators still are what they were when this module was loaded. A program may replace any of these
// methods; then the protocol is driven as it stands.

type Walk = "keys" | "values" | "entries";
type Method = (...args: never[]) => unknown;

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;

const arrayMethods: Record<Walk, unknown> = { keys: [].keys, values: [].values, entries: [].entries };
const typedMethods: Record<Walk, unknown> = { keys: typedArray.keys, values: typedArray.values, entries: typedArray.entries };
const mapMethods: Record<Walk, unknown> = { keys: Map.prototype.keys, values: Map.prototype.values, entries: Map.prototype.entries };
const setMethods: Record<Walk, unknown> = { keys: Set.prototype.keys, values: Set.prototype.values, entries: Set.prototype.entries };
const stringMethod: unknown = String.prototype[Symbol.iterator];

interface IteratorPrototype {
  next: Method;
  return?: unknown;
}

const prototypeOf = (iterator: object): IteratorPrototype => Object.getPrototypeOf(iterator) as IteratorPrototype;
const arrayIterator = prototypeOf([][Symbol.iterator]());
const mapIterator = prototypeOf(new Map()[Symbol.iterator]());
const setIterator = prototypeOf(new Set()[Symbol.iterator]());
const stringIterator = prototypeOf(""[Symbol.iterator]());
const iteratorSelf: unknown = (arrayIterator as unknown as Iterable<unknown>)[Symbol.iterator];

const next = { array: arrayIterator.next, map: mapIterator.next, set: setIterator.next, string: stringIterator.next };

/** Which walk `collection[Symbol.iterator]` is, for a method of a built-in. */
export function defaultWalk(method: unknown): Walk | undefined {
  if (method === mapMethods.entries) return "entries";
  return method === arrayMethods.values || method === typedMethods.values || method === setMethods.values || method === stringMethod
    ? "values"
    : undefined;
}

export function isArrayMethod(method: unknown, walk: Walk): boolean {
  return method === arrayMethods[walk] && arrayIterator.next === next.array && arrayIterator.return === undefined;
}

export function isTypedArrayMethod(method: unknown, walk: Walk): boolean {
  return method === typedMethods[walk] && arrayIterator.next === next.array && arrayIterator.return === undefined;
}

export function isMapMethod(method: unknown, walk: Walk): boolean {
  return method === mapMethods[walk] && mapIterator.next === next.map && mapIterator.return === undefined;
}

export function isSetMethod(method: unknown, walk: Walk): boolean {
  return method === setMethods[walk] && setIterator.next === next.set && setIterator.return === undefined;
}

export function isStringMethod(method: unknown): boolean {
  return method === stringMethod && stringIterator.next === next.string && stringIterator.return === undefined;
}

/** `for (x of map.keys())` asks the iterator itself for an iterator. */
export function iteratorReturnsItself(): boolean {
  return (arrayIterator as unknown as Iterable<unknown>)[Symbol.iterator] === iteratorSelf;
}
