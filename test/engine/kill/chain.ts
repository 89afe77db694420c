// Four steps in a row, each of which says in a log that it begins; a step that happens at most once; a turn that ends its process.

import { appendFileSync } from "node:fs";
import { listen } from "../../../runtime/api/listen.ts";
import { step } from "../../../runtime/api/step.ts";
import * as $ from "../../../runtime/internal.ts";
import { flow, word } from "../flows.ts";

/** Set before a step runs. With `hang` the second step never ends, and a deadly turn is one. */
export const job = { log: "", hang: false };

const act = $.code("chain#act", "n", (env) => ((info: { key: string; fence: number; attempt: number }) => {
  const { n } = env as { n: number };
  appendFileSync(job.log, `${JSON.stringify({ n, key: info.key, fence: info.fence, attempt: info.attempt })}\n`);
  if (job.hang && n === 2) return new Promise(() => setInterval(() => {}, 1000));
  return n;
}) as never);

/** async () => { await listen(word); let sum = 0; for (let n = 1; n <= 4; n++) sum += await step("act", act); return sum; } */
export const chain = flow<[], number>("chain", {
  "": () => ({ at: "listen:word", on: listen(word), locals: {} }),
  "listen:word": () => ({ at: "step:act", on: step("act", act({ n: 1 }) as () => number), locals: { n: 1, sum: 0 } }),
  "step:act": (value, { n, sum }) => {
    const total = Number(sum) + Number(value);
    if (n === 4) return { result: total };
    const next = Number(n) + 1;
    return { at: "step:act", on: step("act", act({ n: next }) as () => number), locals: { n: next, sum: total } };
  },
}, { "step:act": "n sum" });

/** async () => { await listen(word); return await step.once("act", act); } */
export const single = flow<[], number>("single", {
  "": () => ({ at: "listen:word", on: listen(word), locals: {} }),
  "listen:word": () => ({ at: "step:act", on: step.once("act", act({ n: 2 }) as () => number), locals: {} }),
  "step:act": (value) => ({ result: value }),
});

/** async () => { await listen(word); process.kill(process.pid, "SIGKILL"); } */
export const deadly = flow<[], never>("deadly", {
  "": () => ({ at: "listen:word", on: listen(word), locals: {} }),
  "listen:word": () => {
    if (!job.hang) throw new Error("spared");
    appendFileSync(job.log, `${JSON.stringify({ n: 0, key: "deadly", fence: 0, attempt: 0 })}\n`);
    process.kill(process.pid, "SIGKILL");
    return { at: "never", on: new Promise(() => {}), locals: {} };
  },
});
