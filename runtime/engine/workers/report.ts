// Says once, when an engine begins to work, which runs this build cannot go on with.

import type { Core } from "../core.ts";
import { strandedBy } from "../telling/stranded.ts";
import { counted } from "../turns/shapes.ts";

/** They go on by themselves when a build or a migration comes that knows them. */
export async function reportStranded(core: Core): Promise<void> {
  if (core.home.reported) return;
  const lines: string[] = [];
  let total = 0;
  for await (const { runs, ...shape } of counted(core.store, [...core.flows.keys()])) {
    core.shapes.learn(shape);
    const judged = core.shapes.judged(shape.key);
    if (judged === undefined || judged.misfits.length === 0) continue;
    total += runs;
    lines.push(`${runs} of \`${shape.flow}\`:\n${strandedBy(judged).diff}`);
  }
  if (core.home.reported) return;
  core.home.reported = true;
  if (total > 0) core.logger.warn(`${total} ${total === 1 ? "run is" : "runs are"} stranded: this build does not fit what they stored. They wait for one that does.\n${lines.join("\n")}`, { runs: total });
}
