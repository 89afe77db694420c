// Lists of the runtime grow by elements of their own, as literals make them: one of Array.prototype or Object.prototype may be
// read-only, or a setter.

const { prototype } = Array;
const { defineProperty } = Reflect;

export function append<T>(list: T[], value: T): void {
  const { length } = list;
  if (length in prototype) defineProperty(list, length, { value, writable: true, enumerable: true, configurable: true });
  else list[length] = value;
}
