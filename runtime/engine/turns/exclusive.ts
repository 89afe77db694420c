// One turn of a run at a time in this process. The store's compare-and-swap is what makes it right; this only saves the
// turns that would be made for nothing.
//
//   new Place ─► comes ─► work ─► free: the next one may begin ─► … ─► leave: all that was done in it is over

import { outside } from "../telling/capture.ts";
import type { Core } from "../core.ts";

/** Somebody's place among those who want a turn of a run. */
export class Place {
  /** Resolves when the one before is free, and its burst begins; undefined: nobody is before. */
  readonly comes: Promise<void> | undefined;
  readonly #core: Core;
  readonly #id: string;
  readonly #freed = new Later();
  readonly #left = new Later();

  constructor(core: Core, id: string) {
    this.#core = core;
    this.#id = id;
    const before = core.queues.get(id)?.freed;
    core.queues.set(id, this);
    core.working.add(this);
    const admitted = core.bursts.comes(core.working.size);
    this.comes = admitted === undefined ? before : admitted.then(() => before);
  }

  /** Undefined: it is. */
  get freed(): Promise<void> | undefined {
    return this.#freed.promise;
  }

  /** Undefined: it is. */
  get left(): Promise<void> | undefined {
    return this.#left.promise;
  }

  free(): void {
    this.#freed.now();
  }

  leave(): void {
    this.free();
    const { queues, working } = this.#core;
    if (queues.get(this.#id) === this) queues.delete(this.#id);
    working.delete(this);
    this.#left.now();
  }
}

/** Something that will be. Its promise is made when somebody asks for it. */
class Later {
  #is = false;
  #promise: Promise<void> | undefined;
  #tell: (() => void) | undefined;

  /** Undefined: it is. */
  get promise(): Promise<void> | undefined {
    return this.#is ? undefined : (this.#promise ??= new Promise((resolve) => (this.#tell = resolve)));
  }

  now(): void {
    this.#is = true;
    this.#tell?.();
  }
}

/** Runs `work` when nobody else works on the run here. It may free its place before it is done. */
export function exclusively<T>(core: Core, id: string, work: (place: Place) => Promise<T>): Promise<T> {
  return outside(() => inTurn(core, id, work));
}

async function inTurn<T>(core: Core, id: string, work: (place: Place) => Promise<T>): Promise<T> {
  const place = new Place(core, id);
  try {
    // Also where nobody is before: a turn begins in a tick of its own.
    await place.comes;
    return await work(place);
  } finally {
    place.leave();
  }
}
