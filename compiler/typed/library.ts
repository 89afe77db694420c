// The objects of the language and of its hosts: which of them the codec keeps, as its README says, and which it refuses.

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Kept by value, or by the name under which the language has them. What has parts is kept if they are. */
export const kept: ReadonlySet<string> = new Set(words(`
  Date RegExp URL URLSearchParams Map Set ReadonlyMap ReadonlySet Array ReadonlyArray ConcatArray Error EvalError RangeError ReferenceError
  SyntaxError TypeError URIError AggregateError SuppressedError DOMException ErrnoException ArrayBuffer ArrayBufferView DataView Int8Array Uint8Array
  Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array Buffer
  String Number Boolean Symbol BigInt Math JSON Reflect Atomics Console IArguments TemplateStringsArray RegExpMatchArray RegExpExecArray`));

/** What flow code can make itself: nothing is known of who made this one. */
export const open: ReadonlySet<string> = new Set(words(`
  Object Function CallableFunction NewableFunction Iterable Iterator IterableIterator IteratorObject Generator AsyncIterable AsyncIterator
  AsyncIterableIterator AsyncIteratorObject AsyncGenerator ArrayLike PromiseLike Promise Disposable AsyncDisposable PropertyDescriptor
  TypedPropertyDescriptor PropertyDescriptorMap ArrayBufferTypes`));

/** Refused, with what to do instead. */
const tied = "It belongs to this process: make it again where it is needed, or in a step.";
const weak = "What it holds weakly cannot be listed: use a Map or a Set, or keep an id.";
const iterator = "A native iterator does not tell where it stands: keep the collection, or iterate with for-of inside the flow.";

export const refused: ReadonlyMap<string, string> = new Map([
  ...words("WeakMap WeakSet WeakRef FinalizationRegistry").map((name) => [name, weak] as const),
  ...words("ArrayIterator MapIterator SetIterator StringIterator RegExpStringIterator").map((name) => [name, iterator] as const),
  ...words(`
    SharedArrayBuffer AbortController AbortSignal Headers Request Response FormData Blob File ReadableStream WritableStream TransformStream
    CompressionStream DecompressionStream TextEncoder TextDecoder TextEncoderStream TextDecoderStream EventTarget Event CustomEvent
    MessageChannel MessagePort BroadcastChannel WebSocket EventSource Worker Performance Crypto SubtleCrypto CryptoKey NumberFormat DateTimeFormat
    Collator PluralRules RelativeTimeFormat ListFormat Segmenter DisplayNames Locale DisposableStack AsyncDisposableStack Timeout Timer
    Immediate Process`).map((name) => [name, tied] as const),
]);
