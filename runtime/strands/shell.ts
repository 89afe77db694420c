// The functions that callers of compiled code see: they have the name, the number of parameters and the prototype of the
// async function or generator they stand for.
//
// Defining `name` and `length` costs 500 ns each, more than everything else about a closure, so most are made with what they
// need: an empty name in the source of the literal, the usual numbers of parameters as parameters.

import { append } from "../realm/append.ts";
import { passed } from "./passed.ts";
import type { CompiledFunction } from "./registry.ts";

/** Starts the strand. */
type Launch = (self: unknown, args: unknown[]) => unknown;

type Method = (this: unknown, ...args: unknown[]) => unknown;

// oxlint-disable-next-line no-empty-function -- only its prototype is wanted
const asyncFunction = Object.getPrototypeOf(async () => {}) as object;

/** `like`: the prototype of the functions it stands for; of async ones unless said otherwise. */
export function shell(name: string, length: number, launch: Launch, like = asyncFunction): CompiledFunction {
  const made = name === "" ? anonymous(length, launch) : named(name, length, launch);
  if (length > 2) Object.defineProperty(made, "length", { value: length, configurable: true });
  return Object.setPrototypeOf(made, like) as CompiledFunction;
}

// Methods, since those are no constructors, as async functions are none. Only their number is wanted of the parameters.

/* oxlint-disable prefer-rest-params -- `...args` is no parameter to `length` */
function anonymous(length: number, launch: Launch): Method {
  switch (length) {
    case 1:
      return { ""(_: unknown) { return launch(this, listOf(arguments)); } }[""] as Method;
    case 2:
      return { ""(_: unknown, __: unknown) { return launch(this, listOf(arguments)); } }[""] as Method;
    default:
      return { ""(...args: unknown[]) { return launch(this, passed(args)); } }[""] as Method;
  }
}

function named(name: string, length: number, launch: Launch): Method {
  switch (length) {
    case 1:
      return { [name](this: unknown, _: unknown) { return launch(this, listOf(arguments)); } }[name] as Method;
    case 2:
      return { [name](this: unknown, _: unknown, __: unknown) { return launch(this, listOf(arguments)); } }[name] as Method;
    default:
      return { [name](this: unknown, ...args: unknown[]) { return launch(this, passed(args)); } }[name] as Method;
  }
}
/* oxlint-enable prefer-rest-params */

function listOf(args: IArguments): unknown[] {
  const list: unknown[] = [];
  for (let index = 0; index < args.length; index++) append(list, args[index]);
  return passed(list);
}
