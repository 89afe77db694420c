// One turn of a run at a time in this process. The store's compare-and-swap is what makes it right; this only saves the
// turns that would be made for nothing.

import type { Core } from "./core.ts";

/** Runs `work` when nobody else works on the run here. It may call `release` before it is done. */
export function exclusively<T>(core: Core, id: string, work: (release: () => void) => Promise<T>): Promise<T> {
  const working = inTurn(core, id, work);
  core.working.add(working);
  const forget = (): void => void core.working.delete(working);
  working.then(forget, forget);
  return working;
}

async function inTurn<T>(core: Core, id: string, work: (release: () => void) => Promise<T>): Promise<T> {
  const before = core.queues.get(id);
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const tail = before ? before.then(() => released) : released;
  core.queues.set(id, tail);
  try {
    await before;
    return await work(release);
  } finally {
    release();
    if (core.queues.get(id) === tail) core.queues.delete(id);
  }
}
