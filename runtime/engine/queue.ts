// A queue as its owner sees it. What is set holds for the workers of every process, and is kept in the store.

import { InvalidArgumentError } from "../errors/run.ts";
import type { QueueSettings, QueueState } from "../store.ts";
import type { Core } from "./core.ts";
import { checkName } from "./names.ts";

export interface Queue {
  readonly name: string;
  state(): Promise<QueueState>;
  /** Workers take none of its runs, neither new ones nor waiting ones that are due; turns under way go on, and so does `continue`. */
  pause(): Promise<QueueState>;
  resume(): Promise<QueueState>;
  /** Workers of all processes together take no run while so many are under way; null: any number. A run that waits is not under way. */
  limit(concurrency: number | null): Promise<QueueState>;
  /** Pauses it, and resolves when none of its runs is under way in any process. */
  drain(): Promise<void>;
}

/** Milliseconds between two looks at what other processes do. */
const look = 250;

export function queueOf(core: Core, name: string): Queue {
  checkName("A queue", name);
  const set = async (settings?: QueueSettings): Promise<QueueState> => {
    core.open();
    return await core.store.queue(name, core.clock.now(), settings);
  };
  const open = async (settings: QueueSettings): Promise<QueueState> => {
    const state = await set(settings);
    for (const bell of core.bells) bell.ring(core.clock.now());
    return state;
  };
  return {
    name,
    state: () => set(),
    pause: () => set({ paused: true }),
    resume: () => open({ paused: false }),
    limit(concurrency) {
      if (concurrency !== null && !(Number.isSafeInteger(concurrency) && concurrency >= 1)) {
        throw new InvalidArgumentError("The limit of a queue", String(concurrency), "a whole number from 1, or null");
      }
      return open({ concurrency });
    },
    async drain() {
      for (let { leased } = await set({ paused: true }); leased > 0; { leased } = await set()) {
        await new Promise<void>((resolve) => void core.clock.after(look, resolve));
      }
    },
  };
}
