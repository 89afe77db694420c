// The agent as a program that may die at any time: each call goes on with the run until a person is asked or the agent is done.
//
//   main.ts                     starts it, or goes on
//   main.ts yes | no            answers the question first
//   main.ts --power-cut-at 37   the process is killed inside the 37th call of a tool

import { parseArgs } from "node:util";
import { createEngine, type Run } from "deflow";
import { sqlite } from "deflow/sqlite";
import { agent, review, world } from "./agent.ts";
import { entriesOf, model, toolsOf } from "./office.ts";

const { values, positionals: [answer] } = parseArgs({ allowPositionals: true, options: { "power-cut-at": { type: "string" } } });
const ledger = "ledger.jsonl";

world.model = model;
world.tools = toolsOf(ledger, (calls) => {
  if (calls === Number(values["power-cut-at"])) process.kill(process.pid, "SIGKILL");
});

const store = sqlite("agent.db");
const engine = createEngine({ store, flows: { agent }, lease: "3 seconds" });

const before = entriesOf(ledger).length;
let run: Run = await engine.start(agent, ["Pay what is in the inbox"], { id: "inbox" });
if (run.duplicate) console.log(`found at ${run.progress}, ${run.status}`);
const worker = engine.work(); // takes on what a process that died has left, when its lease is over
if (answer !== undefined) run = await engine.continue(run.id, review, { ok: answer === "yes", note: "not this month" });

const rests = (): boolean => run.status !== "running" && run.status !== "queued";
while (!rests()) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  run = await engine.get(run.id);
}

const entries = entriesOf(ledger);
console.log(`${entries.length - before} calls of tools, up to ${run.progress}`);
if (run.status === "waiting") console.log(`asks: ${String(run.waits[0]?.prompt)}`);
if (run.status === "completed") {
  console.log(JSON.stringify(run.value));
  console.log(`in all ${entries.length} calls under ${new Set(entries.map(({ key }) => key)).size} keys`);
  for (const { tool, input, key, attempt } of entries) if (attempt > 1) console.log(`made again: ${tool} ${input}, key ${key}, attempt ${attempt}`);
}

await worker.stop();
await engine.close();
await store.close();
