// The process in which programs run. A miscompiled program may never end, or end the process: the parent copes.

import type { Run } from "./backend.ts";
import { backends } from "./backends.ts";
import type { Program } from "./program.ts";

export interface Job {
  readonly backend: string;
  readonly program: Program;
}

// What Node would die of. It belongs to the run that is executing.
let unhandled: string[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(`unhandled rejection: ${String(reason)}`));

process.on("message", (job: Job) => {
  void run(job).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit(0));

async function run({ backend: name, program }: Job): Promise<Run> {
  const backend = backends.get(name);
  if (backend === undefined) return { kind: "absent", message: `no back end ${name}` };
  unhandled = [];
  try {
    const result = await backend.run(program);
    // Node reports them after the microtasks of a macrotask.
    await new Promise((resolve) => setImmediate(resolve));
    if (result.kind !== "ran" || unhandled.length === 0) return result;
    return { ...result, result: { trace: result.result.trace, outcome: `${result.result.outcome}; ${unhandled.join("; ")}` } };
  } catch (error) {
    return { kind: "ran", result: { trace: [], outcome: `crashes: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` }, stops: 0 };
  }
}
