// Settles native promises with values that no `then` is asked of: that was done when the durable promise was resolved, and a
// native one asks again.
//
//   async () => ({ get then() { trace("read") } })      natively "read" once, however many wait
//
// A `then` that is a getter, or a function that came later, is out of the way for as long as the native promise looks. That of a
// frozen object cannot be, and is asked again.

const { defineProperty, deleteProperty, getOwnPropertyDescriptor, isExtensible } = Reflect;

export function fulfil(resolve: (value: unknown) => void, value: unknown): void {
  if (((typeof value === "object" && value !== null) || typeof value === "function") && "then" in value) withoutThen(value, () => resolve(value));
  else resolve(value);
}

function withoutThen(object: object, work: () => void): void {
  const own = getOwnPropertyDescriptor(object, "then");
  const hidden = own === undefined ? isExtensible(object) : own.configurable === true;
  if (hidden) defineProperty(object, "then", { value: undefined, configurable: true, enumerable: own?.enumerable === true });
  try {
    work();
  } finally {
    if (hidden && own !== undefined) defineProperty(object, "then", own);
    else if (hidden) deleteProperty(object, "then");
  }
}
