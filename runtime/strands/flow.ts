// The functions that compiled modules declare. Called in a run, each starts a strand at once and gives its durable promise.

import { NotInRunError, RunEndedError } from "../errors/run.ts";
import {
  type CodeEntry, type CompiledFlow, type CompiledFunction, declareCode, declareFlow, declareStrand, type Env, type Maker, type Meta,
} from "./registry.ts";
import { own, ownerOf } from "./owners.ts";
import { shared } from "../realm/shared.ts";
import { shell } from "./shell.ts";
import type { LiveRun } from "../run/step.ts";
import { type Machine, start } from "./strand.ts";

/** A flow: a function of module level. */
export function flow(meta: Meta, machine: Machine): CompiledFlow {
  const made = callable(meta, machine, undefined, undefined) as CompiledFlow;
  Object.defineProperty(made, "deflow", { value: meta });
  nameMachine(meta, machine);
  declareFlow(meta, machine, made);
  return made;
}

/** An async function nested in a flow. The result makes one of its closures; that closure belongs to the run that made it. */
export function strand(meta: Meta, machine: Machine): Maker {
  const make = (env: Env, run: LiveRun | undefined): CompiledFunction => {
    const made = callable(meta, machine, env, run);
    shared.tags.set(made, { kind: "strand", id: meta.id, env });
    return made;
  };
  nameMachine(meta, machine);
  declareStrand({ meta, machine, make });
  return (env, around) => make(env, ownerOf(around));
}

/** Any other function made in a flow; `slots`: the keys of its environment; `strands`: async functions are made in it. */
export function code(id: string, slots: string, factory: CodeEntry["factory"], strands = false): Maker {
  declareCode({ id, env: slots, factory, strands });
  return (env, around) => {
    if (strands) own(env, ownerOf(around));
    const made = factory(env);
    shared.tags.set(made, { kind: "code", id, env });
    return made;
  };
}

function callable(meta: Meta, machine: Machine, env: Env | undefined, owner: LiveRun | undefined): CompiledFunction {
  const made = shell(nameOf(meta, env), meta.length, (self, args) =>
    start(runOf(meta, owner), meta, machine, env, meta.self === true ? self : undefined, args, made).native);
  return made;
}

/** Stacks and debuggers show the machine by the name of what it was in the source. */
function nameMachine(meta: Meta, machine: Machine): void {
  Object.defineProperty(machine, "name", { value: meta.name || meta.id, configurable: true });
}

/** A function under a computed key has the key's name (ECMA-262 SetFunctionName). */
export function nameOf(meta: Meta, env: Env | undefined): string {
  if (env === undefined || !("~key" in env)) return meta.name;
  const key = env["~key"];
  if (typeof key !== "symbol") return String(key);
  return key.description === undefined ? "" : `[${key.description}]`;
}

export function runOf(meta: Meta, owner: LiveRun | undefined): LiveRun {
  const run = shared.current?.run ?? owner;
  if (run === undefined) throw new NotInRunError(`The flow \`${meta.id}\``);
  if (run.closed) throw new RunEndedError(run.ending?.status ?? "stored", { runId: run.id });
  return run;
}
