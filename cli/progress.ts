// Shows that a long command is at work: on a terminal alone, on standard error, and gone when it is over.

import { SingleBar } from "cli-progress";
import type { Io } from "./io.ts";

export interface Counter {
  add(number: number): void;
  end(): void;
}

/** `what` is counted; how much there is nobody knows before. */
export function counter({ screen }: Io, what: string): Counter {
  if (screen === undefined) return { add() {}, end() {} };
  const bar = new SingleBar({ stream: screen, format: `{value} ${what}, {duration_formatted}`, clearOnComplete: true, hideCursor: true });
  bar.start(0, 0);
  return { add: (number) => bar.increment(number), end: () => bar.stop() };
}
