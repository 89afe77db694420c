// A realm for one program in a worker: intrinsics, a runtime and an engine of its own over the worker's store.

import { Script, type Context } from "node:vm";
import { systemClock } from "../../../runtime/realm/clock.ts";
import type { Flow } from "../../../runtime/api/deflow.ts";
import type { Engine } from "../../../runtime/engine/engine.ts";
import type { Logger } from "../../../runtime/engine/telling/logger.ts";
import type { Store } from "../../../runtime/store.ts";
import { createWorld } from "../world.ts";
import type * as Inside from "./inside.ts";
import { Ledger } from "./ledger.ts";

/** Modules as scripts: `(exports, require, module) => …`. */
export interface Scripts {
  readonly inside: Script;
  readonly stops: Script;
  readonly program: Script;
}

interface Stops {
  readonly L: unknown;
  readonly LX: unknown;
  readonly main: Flow<[], void>;
}

// A kill leaves leases behind, and the runs under them wait until those have run out.
const lease = 250;
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export class OwnWorld {
  readonly engine: Engine;
  readonly main: Flow<[], void>;
  readonly noArguments: [];
  readonly ledger: Ledger;
  private readonly context: Context;

  constructor(store: Store, { inside, stops, program }: Scripts, begins: () => void) {
    this.ledger = new Ledger(begins);
    this.context = createWorld();
    Object.assign(this.context, { Buffer, process });
    const own = this.evaluate(inside, require) as typeof Inside;
    const from = (name: string): unknown => {
      if (name === "deflow") return own;
      if (name === "deflow/internal") return own.internal;
      throw new Error(`a compiled program asks for "${name}"`);
    };
    const { L, LX, main } = this.evaluate(stops, from) as Stops;
    const { ledger } = this;
    own.tellRefusals((code, message) => ledger.refuse(code, message));
    Object.assign(this.context, {
      L, LX, T: ledger.T,
      FUEL: () => ledger.FUEL(),
      settle: (kind: "returns" | "throws", value: unknown) => ledger.settle(kind, value),
      resumed: () => ledger.resumed(own.current()),
    });
    const { flow } = this.evaluate(program, from) as { flow: Flow<[], unknown> };
    Object.assign(this.context, { program: flow });
    this.main = main;
    this.noArguments = own.noArguments;
    // It is killed far more often than any turn should be: that is no reason to give a run up.
    this.engine = own.createEngine({ store, flows: { main }, clock: systemClock, lease, crashes: 1_000_000, logger: silent });
  }

  /** Whether a promise was made in this realm. */
  made(promise: object): boolean {
    return promise instanceof (new Script("Promise").runInContext(this.context) as PromiseConstructor);
  }

  private evaluate(script: Script, from: (name: string) => unknown): unknown {
    const module = { exports: {} };
    (script.runInContext(this.context) as (...args: unknown[]) => void)(module.exports, from, module);
    return module.exports;
  }
}
