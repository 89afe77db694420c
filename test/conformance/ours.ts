// The compiler and runtime of this package, at three levels:
//   L0  compiled, never stored
//   L1  stored and read back at every stop, in the same realm
//   L2  stored, dropped, and read back in a new realm with the module evaluated again, at every stop

import { existsSync } from "node:fs";
import type { Backend } from "./backend.ts";
import type { Level } from "./program.ts";

export const compilerAt = new URL("../../compiler/index.ts", import.meta.url);
const runtimeAt = new URL("../../runtime/internal.ts", import.meta.url);

export function ours(level: Level): Backend {
  return {
    name: level,
    async run() {
      for (const part of [compilerAt, runtimeAt]) {
        if (!existsSync(part)) return { kind: "absent", message: `no ${part.pathname.split("/").slice(-2).join("/")} yet` };
      }
      return { kind: "absent", message: "not connected yet" };
    },
  };
}
