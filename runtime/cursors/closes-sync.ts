// Whether this engine closes an iterator that is not async when the wrapper that `for await` and `yield*` put around it fails
// (ECMA-262 2025, Node 24): a compiled program does what the engine does.

let known: boolean | undefined;

export function closesSyncIterators(): boolean {
  return (known ??= probe());
}

/** The wrapper looks at the `constructor` of a promise at once, and fails if that throws. */
function probe(): boolean {
  let closed = false;
  const value = Object.defineProperty(Promise.resolve(), "constructor", { get() { throw new TypeError("looked at"); } });
  const iterator: IterableIterator<unknown> = {
    next: () => ({ value, done: false }),
    return: () => {
      closed = true;
      return { value: undefined, done: true };
    },
    [Symbol.iterator]: () => iterator,
  };
  void walk(iterator);
  return closed;
}

async function walk(iterator: Iterable<unknown>): Promise<void> {
  try {
    for await (const _ of iterator) return;
  } catch {
    // It fails everywhere; what matters is what it does before.
  }
}
