// All that emitted code calls, under the name `$`. What is here, with its contract number, is the compiler's contract with
// every runtime that will run its output.

import { abandon, advance, close, iterate, keys } from "./values/cursor.ts";

export { CONTRACT as contract } from "./realm/shared.ts";
export { asyncGenerator, generator } from "./values/generators/functions.ts";
export { delegate, give } from "./values/generators/machine.ts";
export { code, flow, strand } from "./strands/flow.ts";
export { class } from "./values/class.ts";
export { refused } from "./strands/refused.ts";
export { again, done, fail, into as in, out, stop, unknownPoint } from "./strands/strand.ts";
export { closed, closing, iterateAsync, more, quitting, stepAsync } from "./values/cursors/async.ts";
export { ownPromise as OwnPromise, promise as Promise, withOwnResolvers, withResolvers } from "./promises/deferred.ts";
export { durable, isStop as stops } from "./promises/durable.ts";
export { cell, check, constant, copy, get, live, set, tdz } from "./values/cell.ts";
export { bind, call, collected, construct, spread } from "./values/call.ts";
export { accessor, literal, methodOf as method, superOf as super } from "./values/literal.ts";
export { element, key, lastKey, nameKey, object, remaining, rest, skip } from "./values/pattern.ts";
export { dereference, reference } from "./values/reference.ts";
export { symbol } from "./realm/symbol.ts";
export { after, makeArguments as arguments } from "./values/arguments.ts";
export { dispose, disposing, resources, suppress, use, useAsync } from "./values/resources.ts";
export { template } from "./values/template.ts";
export { all, allSettled, any, race, reject, resolve, tried as try } from "./promises/combinators.ts";
export { likeNative as native } from "./promises/likeness.ts";
export { twin } from "./promises/twins.ts";
export { abandon, advance, close, iterate, keys };
export type { CompiledFlow, Meta } from "./strands/registry.ts";
export type { Frame, Machine } from "./strands/strand.ts";
