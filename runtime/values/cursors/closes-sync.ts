// When this engine closes an iterator that is not async because the wrapper that `for await` and `yield*` put around it fails: a
// compiled program does what the engine does.
//
//   Node 20, 22   never
//   Node 24       when the value is rejected or cannot be awaited (ECMA-262 2025), and when `next` or `throw` itself fails, or their
//                 result cannot be read (V8's own: the standard closes then neither)

let known: { readonly rejected: boolean; readonly failed: boolean } | undefined;

/** The value of the iterator was rejected. */
export function closesSyncIterators(): boolean {
  return (known ??= probe()).rejected;
}

/** Its `next` or `throw` failed. */
export function closesFailedSyncIterators(): boolean {
  return (known ??= probe()).failed;
}

function probe(): { readonly rejected: boolean; readonly failed: boolean } {
  // The wrapper looks at the `constructor` of a promise at once, and fails if that throws.
  const value = Object.defineProperty(Promise.resolve(), "constructor", { get: fail });
  return { rejected: isClosed(() => ({ value, done: false })), failed: isClosed(fail) };
}

function fail(): never {
  throw new TypeError("looked at");
}

function isClosed(next: () => IteratorResult<unknown, unknown>): boolean {
  let closed = false;
  const iterator: IterableIterator<unknown> = {
    next,
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
