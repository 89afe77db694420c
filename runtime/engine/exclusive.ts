// One turn of a run at a time in this process. The store's compare-and-swap is what makes it right; this only saves the
// turns that would be made for nothing.

import { outside } from "./capture.ts";
import type { Core } from "./core.ts";

/** Somebody's place among those who want a turn of a run: the next one has it when this one is free. */
export class Place {
  #isFree = false;
  #freed: Promise<void> | undefined;
  #tell: (() => void) | undefined;

  /** Undefined: it is. */
  get freed(): Promise<void> | undefined {
    return this.#isFree ? undefined : (this.#freed ??= new Promise((resolve) => (this.#tell = resolve)));
  }

  free(): void {
    this.#isFree = true;
    this.#tell?.();
  }
}

/** Runs `work` when nobody else works on the run here. It may free its place before it is done. */
export function exclusively<T>(core: Core, id: string, work: (place: Place) => Promise<T>): Promise<T> {
  const working = outside(() => inTurn(core, id, work, () => core.working.delete(working)));
  core.working.add(working);
  return working;
}

async function inTurn<T>(core: Core, id: string, work: (place: Place) => Promise<T>, over: () => void): Promise<T> {
  const before = core.queues.get(id);
  const place = new Place();
  core.queues.set(id, place);
  try {
    // Also where nobody is before: a turn begins in a tick of its own.
    await before?.freed;
    return await work(place);
  } finally {
    place.free();
    if (core.queues.get(id) === place) core.queues.delete(id);
    over();
  }
}
