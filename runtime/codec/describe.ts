// What a refused value is, in words that complete "`path` is …", and what to do about it.

import { refuse } from "./kind.ts";
import { builtinModule, isProxy } from "./node.ts";

/** Refuses an object or function that no kind takes. */
export function refuseObject(value: object): never {
  if (isProxy(value)) return refuse("a Proxy", "Keep the object behind it: a stored copy would lose the handler.");
  if (typeof value === "function") return refuseFunction(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const known = refusals.get(tag);
  if (known !== undefined) return refuse(known[0], known[1]);
  if (tag.endsWith(" Iterator")) return refuse(`a native ${tag}`, iteratorHint);
  const name = classNameOf(value);
  const module = name === undefined ? undefined : moduleOf(value, name);
  if (module !== undefined) return refuse(`a ${module}.${name}`, "It is tied to this process: open it again where it is needed.");
  if (name === undefined) return refuse("an object whose prototype is another object", "Copy its data into a plain object.");
  return refuse(
    `an instance of the class \`${name}\`, which is not registered`,
    `Call serializable(${name}, { name: "${name}", version: 1 }) where the class is declared, or keep plain data.`,
  );
}

function refuseFunction(value: object): never {
  const name = String(Object.getOwnPropertyDescriptor(value, "name")?.value ?? "") || "(anonymous)";
  // Reading the source calls nothing of the user's.
  if (/^class\b/.test(Function.prototype.toString.call(value))) {
    return refuse(`the class \`${name}\``, "Refer to it by its import at the place of use instead of keeping it in a local.");
  }
  return refuse(
    `the function \`${name}\``,
    "Only functions written inside a flow can be stored. Call this one by its import instead of keeping it in a local.",
  );
}

const iteratorHint = "A native iterator does not tell where it stands: keep the collection, or iterate with for-of inside the flow.";

const refusals = new Map<string, readonly [string, string]>([
  ["Promise", ["a promise", "Await it before the wait: an ordinary promise lives in this process only."]],
  ["Generator", ["a generator", "Collect what it yields before the wait, or make the producer a flow."]],
  ["AsyncGenerator", ["an async generator", "Collect what it yields before the wait, or make the producer a flow."]],
  ["WeakMap", ["a WeakMap", "Use a Map: what a weak collection holds cannot be listed."]],
  ["WeakSet", ["a WeakSet", "Use a Set: what a weak collection holds cannot be listed."]],
  ["WeakRef", ["a WeakRef", "Keep the object itself, or its id."]],
  ["SharedArrayBuffer", ["a SharedArrayBuffer", "Copy it: memory shared with other threads cannot be stored."]],
  ["AbortSignal", ["an AbortSignal", "Pass it where it is used: it belongs to this process."]],
]);

function classNameOf(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null) return undefined;
  // Through the descriptor: an accessor named `constructor` must not run.
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof made !== "function") return undefined;
  const name: unknown = Object.getOwnPropertyDescriptor(made, "name")?.value;
  return typeof name === "string" && name !== "" ? name : undefined;
}

// The modules whose objects people most often leave in a local.
const modules = ["net", "tls", "http", "https", "http2", "fs", "stream", "child_process", "worker_threads", "crypto", "events", "timers", "async_hooks"];

function moduleOf(value: object, name: string): string | undefined {
  const made: unknown = (Object.getPrototypeOf(value) as { constructor?: unknown }).constructor;
  return modules.find((module) => {
    const found = builtinModule(`node:${module}`);
    return found !== undefined && Object.hasOwn(found, name) && found[name] === made;
  });
}
