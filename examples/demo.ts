// The demo, `npm run demo`, in two acts: approval is killed and goes on, upgrade gets new code under its runs. Ends with an exit code other
// than 0 if anything is not as it must be.

import { actOne } from "./approval/demo/act.ts";
import { seconds } from "./approval/demo/text.ts";
import { Workshop } from "./approval/demo/workshop.ts";
import { actTwo } from "./upgrade/demo/act.ts";

const started = performance.now();
const workshop = new Workshop();
try {
  const judged = [...await actOne(workshop), ...await actTwo(workshop.path("node_modules"))];
  console.log(`\n${judged.filter(({ ok }) => ok).length} of ${judged.length} checks passed, ${seconds(performance.now() - started)} in all`);
  process.exitCode = judged.every(({ ok }) => ok) ? 0 : 1;
} finally {
  workshop.remove();
}
