// The persist points of a worker, by name: before and after each call of the store, a step begun, a step done. A plan says at
// which, and at the how-manieth time, the process ends itself or stands still, as only SIGKILL and SIGSTOP can.

import type { Store } from "../../../runtime/store.ts";
import { isCall } from "../../stores/calls.ts";

const calls = ["load", "commit", "claim", "extend", "outbox"] as const;

export const points: readonly string[] = [...calls.flatMap((name) => [`before ${name}`, `after ${name}`]), "step begun", "step done"];

export interface Plan {
  readonly point: string;
  /** From 1. */
  readonly time: number;
  readonly signal: "SIGKILL" | "SIGSTOP";
}

export class Points {
  readonly #plan: Plan | undefined;
  #times = 0;

  constructor(plan: Plan | undefined) {
    this.#plan = plan;
  }

  async reach(point: string): Promise<void> {
    if (point !== this.#plan?.point || ++this.#times !== this.#plan.time) return;
    process.kill(process.pid, this.#plan.signal);
    // A signal to oneself may come a moment later.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }

  around(store: Store): Store {
    return new Proxy(store, {
      get: (target, name: keyof Store) => (!isCall(name) ? (name === "recall" ? target.recall?.bind(target) : undefined) : async (...args: unknown[]) => {
        await this.reach(`before ${name}`);
        const answer = await (target[name] as (...args: unknown[]) => Promise<unknown>).apply(target, args);
        await this.reach(`after ${name}`);
        return answer;
      }),
    });
  }
}
