// What the steps did, attempt by attempt, and whether that was theirs to do.
//
//   begun      only from a commit that holds the operation, with that commit's version as fence
//   repeated   only when something may have cost the attempt before: its process, its lease, an answer of the store
//   in all     the steps of the plain model, each with one key and its own arguments

import { isDeepStrictEqual } from "node:util";
import { readState } from "../../../runtime/engine/turns/record.ts";
import type { StepContext } from "../../../runtime/api/step.ts";
import type { StepCall } from "../../../runtime/record/snapshot.ts";
import type { History } from "./history.ts";
import type { PlannedStep } from "./model.ts";
import { lease, type Node, type World } from "./world.ts";

interface Attempt {
  readonly node: Node;
  readonly fence: number;
  readonly failures: number;
  /** When its lease was taken; no heartbeat need have come since. */
  readonly since: number;
  readonly revivals: number;
  /** It ended, and the next one is another's turn. */
  failed: boolean;
}

interface Effect {
  readonly run: string;
  readonly operation: number;
  readonly name: string;
  readonly args: readonly unknown[];
  succeeded: boolean;
}

export class Ledger {
  readonly effects = new Map<string, Effect>();
  repeated = 0;
  /** `retry` gives runs to whoever calls it. */
  revivals = 0;
  readonly #attempts = new Map<string, Attempt>();
  readonly #world: World;
  readonly #history: History;

  constructor(world: World, history: History) {
    this.#world = world;
    this.#history = history;
  }

  begins(node: Node, { key, operation, name }: StepCall, { fence }: StepContext): void {
    const run = key.slice(0, key.lastIndexOf(":"));
    const commit = this.#history.of(run).find(({ version }) => version === fence);
    if (!commit) throw new Error(`step ${key} began with fence ${fence}, which nobody committed`);
    const waits = readState(node.core, { state: commit.change.state }).waits;
    if (!waits.some((wait) => wait.kind === "step" && wait.operation === operation)) throw new Error(`step ${key} (${name}) began, and version ${fence} does not hold it`);
    const before = this.#attempts.get(key);
    this.#attempts.set(key, { node, fence, failures: node.failures, since: commit.change.now, revivals: this.revivals, failed: false });
    if (!before || before.failed) return;
    this.repeated++;
    // A clock that is off makes a process think that its lease holds: its fence is lower then, as its receiver can see.
    if (fence === before.fence || (fence < before.fence && !this.#world.skewed)) throw new Error(`step ${key} began again with fence ${fence}, after ${before.fence}`);
    const cause = !before.node.alive || before.node.failures > before.failures || this.#world.now - before.since >= lease || this.revivals > before.revivals || this.#world.skewed;
    if (!cause) throw new Error(`step ${key} (${name}) began again for no reason`);
  }

  done(key: string, name: string, args: readonly unknown[], succeeded: boolean): void {
    const attempt = this.#attempts.get(key);
    if (attempt && !succeeded) attempt.failed = true;
    const known = this.effects.get(key);
    if (known && !(known.name === name && isDeepStrictEqual(known.args, args))) {
      throw new Error(`step ${key} is ${name}(${JSON.stringify(args)}), and was ${known.name}(${JSON.stringify(known.args)})`);
    }
    const at = key.lastIndexOf(":");
    if (known) known.succeeded ||= succeeded;
    else this.effects.set(key, { run: key.slice(0, at), operation: Number(key.slice(at + 1)), name, args, succeeded });
  }

  /** Of a run: no step more than in the model, none of the completed ones missing. */
  check(run: string, planned: readonly PlannedStep[]): void {
    const done = [...this.effects.values()].filter((effect) => effect.run === run).toSorted((a, b) => a.operation - b.operation);
    let at = 0;
    for (const { name, args, done: isDone } of planned) {
      if (name.startsWith("start:")) continue;
      const effect = done[at];
      if (effect?.name === name && isDeepStrictEqual(effect.args, args)) at++;
      else if (isDone) throw new Error(`run ${run}: the effect of ${name}(${JSON.stringify(args)}) is missing`);
    }
    if (at < done.length) throw new Error(`run ${run}: ${done[at]?.name}(${JSON.stringify(done[at]?.args)}) is an effect that the model does not have`);
  }
}
