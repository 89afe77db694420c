// Shows a value with parts of it replaced, for eyes that must not see all of a run.

/** Gives what is shown in place of a local, or of a property of an object in one; `value` itself to show it. */
export type Redact = (name: string, value: unknown) => unknown;

/** A copy as far as there is something to look into: plain objects, arrays, maps. */
export function redacted(locals: Readonly<Record<string, unknown>>, redact: Redact): Record<string, unknown> {
  return new Redaction(redact).entries(locals);
}

class Redaction {
  readonly #redact: Redact;
  readonly #seen = new Map<object, unknown>();

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  entries(from: object, into: Record<string, unknown> = {}): Record<string, unknown> {
    for (const [name, value] of Object.entries(from)) {
      Object.defineProperty(into, name, { value: this.#shown(name, value), enumerable: true, writable: true, configurable: true });
    }
    return into;
  }

  #shown(name: string, value: unknown): unknown {
    const shown = this.#redact(name, value);
    return shown === value ? this.#inside(value) : shown;
  }

  #inside(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (this.#seen.has(value)) return this.#seen.get(value);
    if (Array.isArray(value)) return this.#items(value);
    if (value instanceof Map) return this.#map(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    const copy = Object.create(prototype as object | null) as Record<string, unknown>;
    this.#seen.set(value, copy);
    return this.entries(value, copy);
  }

  #items(list: readonly unknown[]): unknown[] {
    const copy: unknown[] = [];
    this.#seen.set(list, copy);
    for (const item of list) copy.push(this.#inside(item));
    return copy;
  }

  #map(map: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> {
    const copy = new Map<unknown, unknown>();
    this.#seen.set(map, copy);
    for (const [key, value] of map) copy.set(key, this.#shown(String(key), value));
    return copy;
  }
}
