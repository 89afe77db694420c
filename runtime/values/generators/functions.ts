// The generator functions that compiled modules declare: like native ones to whoever looks at them, made anew with what they
// captured wherever a frame has one.

import { nameOf, runOf } from "../../strands/flow.ts";
import { type CompiledFunction, declareGenerator, type Env, type GeneratorEntry, type Maker, type Meta } from "../../strands/registry.ts";
import { ownerOf } from "../../strands/owners.ts";
import { shared } from "../../realm/shared.ts";
import { shell } from "../../strands/shell.ts";
import type { LiveRun } from "../../run/step.ts";
import { asyncGeneratorFunction, asyncGeneratorPrototype, makeAsyncGenerator } from "./async.ts";
import { Activation, generatorFunction, generatorPrototype, makeGenerator, newMaker } from "./generator.ts";
import type { GeneratorMachine } from "./machine.ts";

/** A generator function made in a flow. The result makes one of its closures. */
export function generator(meta: Meta, machine: GeneratorMachine): (env: Env) => CompiledFunction {
  const make = (env: Env): CompiledFunction => {
    const maker = newMaker();
    const made: CompiledFunction = shell(nameOf(meta, env), meta.length, (self, args) => {
      if (maker.prototype !== made.prototype) maker.prototype = made.prototype;
      return makeGenerator(new Activation(entry, env, made, meta.self === true ? self : undefined, args), maker);
    }, generatorFunction);
    return tagged(made, meta.id, env, maker.prototype as object);
  };
  const entry: GeneratorEntry = { meta, machine, async: false, make };
  declareGenerator(entry);
  return make;
}

/** An async one. Its generators belong to the run that calls it. */
export function asyncGenerator(meta: Meta, machine: GeneratorMachine): Maker {
  const make = (env: Env, owner: LiveRun | undefined): CompiledFunction => {
    const made: CompiledFunction = shell(nameOf(meta, env), meta.length, (self, args) =>
      makeAsyncGenerator(runOf(meta, owner), entry, env, made, meta.self === true ? self : undefined, args), asyncGeneratorFunction);
    return tagged(made, meta.id, env, Object.create(asyncGeneratorPrototype) as object);
  };
  const entry: GeneratorEntry = { meta, machine, async: true, make };
  declareGenerator(entry);
  return (env, around) => make(env, ownerOf(around));
}

/** Generators inherit from the `prototype` of their function. */
function tagged(made: CompiledFunction, id: string, env: Env, prototype: object): CompiledFunction {
  Object.defineProperty(made, "prototype", { value: prototype, writable: true });
  shared.tags.set(prototype, { kind: "prototype", of: made });
  shared.tags.set(made, { kind: "generator", id, env });
  return made;
}

/** Whether a generator function has the `prototype` that it was made with, and nothing was added to that. */
export function hasItsPrototype(made: CompiledFunction): boolean {
  const prototype: unknown = made.prototype;
  if (typeof prototype !== "object" || prototype === null || Reflect.ownKeys(prototype).length > 0) return false;
  const parent: unknown = Object.getPrototypeOf(prototype);
  return parent === generatorPrototype || parent === asyncGeneratorPrototype;
}
