// Where two object graphs differ, stricter than any deepEqual: identity, cycles, prototypes, property attributes, key
// order, holes, -0, symbols, what collections and buffers hold, and whether objects are frozen.

type Path = string;

/** The first difference as text, or undefined. */
export function difference(one: unknown, other: unknown): string | undefined {
  return new Comparison().compare(one, other, "value");
}

class Comparison {
  readonly #pairs = new Map<unknown, unknown>();
  readonly #backwards = new Map<unknown, unknown>();

  compare(one: unknown, other: unknown, path: Path): string | undefined {
    const waiting: [unknown, unknown, Path][] = [[one, other, path]];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const found = this.#pair(...next, waiting);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #pair(one: unknown, other: unknown, path: Path, waiting: [unknown, unknown, Path][]): string | undefined {
    if (isUnique(one) && isUnique(other)) return this.#uniques(one, other, path);
    if (typeof one !== "object" || one === null) return Object.is(one, other) ? undefined : `${path}: ${print(one)} against ${print(other)}`;
    if (typeof other !== "object" || other === null) return `${path}: an object against ${print(other)}`;
    const known = this.#pairs.get(one);
    if (known !== undefined || this.#backwards.has(other)) {
      return known === other && this.#backwards.get(other) === one ? undefined : `${path}: not the same identity`;
    }
    this.#pairs.set(one, other);
    this.#backwards.set(other, one);
    if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return `${path}: another prototype`;
    if (Object.isExtensible(one) !== Object.isExtensible(other)) return `${path}: only one is extensible`;
    return this.#state(one, other, path, waiting) ?? this.#properties(one, other, path, waiting);
  }

  /** Equal only to themselves, they must stand in the same places. */
  #uniques(one: symbol, other: symbol, path: Path): string | undefined {
    if (one.description !== other.description) return `${path}: another symbol`;
    if (!this.#pairs.has(one) && !this.#backwards.has(other)) {
      this.#pairs.set(one, other);
      this.#backwards.set(other, one);
    }
    return this.#pairs.get(one) === other && this.#backwards.get(other) === one ? undefined : `${path}: not the same symbol`;
  }

  #state(one: object, other: object, path: Path, waiting: [unknown, unknown, Path][]): string | undefined {
    const [left, right] = [stateOf(one), stateOf(other)];
    if (left.length !== right.length) return `${path}: ${left.length} parts against ${right.length}`;
    for (const [index, part] of left.entries()) waiting.push([part, right[index], `${path}<${index}>`]);
    return undefined;
  }

  #properties(one: object, other: object, path: Path, waiting: [unknown, unknown, Path][]): string | undefined {
    if (ArrayBuffer.isView(one)) return undefined;
    // The order in which an engine puts an error's hidden properties is its own affair.
    const order = (keys: PropertyKey[]): string => (one instanceof Error ? keys.map(String).toSorted() : keys.map(String)).join();
    const keys = Reflect.ownKeys(one);
    if (order(keys) !== order(Reflect.ownKeys(other))) return `${path}: keys ${keys.map(String).join()} against ${Reflect.ownKeys(other).map(String).join()}`;
    for (const key of keys) {
      const left = Object.getOwnPropertyDescriptor(one, key) as PropertyDescriptor;
      const right = Object.getOwnPropertyDescriptor(other, key) as PropertyDescriptor;
      const attributes = ({ enumerable, writable, configurable }: PropertyDescriptor): string => String([enumerable, writable, configurable]);
      if (key !== "stack" && attributes(left) !== attributes(right)) return `${path}.${String(key)}: other attributes`;
      waiting.push([(one as Record<PropertyKey, unknown>)[key], (other as Record<PropertyKey, unknown>)[key], `${path}.${String(key)}`]);
    }
    return undefined;
  }
}

function isUnique(value: unknown): value is symbol {
  return typeof value === "symbol" && Symbol.keyFor(value) === undefined && !Object.values(Object.getOwnPropertyDescriptors(Symbol)).some((p) => p.value === value);
}

/** What an object holds outside its properties. */
function stateOf(value: object): unknown[] {
  if (value instanceof Map) return [...value].flat(1);
  if (value instanceof Set) return [...value];
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof RegExp) return [value.source, value.flags];
  if (value instanceof URL) return [value.href];
  if (value instanceof URLSearchParams) return [value.toString()];
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (ArrayBuffer.isView(value)) return [value.buffer, value.byteOffset, value.byteLength];
  if (value instanceof DOMException) return [value.message, value.name];
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return [value.valueOf()];
  const tag = Object.prototype.toString.call(value);
  return tag === "[object BigInt]" || tag === "[object Symbol]" ? [(value as { valueOf(): unknown }).valueOf()] : [];
}

function print(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "bigint" ? `${value}n` : typeof value === "string" ? JSON.stringify(value) : typeof value === "object" ? String(value && "an object") : String(value);
}
