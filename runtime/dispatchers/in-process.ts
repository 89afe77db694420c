// The dispatcher of one process: who rings calls those who listen.

import type { Dispatcher, Ring } from "./dispatcher.ts";

/** Each engine has one of its own. Given to several engines of a process as `dispatcher`, it is between them. */
export function inProcess(): Dispatcher {
  const listeners = new Set<{ readonly heard: (ring: Ring) => void }>();
  return {
    ring(ring) {
      for (const { heard } of listeners) heard(ring);
    },
    listen(heard) {
      const listener = { heard };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
