// A dispatcher of one's own: a file that several processes of one machine watch. Whoever rings writes the ring into it. Two that write at the
// same time may overwrite each other, and a watcher may read half of it: that is allowed, for a doorbell may lose what it is told.

import { watch, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import type { Dispatcher, Ring } from "deflow";

export function fileDispatcher(path: string): Dispatcher {
  writeFileSync(path, "", { flag: "a" });
  return {
    ring: (ring) => writeFile(path, JSON.stringify(ring)),
    listen(heard, failed) {
      const watcher = watch(path, { persistent: false }, () => {
        // What cannot be read is still a ring: look now.
        readFile(path, "utf8").then((text) => JSON.parse(text) as Ring).catch(() => ({ at: 0 })).then(heard, failed);
      });
      watcher.on("error", (error) => failed?.(error));
      return () => watcher.close();
    },
  };
}
