// A queue as its owner sees it. What is set holds for the workers of every process, and is kept in the store.
//
//   asks the queue      what workers and ticks take: queued starts, timers, letters, runs of processes that died
//   does not            what is called, and is done where it is called: `start` without `queue` and `startAt`, by a caller or a flow; continue,
//                       settle, cancel, retry; `send` to a run that listens; in an engine without workers what other runs tell a run
//
// Either way a run holds a lease while its steps run, and counts as under way.

import { InvalidArgumentError } from "../../errors/run.ts";
import type { QueueSettings, QueueState } from "../../store.ts";
import type { Core } from "../core.ts";
import { checkName } from "../names.ts";

/** Of what workers and ticks take; what is started without a queue is of "default". Callers that run a turn themselves do not ask it. */
export interface Queue {
  /** As it was given to `engine.queue(name)`. */
  readonly name: string;
  /** Its settings, and how many of its runs are leased and due. */
  state(): Promise<QueueState>;
  /**
   * Workers take none of its runs, neither new ones nor waiting ones that are due. Turns under way go on, and callers still run turns: `start`
   * without a queue and `continue` do, and the run then waits for its timers until the queue goes on.
   */
  pause(): Promise<QueueState>;
  /** Workers take its runs again. */
  resume(): Promise<QueueState>;
  /**
   * Workers of all processes together take no run while so many are under way; null: any number. A run that waits is not under way; one
   * whose steps run by a caller's turn is, but is begun although the queue is full.
   */
  limit(concurrency: number | null): Promise<QueueState>;
  /**
   * Pauses it, and resolves when none of its runs is leased to any process, and none has a turn in this engine. A caller's turn in another
   * process holds no lease before its first step, and is not waited for until then.
   */
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
    core.doorbell.ring({ queue: name, at: core.clock.now() });
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
      const isUnderWay = ({ leased }: QueueState): boolean => leased > 0 || [...core.turns.values()].some(({ queue }) => queue === name);
      for (let state = await set({ paused: true }); isUnderWay(state); state = await set()) {
        await new Promise<void>((resolve) => void core.clock.after(look, resolve));
      }
    },
  };
}
