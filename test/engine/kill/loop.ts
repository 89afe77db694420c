// The kill loop: workers over one store, one after the other killed at a persist point or at a random moment, or stopped
// for twice its lease and woken again, while events come, some of them twice. Then the checker.

import { type ChildProcess, fork } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createEngine } from "../../../runtime/engine/engine.ts";
import { isDeflowError } from "../../../runtime/errors/error.ts";
import { type Delivery, endedStatuses, type Store } from "../../../runtime/store.ts";
import { Random } from "../../conformance/generate/random.ts";
import { broken } from "../../stores/broken.ts";
import { type Begun, check, type Verdict } from "./checker.ts";
import { type Ground, groundOf } from "./ground.ts";
import type { StoreAt } from "./open.ts";
import { order } from "./order.ts";
import { type Plan, points } from "./points.ts";
import type { WorkerTask } from "./worker.ts";

interface LoopOptions {
  readonly seed: number;
  /** Default: "sqlite". */
  readonly store?: StoreAt["kind"];
  readonly kills: number;
  readonly workers: number;
  readonly runs: number;
  readonly words: number;
  /** Milliseconds. */
  readonly lease: number;
  readonly broken?: keyof typeof broken;
  /** The only point where processes end or stand still, one at a time; default: all in turn, and a third of them at random moments. */
  readonly at?: Plan;
  /** How long most steps take, in milliseconds; default 3. */
  readonly stepTime?: number;
}

interface LoopResult extends Verdict {
  readonly kills: number;
  readonly stops: number;
  readonly events: number;
  readonly effects: number;
  /** By persist point: how often a process ended there. */
  readonly hit: ReadonlyMap<string, number>;
  /** What was done to the store itself, and how often. */
  readonly shaken: ReadonlyMap<string, number>;
}

/** Where the bundled worker finds a native driver. */
const packages = dirname(dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json")));
/** Where a process that stands still holds something that another takes over meanwhile. */
const stoppable: ReadonlySet<string> = new Set(["before commit", "after load", "step begun", "step done"]);
const silent = { debug() {}, info() {}, warn() {}, error() {} };

export async function killLoop(options: LoopOptions): Promise<LoopResult> {
  const folder = mkdtempSync(join(tmpdir(), "deflow-kill-"));
  const loop = new KillLoop(folder, options, await groundOf(options.store ?? "sqlite", folder));
  try {
    return await loop.run();
  } finally {
    await loop.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class KillLoop {
  readonly #folder: string;
  readonly #options: LoopOptions;
  readonly #random: Random;
  readonly #ground: Ground;
  readonly #ledger: string;
  readonly #store: Store;
  readonly #children = new Set<ChildProcess>();
  readonly #disturbed = new Map<number, number>();
  /** Those that live and have a plan. */
  readonly #planned = new Set<ChildProcess>();
  /** Those that stand still. */
  readonly #standing = new Set<ChildProcess>();
  /** What no store and no server may do to a process. */
  readonly #ended: string[] = [];
  /** Killed from outside. */
  readonly #shot = new Set<ChildProcess>();
  readonly #hit = new Map<string, number>();
  readonly #sent = new Map<string, string[]>();
  #next = 0;
  #kills = 0;
  #stops = 0;
  #over = false;
  /** Of the ledger, in characters; and the run whose step began last. */
  #read = 0;
  #working: string | undefined;

  constructor(folder: string, options: LoopOptions, ground: Ground) {
    this.#folder = folder;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#ground = ground;
    this.#ledger = join(folder, "ledger");
    this.#store = options.broken ? broken[options.broken][1](ground.store) : ground.store;
  }

  async run(): Promise<LoopResult> {
    await build({
      entryPoints: [fileURLToPath(new URL("worker.ts", import.meta.url))], outfile: join(this.#folder, "worker.cjs"), bundle: true, platform: "node", format: "cjs",
      external: ["better-sqlite3", "pg", "vitest"], logLevel: "error",
    });
    const { runs, workers, kills, lease } = this.#options;
    const engine = createEngine({ store: this.#store, flows: { order }, lease, logger: silent });
    for (let n = 0; n < runs; n++) {
      await engine.start(order, [this.#options.words], { id: `r${n}` });
      this.#sent.set(`r${n}`, []);
    }
    for (let n = 0; n < workers; n++) this.#spawn();
    const deadline = performance.now() + 120_000 + kills * 2_000;
    while (this.#kills + this.#stops < kills && performance.now() < deadline) {
      const { at, words } = this.#options;
      // Where one point is in question, a run gets all of its words while it works on the first, and nobody else anything while a
      // process stands still: then others have the time to go on with that run. Without work nobody comes to the point.
      if (at && this.#standing.size > 0) await pause(20);
      else if (!await this.#words(at ? words : 1 + this.#random.below(4)) && at) break;
      // Not faster than they are taken: then they would come before a turn, and none during it.
      await this.#begun(5 + this.#random.below(60) + 3 * (this.#options.stepTime ?? 3));
      if (!this.#options.at && this.#random.chance(0.1)) this.#killOne();
      if (!this.#options.at && this.#random.chance(0.06)) await this.#shake();
    }
    while (await this.#words(4)) await pause(2);
    this.#over = true;
    await this.#ends(lease + 5_000);
    const ledger = existsSync(this.#ledger) ? lines(readFileSync(this.#ledger, "utf8")) : [];
    const ended = await Promise.all([...this.#sent.keys()].map(async (id) => {
      const run = await engine.get(id);
      return { id, status: run.status, value: run.status === "completed" ? (run.value as string[]) : [] };
    }));
    const verdict = check({ sent: this.#sent, ledger, ended, disturbed: this.#disturbed });
    const events = [...this.#sent.values()].reduce((sum, words) => sum + words.length, 0);
    return { ...verdict, wrong: [...this.#ended, ...verdict.wrong], kills: this.#kills, stops: this.#stops, events, effects: ledger.length, hit: this.#hit, shaken: this.#ground.shaken };
  }

  async close(): Promise<void> {
    this.#over = true;
    await Promise.all([...this.#children].map((child) => new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill("SIGKILL");
    })));
    await this.#ground.close();
  }

  async #shake(): Promise<void> {
    const met = await this.#ground.shake?.(this.#random);
    const pids = met === "all" ? [...this.#children].flatMap(({ pid }) => pid ?? []) : met ?? [];
    for (const pid of pids) this.#disturb(pid);
  }

  /** Some more words for a run, while it works on the ones before; one in three comes twice, or all where one point is in question. False: every run has all of its words. */
  async #words(count: number): Promise<boolean> {
    const open = [...this.#sent].filter(([, words]) => words.length < this.#options.words);
    if (open.length === 0) return false;
    // Best one whose step runs: what comes then is what is overlooked.
    const id = open.find(([one]) => one === this.#working)?.[0] ?? this.#random.pick(open)[0];
    const words = this.#sent.get(id) as string[];
    for (let n = 0; n < count && words.length < this.#options.words; n++) {
      // In the midst of a step, where one point is in question.
      if (n > 0) await (this.#options.at ? this.#begun(500) : pause(this.#random.below(50)));
      const word = `${id}.${words.length + 1}`;
      words.push(word);
      const letter = { to: id, kind: "event", eventId: word, body: JSON.stringify({ v: 1, context: "word", data: word }) };
      await this.#deliver(letter);
      if (this.#options.at) await this.#store.deliver([{ ...letter, now: Date.now() }]);
      else if (this.#random.chance(0.33)) setTimeout(() => this.#over || void this.#store.deliver([{ ...letter, now: Date.now() }]).catch(() => {}), this.#random.below(200));
    }
    return true;
  }

  /** As a sender does: again, until it is stored. */
  async #deliver(letter: Omit<Delivery, "now">): Promise<void> {
    for (;;) {
      try {
        return void await this.#store.deliver([{ ...letter, now: Date.now() }]);
      } catch (error) {
        if (!isDeflowError(error)) throw error;
        await pause(50);
      }
    }
  }

  /** Waits so long, or until a step begins. */
  async #begun(milliseconds: number): Promise<void> {
    this.#working = undefined;
    for (const until = performance.now() + milliseconds; performance.now() < until;) {
      await pause(4);
      const text = existsSync(this.#ledger) ? readFileSync(this.#ledger, "utf8") : "";
      if (text.length === this.#read) continue;
      this.#read = text.length;
      this.#working = lines(text).at(-1)?.begun.split(":")[0];
      return;
    }
  }

  #spawn(): void {
    const plan = this.#over ? undefined : this.#plan();
    const { lease, broken: name } = this.#options;
    const task: WorkerTask = { at: this.#ground.at, ledger: this.#ledger, lease, stepTime: this.#options.stepTime ?? 3, ...(plan ? { plan } : {}), ...(name ? { broken: name } : {}) };
    const child = fork(join(this.#folder, "worker.cjs"), [JSON.stringify(task)], { execArgv: ["--no-warnings"], env: { ...process.env, NODE_PATH: packages }, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#children.add(child);
    if (plan) this.#planned.add(child);
    if (plan?.signal === "SIGSTOP") this.#wake(child);
    child.once("exit", (code, signal) => {
      this.#children.delete(child);
      this.#planned.delete(child);
      this.#standing.delete(child);
      this.#disturb(child.pid);
      if (signal === "SIGKILL") this.#kills++;
      else this.#ended.push(`ended: ${child.pid} by itself, with ${signal ?? `code ${code}`}`);
      if (plan?.signal === "SIGKILL" && !this.#shot.has(child)) this.#hit.set(plan.point, (this.#hit.get(plan.point) ?? 0) + 1);
      if (!this.#over) this.#spawn();
    });
  }

  /** One step at most is under way in it. */
  #disturb(pid = 0): void {
    this.#disturbed.set(pid, (this.#disturbed.get(pid) ?? 0) + 1);
  }

  #plan(): Plan | undefined {
    const { at } = this.#options;
    // The others must be there to go on with what it leaves.
    if (at) return this.#planned.size === 0 ? at : undefined;
    const turn = this.#next++;
    // A third are killed from outside.
    if (turn % 3 === 2) return undefined;
    const point = points[(turn - Math.floor(turn / 3)) % points.length] as string;
    const often = /claim|outbox/.test(point) ? 20 : point.endsWith("extend") ? 1 : 6;
    return { point, time: 1 + this.#random.below(often), signal: this.#random.chance(stoppable.has(point) ? 0.5 : 0) ? "SIGSTOP" : "SIGKILL" };
  }

  /** Lets a process that stopped itself go on, when its lease is long over. */
  #wake(child: ChildProcess): void {
    const look = setInterval(() => {
      if (!this.#children.has(child)) return clearInterval(look);
      if (!isStopped(child.pid as number)) return;
      clearInterval(look);
      this.#disturb(child.pid);
      this.#standing.add(child);
      this.#stops++;
      setTimeout(() => {
        child.kill("SIGCONT");
        // It goes on with what it had, and then makes room.
        setTimeout(() => child.kill("SIGKILL"), 300);
      }, this.#options.lease * 2);
    }, 50);
  }

  #killOne(): void {
    const [child] = [...this.#children];
    if (!child) return;
    this.#shot.add(child);
    child.kill("SIGKILL");
  }

  /** Until every run has ended, or for so long, which is more than a lease takes to run out, no run has and no step has begun. */
  async #ends(patience: number): Promise<void> {
    let open = Infinity;
    let begun = 0;
    for (let since = performance.now(); performance.now() - since < patience;) {
      while (this.#children.size < this.#options.workers) this.#spawn();
      const left = (await this.#store.find({ limit: 10_000 })).filter(({ status }) => !endedStatuses.includes(status)).length;
      if (left === 0) return;
      const steps = existsSync(this.#ledger) ? readFileSync(this.#ledger, "utf8").length : 0;
      if (left < open || steps > begun) since = performance.now();
      [open, begun] = [left, steps];
      await pause(50);
    }
  }
}

function lines(text: string): Begun[] {
  return text.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line) as Begun);
}

function isStopped(pid: number): boolean {
  try {
    return / T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Laws that exactly-once rests on, where a process must end or stand still to need each, and what the checker then says. */
export const controls = {
  // Its last commit comes when another has taken the run over and gone on with it.
  "no compare-and-swap": { at: { point: "before commit", time: 2, signal: "SIGSTOP" }, found: /^(?:stuck|lost|twice|arguments)/ },
  // Nobody is left who knows of what came during the step.
  "no counter of the inbox": { at: { point: "after commit", time: 2, signal: "SIGKILL" }, found: /^stuck: \S+ is waiting/ },
  "no event ids": { at: { point: "after claim", time: 10, signal: "SIGKILL" }, found: /^twice/ },
  "no leases": { at: { point: "after claim", time: 10, signal: "SIGKILL" }, found: /^repeated: \S+ of \d+, which lives/ },
} as const satisfies Partial<Record<keyof typeof broken, { readonly at: Plan; readonly found: RegExp }>>;

/** What a loop over a store without the law needs to show it: short runs whose steps last, so that events come while they do. */
export function controlOf(lacks: keyof typeof controls, more: Pick<LoopOptions, "seed" | "kills" | "workers" | "lease">): LoopOptions {
  return { ...more, runs: 40, words: 2, stepTime: 40, broken: lacks, at: controls[lacks].at };
}
