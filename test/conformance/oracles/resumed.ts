// Stale: a run goes on from an older frame as it went on from there before, though it has been to its end since.
// Twice: it does so each time, whatever the time before did with what it had read.

import { lines, type Run } from "../backend.ts";
import type { Stop } from "../ours.ts";
import { type Drive, objection, type Oracle, some } from "./oracle.ts";

const stale: Oracle = { name: "stale", run: (drive) => resumed(drive, 1) };
const twice: Oracle = { name: "twice", run: (drive) => resumed(drive, 2) };
export { stale, twice };

/** Resumed frames of one program; each costs the rest of its run. */
const most = { 1: 6, 2: 4 };

async function resumed(drive: Drive, times: 1 | 2): Promise<Run> {
  const stops: Stop[] = [];
  const run = await drive({ stored: (stop) => void stops.push(stop) });
  if (run.kind !== "ran") return run;
  for (const stop of some(stops, most[times])) {
    const expected = rest(run, stop.traced);
    for (let time = 1; time <= times; time++) {
      const got = rest(await drive({ from: stop }), 0);
      if (got !== expected) return objection(run, `resumed from ${stop.frame} (time ${time}): expected ${expected} got ${got}`);
    }
  }
  return run;
}

function rest(run: Run, traced: number): string {
  return run.kind === "ran" ? lines({ ...run.result, trace: run.result.trace.slice(traced) }).join(" | ") : `${run.kind}: ${run.message}`;
}
