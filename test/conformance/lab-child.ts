// The process in which programs run. A miscompiled program may never end, or end the process: the parent copes.

import type { Run } from "./backend.ts";
import { backends } from "./backends.ts";
import { type Judged, judgeProgram } from "./judged.ts";
import type { Program } from "./program.ts";
import { made, type Made } from "./sources.ts";

/** One run of one back end, or a whole judgement. */
export type Job = { readonly backend: string; readonly program: Program } | { readonly backends: readonly string[]; readonly made: Made };

// What Node would die of. It belongs to the run that is executing.
let unhandled: string[] = [];

/** Answers the parent's jobs until it goes. */
export function serve(): void {
  process.on("unhandledRejection", (reason) => unhandled.push(`unhandled rejection: ${String(reason)}`));
  process.on("message", (job: Job) => {
    void answer(job).then((result) => process.send?.(result));
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready");
}

function answer(job: Job): Promise<Run | Judged> {
  return "made" in job ? judgeProgram(made(job.made), job.backends, run) : run(job.backend, job.program);
}

export async function run(name: string, program: Program): Promise<Run> {
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

if (process.send !== undefined && process.argv[1]?.endsWith("lab-child.ts")) serve();
