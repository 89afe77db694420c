// Lists of the runtime grow by elements of their own, as literals make them: one of Array.prototype may be read-only, or a setter.

const { prototype } = Array;
const { defineProperty } = Reflect;

export function append<T>(list: T[], value: T): void {
  // It is an array too, so its length tells whether it has, or had, elements.
  if (prototype.length === 0) list[list.length] = value;
  else defineProperty(list, list.length, { value, writable: true, enumerable: true, configurable: true });
}
