// The arguments of a call. A machine reads its parameters by index: those that were not passed are not elements of Array.prototype.

const { prototype } = Array;
const { ownKeys, getOwnPropertyDescriptor, defineProperty, setPrototypeOf } = Reflect;

/** Array.prototype as it was when the runtime was loaded, with nothing behind it. */
const elementless = Object.create(null) as object;

for (const key of ownKeys(prototype)) defineProperty(elementless, key, getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor);

export function passed(args: unknown[]): unknown[] {
  // It is an array too, so its length tells whether it has, or had, elements.
  if (prototype.length !== 0) setPrototypeOf(args, elementless);
  return args;
}
