// The world that the engines of a simulation live in: its time, its chance, its processes. Whatever an engine waits for, a
// call of the store, the answer, a step, a timer, is something that the world has ready; one at a time, the scheduler takes
// one by chance, and everything that follows from it runs before the next. The same seed gives the same life.

import { Core } from "../../../runtime/engine/core.ts";
import { engineOver, type Engine } from "../../../runtime/engine/engine.ts";
import type { Logger } from "../../../runtime/engine/telling/logger.ts";
import type { Clock } from "../../../runtime/realm/clock.ts";
import type { StepContext } from "../../../runtime/api/step.ts";
import type { StepCall } from "../../../runtime/record/snapshot.ts";
import type { Store } from "../../../runtime/store.ts";
import { performTx } from "../../../runtime/turn/transaction.ts";
import { perform } from "../../../runtime/turn/attempt.ts";
import { Random } from "../../conformance/generate/random.ts";
import { isCall } from "../../stores/calls.ts";
import { flows } from "./load.ts";
import { remembering } from "../../stores/remembering.ts";

const epoch = 1_700_000_000_000;
export const lease = 900;

/** What a store that fails throws here. */
export class StoreFailure extends Error {}

export interface Node {
  readonly number: number;
  readonly engine: Engine;
  readonly core: Core;
  /** How far its clock is off, in milliseconds. */
  readonly offset: number;
  readonly died: Promise<"died">;
  alive: boolean;
  /** Counts what may cost it a lease or an answer: failures of the store. */
  failures: number;
}

interface Ready {
  readonly node: Node | undefined;
  readonly what: string;
  go(): void;
  /** Of a call of the store: makes it fail. */
  fail?(): void;
}

interface Alarm extends Ready {
  readonly at: number;
}

type StepBegins = (node: Node, call: StepCall, context: StepContext) => void;

export class World {
  readonly random: Random;
  now = epoch;
  readonly nodes: Node[] = [];
  readonly said: string[] = [];
  stepBegins: StepBegins = () => {};
  skewed = false;
  #ready: Ready[] = [];
  #alarms: Alarm[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  get alive(): Node[] {
    return this.nodes.filter(({ alive }) => alive);
  }

  /** Another process over the store. */
  start(store: Store): Node {
    let die = (_: "died"): void => {};
    const died = new Promise<"died">((resolve) => (die = resolve));
    const number = this.nodes.length;
    const offset = this.skewed ? this.random.pick([-3_600_000, -400, 0, 0, 400, 3_600_000]) : 0;
    const node: { -readonly [K in keyof Node]: Node[K] } = { number, engine: undefined as never, core: undefined as never, offset, died, alive: true, failures: 0 };
    const clock: Clock = { now: () => this.now + offset, after: (milliseconds, go) => this.#alarm(node, milliseconds, go) };
    const say = (message: string): void => void this.said.push(`${number}: ${message}`);
    const logger: Logger = { debug() {}, info() {}, warn: say, error: say };
    node.core = new Core({
      store: this.#asked(store, node), flows, clock, logger, lease, crashes: 30, stepConcurrency: 2, cancelTimeout: "10 days", closeTimeout: "10 days",
      random: (size) => Uint8Array.from({ length: size }, () => this.random.below(256)),
    }, { perform: (call, context) => this.#perform(node, call, context), performTx });
    node.engine = engineOver(node.core);
    this.nodes.push(node);
    deaths.set(node, () => die("died"));
    return node;
  }

  /** The process is no more: nothing of it goes on. */
  kill(node: Node): void {
    node.alive = false;
    this.#ready = this.#ready.filter((one) => one.node !== node);
    this.#alarms = this.#alarms.filter((one) => one.node !== node);
    deaths.get(node)?.();
  }

  get busy(): boolean {
    return this.#ready.length > 0 || this.#alarms.some(({ at }) => at <= this.now);
  }

  get nextAlarm(): number | undefined {
    return this.#alarms.length === 0 ? undefined : Math.min(...this.#alarms.map(({ at }) => at));
  }

  /** Lets one thing happen that is ready, the store failing at it if `fails`; false: nothing is. */
  async next(fails = false): Promise<boolean> {
    const due = this.#alarms.filter(({ at }) => at <= this.now);
    if (this.#ready.length + due.length === 0) return false;
    const at = this.random.below(this.#ready.length + due.length);
    const chosen = at < this.#ready.length ? this.#ready[at] : due[at - this.#ready.length];
    if (at < this.#ready.length) this.#ready.splice(at, 1);
    else this.#alarms.splice(this.#alarms.indexOf(chosen as Alarm), 1);
    if (fails && chosen?.fail) {
      if (chosen.node) chosen.node.failures++;
      chosen.fail();
    } else {
      chosen?.go();
    }
    await quiet();
    return true;
  }

  /** Time goes by; what falls due is then ready. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
  }

  /** Something that happens when the scheduler says so. */
  gate(node: Node | undefined, what: string, failing?: () => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ready.push({ node, what, go: resolve, ...(failing ? { fail: () => reject(failing()) } : {}) });
    });
  }

  #alarm(node: Node, milliseconds: number, go: () => void): () => void {
    if (!node.alive) return () => {};
    const alarm: Alarm = { node, what: "alarm", at: this.now + Math.max(0, milliseconds), go };
    this.#alarms.push(alarm);
    return () => void (this.#alarms = this.#alarms.filter((one) => one !== alarm));
  }

  #asked(store: Store, node: Node): Store {
    return new Proxy(remembering(store), {
      get: (target, name: keyof Store) => (!isCall(name) ? target[name] : async (...args: unknown[]): Promise<unknown> => {
        if (!node.alive) return await new Promise<never>(() => {});
        await this.gate(node, name, () => new StoreFailure(`${name} failed`));
        const answer = await (target[name] as (...args: unknown[]) => Promise<unknown>)(...args);
        if (this.random.chance(0.3)) await this.gate(node, `answer of ${name}`, () => new StoreFailure(`${name} failed after it was done`));
        return answer;
      }),
    });
  }

  async #perform(node: Node, call: StepCall, context: StepContext): Promise<unknown> {
    if (!node.alive) return await new Promise<never>(() => {});
    this.stepBegins(node, call, context);
    await this.gate(node, `step ${call.name}`);
    return await perform(call, context);
  }
}

const deaths = new WeakMap<Node, () => void>();

/** Everything that can run without the world has run: promises settle, and Node's ticks with them, and who waits for a round goes on. */
async function quiet(): Promise<void> {
  for (let round = 0; round < 2; round++) await new Promise<void>((resolve) => setImmediate(resolve));
}
