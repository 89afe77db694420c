// One schedule: some processes, runs and clients, whose every meeting at the store is a matter of chance, then quiet, then the
// judgement. Throws what is wrong; the same seed throws the same.

import { randomInt } from "node:crypto";
import { isDeflowError } from "../../../runtime/errors/error.ts";
import { endedStatuses, type Store } from "../../../runtime/store.ts";
import { memory } from "../../../runtime/stores/memory.ts";
import { tokenHash } from "../../../runtime/run/token.ts";
import { type Applied, History } from "./history.ts";
import { Judged, type Sent } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import { flows } from "./load.ts";
import { type Node, StoreFailure, World } from "./world.ts";
import { world as hands } from "./effects.ts";

export interface Figures {
  readonly commits: number;
  readonly calls: number;
  readonly crashes: number;
  readonly failures: number;
  readonly repeated: number;
  readonly runs: number;
}

interface Options {
  /** What stands in the place of the memory store's behaviour; default: nothing. */
  readonly broken?: (store: Store) => Store;
}

type FlowName = keyof typeof flows;

const argumentsOf: Record<FlowName, (below: (n: number) => number) => unknown[]> = {
  collect: (below) => [1 + below(3)], remind: (below) => [1 + below(3)], both: (below) => [below(3)], racing: () => [], calling: () => [],
  parent: (below) => [1 + below(2)], careful: () => [], fan: (below) => [1 + below(4)], fragile: () => [],
};

/** What clients were told of an event: taken, stored, refused, or nothing certain. */
interface Told {
  readonly run: string;
  certain: "taken" | "stored" | "refused" | undefined;
  unsure: boolean;
}

export async function schedule(seed: number = randomInt(2 ** 31), { broken = (store) => store }: Options = {}): Promise<Figures> {
  const one = new Schedule(seed, broken);
  try {
    return await one.run();
  } catch (error) {
    throw Object.assign(error as Error, { story: one.story() });
  }
}

class Schedule {
  readonly #world: World;
  readonly #history = new History();
  readonly #store: Store;
  readonly #ledger: Ledger;
  readonly #sent = new Map<string, Sent>();
  readonly #told = new Map<string, Told>();
  readonly #starts = new Map<string, readonly [flow: FlowName, args: readonly unknown[]]>();
  readonly #cancels = new Set<string>();
  readonly #tokens: { readonly token: string; readonly run: string }[] = [];
  readonly #judged = new Map<string, Judged>();
  readonly #wrong: unknown[] = [];
  #clients = 0;
  #serial = 0;
  #calls = 0;
  #crashes = 0;
  #failures = 0;

  constructor(seed: number, broken: (store: Store) => Store) {
    this.#world = new World(seed);
    this.#world.skewed = this.#world.random.chance(0.1);
    this.#store = this.#history.over(broken(memory()));
    this.#ledger = new Ledger(this.#world, this.#history);
    this.#history.told = (id, applied) => this.#noted(() => this.#applied(id, applied));
    this.#world.stepBegins = (node, call, context) => this.#noted(() => {
      this.#judged.get(call.key.slice(0, call.key.lastIndexOf(":")))?.story.push(() => `   at ${this.#world.now} in ${node.number} ${node.alive}: step ${call.key} ${call.name} attempt ${call.attempt} fence ${context.fence}`);
      this.#ledger.begins(node, call, context);
    });
    hands.broken = this.#world.random.chance(0.5);
    hands.perform = ({ key, attempt }, name, args) => this.#perform(key, attempt, name, args);
  }

  async run(): Promise<Figures> {
    const { random } = this.#world;
    const processes = 1 + random.below(3);
    for (let n = 0; n < processes; n++) this.#process();
    await this.#busy(4 + random.below(12));
    await this.#drain();
    this.#check();
    return {
      commits: [...this.#history.applied.values()].reduce((sum, list) => sum + list.length, 0),
      calls: this.#calls, crashes: this.#crashes, failures: this.#failures, repeated: this.#ledger.repeated, runs: this.#history.applied.size,
    };
  }

  /** What the store took, run by run, and what the engines said. */
  story(): string[] {
    return [...this.#judged.values()].flatMap(({ id, flow, args, story }) => ["", `${id} (${flow} ${JSON.stringify(args)})`, ...story.map((tell) => tell())]).concat("", this.#world.said);
  }

  #process(worker = this.#world.random.chance(0.6)): Node {
    const node = this.#world.start(this.#store);
    if (worker) node.engine.work({ concurrency: 1 + this.#world.random.below(3), poll: 1_500 });
    return node;
  }

  /** Inputs, crashes, failures and time, by chance. */
  async #busy(inputs: number): Promise<void> {
    const world = this.#world;
    const { random } = world;
    let left = inputs;
    let crashes = random.below(4);
    let failures = random.below(4);
    while (left > 0 || (world.busy && random.chance(0.9))) {
      this.#raise();
      const dice = random.next();
      if (left > 0 && dice < 0.12) {
        left--;
        this.#input();
      } else if (dice < 0.14 && crashes > 0) {
        crashes--;
        this.#crashes++;
        world.kill(random.pick(world.alive));
        this.#process();
      } else if (dice < 0.18 || !world.busy) {
        this.#time();
      } else {
        const fails = failures > 0 && random.chance(0.02);
        if (fails) {
          failures--;
          this.#failures++;
        }
        this.#calls++;
        await world.next(fails);
      }
    }
  }

  #time(): void {
    const { random, nextAlarm, now } = this.#world;
    const jump = random.chance(0.1) ? 3_600_000 : random.pick([1, 100, 400, 1200]);
    this.#world.pass(nextAlarm !== undefined && random.chance(0.6) ? Math.max(0, nextAlarm - now) : jump);
  }

  #input(): void {
    const { random } = this.#world;
    const runs = [...this.#starts.keys(), ...this.#history.applied.keys()];
    if (runs.length === 0 || random.chance(0.25)) return this.#start();
    const run = random.pick(runs);
    random.weighted<void>([
      [10, () => this.#event(run, "continue")], [10, () => this.#event(run, "send")], [4, () => this.#settle()],
      [1, () => this.#cancel(run)],
      [0.5, () => this.#client((node) => node.engine.kill(run))],
      [3, () => this.#retry(run)],
      [2, () => this.#client((node) => node.engine.tick({ limit: 3 }))],
      [1, () => this.#client((node) => node.engine.get(run))],
    ]);
  }

  #start(): void {
    const { random } = this.#world;
    const flow = random.pick(Object.keys(flows) as FlowName[]);
    const id = `r${this.#starts.size}`;
    const args = argumentsOf[flow]((n) => random.below(n));
    this.#starts.set(id, [flow, args]);
    const options = random.weighted<object>([[6, () => ({})], [2, () => ({ queue: "q" })], [1, () => ({ startAt: 500 + this.#world.now })]]);
    const begin = (node: Node): Promise<unknown> => node.engine.start(flows[flow], args as never[], { id, ...options });
    this.#client(begin);
    if (random.chance(0.2)) this.#client(begin);
  }

  #retry(run: string): void {
    if (this.#world.random.chance(0.5)) hands.broken = false;
    this.#ledger.revivals++;
    this.#client((node) => node.engine.retry(run));
  }

  #cancel(run: string): void {
    this.#cancels.add(run);
    this.#client((node) => node.engine.cancel(run, "enough"));
  }

  #event(run: string, way: "continue" | "send"): void {
    const { random } = this.#world;
    const context = random.chance(0.75) ? "word" : "other";
    const eventId = `e${++this.#serial}`;
    const data = `${context} ${this.#serial}`;
    this.#sent.set(eventId, { context, data });
    const told: Told = { run, certain: undefined, unsure: false };
    this.#told.set(eventId, told);
    const wait = random.pick([0, 300, 30_000]);
    const call = async (node: Node): Promise<void> => {
      if (way === "send") {
        await node.engine.send(run, context, data, { eventId });
        told.certain = "stored";
        return;
      }
      const answer = await node.engine.continue(run, context, data, { eventId, wait });
      told.certain = answer.accepted || answer.duplicate ? (told.certain ?? "stored") : answer.status === "failed" ? "stored" : "taken";
    };
    const times = random.chance(0.15) ? 2 : 1;
    if (times === 2) told.unsure = true;
    for (let n = 0; n < times; n++) this.#client(call, told);
  }

  #settle(): void {
    const { random } = this.#world;
    if (this.#tokens.length === 0) return;
    const { token, run } = random.pick(this.#tokens);
    const eventId = `settle:${tokenHash(token)}`;
    if (!this.#sent.has(eventId)) this.#sent.set(eventId, { data: `answer ${++this.#serial}` });
    const { data } = this.#sent.get(eventId) as Sent;
    void run;
    this.#client((node) => node.engine.settle(token, data));
  }

  /** Somebody who calls again when the process or the store failed, in whatever process there is then. */
  #client(call: (node: Node) => Promise<unknown>, told?: Told): void {
    this.#clients++;
    void this.#insist(call, told).catch((error: unknown) => void this.#wrong.push(error)).finally(() => void this.#clients--);
  }

  async #insist(call: (node: Node) => Promise<unknown>, told: Told | undefined): Promise<void> {
    for (;;) {
      await this.#world.gate(undefined, "client");
      const node = this.#world.random.pick(this.#world.alive);
      try {
        if (await Promise.race([call(node), node.died]) !== "died") return;
      } catch (error) {
        if (isDeflowError(error)) return this.#refused(told, error.code);
        if (!(error instanceof StoreFailure)) throw error;
      }
      if (told) told.unsure = true;
    }
  }

  #refused(told: Told | undefined, code: string): void {
    if (!told) return;
    if (code === "LEASE_LOST") told.unsure = true;
    else told.certain ??= "refused";
  }

  #perform(key: string, attempt: number, name: string, args: readonly unknown[]): unknown {
    const failures = name === "work" ? Number(args[1]) : name === "fragile" && hands.broken ? Infinity : 0;
    this.#noted(() => this.#ledger.done(key, name, args, attempt > failures));
    if (attempt <= failures) throw new Error(`broken ${name}`);
    return `${name}(${args.join()})`;
  }

  #applied(id: string, applied: Applied): void {
    let judged = this.#judged.get(id);
    if (!judged) {
      const [flow, args] = this.#starts.get(id) ?? (["collect", [1]] as const);
      const node = this.#world.nodes[0] as Node;
      judged = new Judged(node.core, id, flow, args, this.#sent, this.#cancels, (name, of) => ({ value: name.startsWith("start:") ? undefined : `${name}(${of.join()})` }));
      this.#judged.set(id, judged);
    }
    judged.take(applied);
    for (const response of judged.state?.responses ?? []) {
      if (typeof response === "string" && response.length === 64 && !this.#tokens.some(({ token }) => token === response)) this.#tokens.push({ token: response, run: id });
    }
  }

  #noted(what: () => void): void {
    try {
      what();
    } catch (error) {
      this.#wrong.push(error);
    }
  }

  #raise(): void {
    if (this.#wrong.length > 0) throw this.#wrong[0];
  }

  /** No more trouble: one more process sees to it that every run comes to its end, given what it still waits for. */
  async #drain(): Promise<void> {
    const world = this.#world;
    hands.broken = false;
    if (world.random.chance(0.5)) for (const node of world.alive) world.kill(node);
    const medic = this.#process(true);
    for (let round = 0; round < 60; round++) {
      await this.#settled();
      // What a process stored whose clock is ahead by an hour is due in two for one whose clock is behind by one.
      if (world.skewed && round % 8 === 0) world.pass(2 * 3_600_000);
      // Letters to a run that has ended are seen to as well.
      const open = (await this.#store.find({ limit: 1000 })).filter(({ status, delivered, looked }) =>
        status === "failed" || !endedStatuses.includes(status) || delivered > looked);
      if (open.length === 0 && this.#clients === 0) return;
      for (const { id, status, waits } of open) {
        if (status === "failed") {
          this.#ledger.revivals++;
          this.#client(() => medic.engine.retry(id));
        }
        const context = waits[0];
        if (context === undefined) continue;
        const eventId = `e${++this.#serial}`;
        const data = `${context} ${this.#serial}`;
        this.#sent.set(eventId, { context, data });
        this.#client(() => medic.engine.send(id, context, data, { eventId }));
      }
    }
    const stuck = (await this.#store.find({ limit: 1000 })).filter(({ status }) => !endedStatuses.includes(status)).map(({ id, flow, status }) => `${id} (${flow}) is ${status}`);
    throw new Error(`stuck: ${stuck.join(", ") || `${this.#clients} clients wait`}`);
  }

  /** All that is ready happens, and two leases' time goes by. */
  async #settled(): Promise<void> {
    const world = this.#world;
    const until = world.now + 2_500;
    for (let count = 0; count < 20_000; count++) {
      this.#raise();
      this.#calls++;
      if (await world.next()) continue;
      const { nextAlarm } = world;
      if (nextAlarm === undefined || nextAlarm > until) return world.pass(Math.max(0, until - world.now));
      world.pass(Math.max(0, nextAlarm - world.now));
    }
    throw new Error("it goes on for ever");
  }

  #check(): void {
    this.#raise();
    for (const [id, judged] of this.#judged) {
      if (!endedStatuses.includes(judged.status as never)) throw new Error(`run ${id} is ${judged.status}`);
      this.#ledger.check(id, judged.model?.steps ?? []);
    }
    for (const id of this.#starts.keys()) if (!this.#judged.has(id)) throw new Error(`run ${id} was started and is not there`);
    for (const [eventId, { run, certain, unsure }] of this.#told) {
      const judged = this.#judged.get(run);
      const taken = judged?.taken.has(eventId) ?? false;
      const known = taken || judged?.refused.has(eventId) === true;
      if (certain === "taken" && !taken) throw new Error(`event ${eventId} was answered, and run ${run} did not take it`);
      if (certain === "stored" && !known && !unsure) throw new Error(`event ${eventId} to ${run} is lost`);
      if (certain === "refused" && taken && !unsure) throw new Error(`event ${eventId} was refused, and run ${run} took it`);
    }
  }
}
