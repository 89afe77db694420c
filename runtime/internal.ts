// All that emitted code calls, under the name `$`. What is here, with its contract number, is the compiler's contract with
// every runtime that will run its output.

import { abandon, advance, close, iterate, keys } from "./cursor.ts";

export { CONTRACT as contract } from "./shared.ts";
export { asyncGenerator, generator } from "./generators/functions.ts";
export { delegate, give } from "./generators/machine.ts";
export { code, flow, strand } from "./flow.ts";
export { class } from "./class.ts";
export { refused } from "./refused.ts";
export { again, done, fail, into as in, out, stop, unknownPoint } from "./strand.ts";
export { closed, closing, iterateAsync, more, quitting, stepAsync } from "./cursors/async.ts";
export { ownPromise as OwnPromise, promise as Promise, withOwnResolvers, withResolvers } from "./deferred.ts";
export { durable, isStop as stops } from "./durable.ts";
export { cell, check, constant, copy, get, live, set, tdz } from "./cell.ts";
export { bind, call, collected, construct, spread } from "./call.ts";
export { accessor, literal, methodOf as method, superOf as super } from "./literal.ts";
export { element, key, lastKey, nameKey, object, remaining, rest } from "./pattern.ts";
export { dereference, reference } from "./reference.ts";
export { symbol } from "./symbol.ts";
export { after, makeArguments as arguments } from "./arguments.ts";
export { dispose, disposing, resources, suppress, use, useAsync } from "./resources.ts";
export { template } from "./template.ts";
export { all, allSettled, any, race, reject, resolve } from "./combinators.ts";
export { abandon, advance, close, iterate, keys };
export type { CompiledFlow, Meta } from "./registry.ts";
export type { Frame, Machine } from "./strand.ts";
