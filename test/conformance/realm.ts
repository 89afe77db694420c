// A realm with the runtime in it, in which a compiled program's module is evaluated: once, or again for each stop.
//
// The runtime is bundled once in a process and evaluated in each realm. That and the realm itself are most of what a stop at
// L2 costs (1.7 ms of 2), so `reusedRealms` has two that serve many programs by turns; each evaluation of a module there
// begins with a runtime that has forgotten all modules before, and a realm whose intrinsics a program changed is given up.

import { buildSync } from "esbuild";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script, type Context } from "node:vm";
import type * as Echo from "./echo.ts";
import type { Host } from "./host.ts";
import { attach, createWorld } from "./world.ts";

export interface OwnWorld {
  readonly echo: typeof Echo;
  readonly flow: Parameters<typeof Echo.startRun>[0];
}

/** Gives a realm for each stop of a run. */
export interface Realms {
  next(): Realm;
  /** The run is over. */
  done(): void;
}

const require = createRequire(import.meta.url);
let runtime: Script | undefined;

export class Realm {
  private readonly context: Context;
  private readonly echo: typeof Echo;
  private intact: () => boolean = () => false;

  constructor(own: Script = (runtime ??= bundleRuntime())) {
    this.context = createWorld();
    Object.assign(this.context, { Buffer, process });
    this.echo = this.evaluate(own, require) as typeof Echo;
    Object.assign(this.context, { L: this.echo.L, LX: this.echo.LX, T: undefined, FUEL: undefined });
  }

  /** Takes note of the intrinsics as they are now, so that the realm can be used again. */
  watched(): this {
    this.intact = watchIntrinsics(this.context);
    return this;
  }

  /** Evaluates the module of a program, whose trace and fuel are the host's. */
  open(host: Host, program: Script): OwnWorld {
    attach(this.context, host);
    this.echo.tellRefusals((code, message) => host.refuse(code, message));
    this.echo.forget();
    const { flow } = this.evaluate(program, (name) => {
      if (name === "deflow") return this.echo;
      if (name === "deflow/internal") return this.echo.internal;
      throw new Error(`a compiled program asks for "${name}"`);
    }) as Pick<OwnWorld, "flow">;
    return { echo: this.echo, flow };
  }

  /** Whether another program may still come here: no intrinsic is changed, and nothing of the runtime is under way. */
  get clean(): boolean {
    return this.intact() && !this.echo.busy();
  }

  private evaluate(script: Script, from: (name: string) => unknown): unknown {
    const module = { exports: {} };
    (script.runInContext(this.context) as (...args: unknown[]) => void)(module.exports, from, module);
    return module.exports;
  }
}

/** A new realm for each stop. */
export const newRealms: Realms = { next: () => new Realm(), done: () => undefined };

/** The same with another runtime. */
export function newRealmsOf(other: Script): Realms {
  return { next: () => new Realm(other), done: () => undefined };
}

const pool: (Realm | undefined)[] = [undefined, undefined];
const used = new Set<number>();
let turn = 0;

/** Two realms by turns: what one stores, the other reads. */
export const reusedRealms: Realms = {
  next() {
    turn = 1 - turn;
    used.add(turn);
    return (pool[turn] ??= new Realm().watched());
  },
  done() {
    for (const i of used) if (pool[i]?.clean !== true) pool[i] = undefined;
    used.clear();
  },
};

/** Says later whether an own property of the global object, an intrinsic or a prototype was added, taken or replaced. */
function watchIntrinsics(context: Context): () => boolean {
  const collect = new Script(`(() => {
    const objects = new Set([globalThis]);
    for (const key of Object.getOwnPropertyNames(globalThis)) {
      const value = globalThis[key];
      if ((typeof value !== "object" && typeof value !== "function") || value === null || key === "process" || key === "console") continue;
      objects.add(value);
      if (typeof value.prototype === "object" && value.prototype !== null) objects.add(value.prototype);
    }
    const iterators = [[][Symbol.iterator](), new Map().keys(), new Set().keys(), ""[Symbol.iterator](), (function* () {})(), (async function* () {})(), (async () => {})];
    for (let object of iterators) while ((object = Object.getPrototypeOf(object)) !== null) objects.add(object);
    const values = [];
    for (const object of objects) for (const key of Reflect.ownKeys(object)) {
      const property = Reflect.getOwnPropertyDescriptor(object, key);
      if ("value" in property && key !== "T" && key !== "FUEL") values.push([object, key, property.value]);
    }
    const counts = [...objects].map((object) => [object, Reflect.ownKeys(object).length]);
    const { ownKeys } = Reflect, { is } = Object;
    return () => {
      for (let i = 0; i < values.length; i++) if (!is(values[i][0][values[i][1]], values[i][2])) return false;
      for (let i = 0; i < counts.length; i++) if (ownKeys(counts[i][0]).length !== counts[i][1]) return false;
      return true;
    };
  })()`, { filename: "intrinsics.js" });
  return collect.runInContext(context) as () => boolean;
}

function bundleRuntime(): Script {
  const entry = fileURLToPath(new URL("./echo.ts", import.meta.url));
  // Without source maps and kept names: those make each evaluation of the bundle half as long again.
  const { outputFiles } = buildSync({ entryPoints: [entry], bundle: true, write: false, format: "cjs", platform: "node", target: "esnext" });
  return runtimeScript(outputFiles[0]?.text ?? "");
}

export function runtimeScript(bundle: string): Script {
  return new Script(`(function (exports, require, module) { ${bundle}\n})`, { filename: "runtime.js" });
}
