// Dispatchers that are wrong, each in one way: the suite must find them, and no run may depend on what they do.

import type { Dispatcher, Ring } from "../../runtime/dispatchers/dispatcher.ts";
import { inProcess } from "../../runtime/dispatchers/in-process.ts";

const garbage: readonly unknown[] = [undefined, null, 7, "ring", {}, { at: Number.NaN }, { at: "soon", queue: 3, run: {} }, { queue: "another", at: -1e300 }, { run: "nobody", at: 1e300 }];

/** With the test of the suite that finds it. Those without one may be so. */
export const broken = {
  "throws when it is rung": ["who listens hears", () => ({
    ...inProcess(),
    ring() {
      throw new Error("no line");
    },
  })],
  "rejects, and is deaf": ["who listens hears", () => ({ ring: () => Promise.reject(new Error("no line")), listen: (_heard, failed) => (failed?.(new Error("no line")), () => {}) })],
  "throws when it is listened to": ["who listens hears", () => ({
    ring() {},
    listen() {
      throw new Error("no line");
    },
  })],
  "never rings": ["who listens hears", () => ({ ring() {}, listen: () => () => {} })],
  "rings wrongly": ["what is heard was rung", () => {
    const inner = inProcess();
    return { ring: (ring) => inner.ring({ ...ring, queue: `${ring.queue ?? ""}?`, run: "another" }), listen: (heard) => inner.listen(heard) };
  }],
  "rings of itself, and with anything": ["what is heard was rung", () => {
    const listeners = new Set<(ring: Ring) => void>();
    const storm = (): void => {
      for (const one of garbage) for (const heard of listeners) heard(one as Ring);
    };
    return {
      ring: storm,
      listen(heard) {
        listeners.add(heard);
        storm();
        return () => void listeners.delete(heard);
      },
    };
  }],
  "never lets go": ["who has stopped", () => {
    const inner = inProcess();
    return { ring: (ring) => inner.ring(ring), listen: (heard) => (inner.listen(heard), () => {}) };
  }],
  "has one listener": ["all who listen", () => {
    let last: ((ring: Ring) => void) | undefined;
    return { ring: (ring) => last?.(ring), listen: (heard) => ((last = heard), () => (last = undefined)) };
  }],
  "loses all but every third, and repeats and reorders those": [undefined, () => {
    const inner = inProcess();
    let kept: Ring[] = [];
    return {
      listen: (heard) => inner.listen(heard),
      ring(ring) {
        kept.push(ring);
        if (kept.length < 3) return;
        const [, , third] = kept as [Ring, Ring, Ring];
        kept = [];
        for (const again of [third, third]) setTimeout(() => void inner.ring(again), 2);
      },
    };
  }],
} as const satisfies Record<string, readonly [test: string | undefined, make: () => Dispatcher]>;
