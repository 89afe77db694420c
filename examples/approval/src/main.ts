// The approval service: one process over one SQLite file. It takes commands from its input, a line each:
//
//   start expenses.csv                a run for each expense in the file; those that have one are left alone
//   manager E-1003 yes looks fine     the manager's decision
//   finance E-1002 no too much        that of finance
//   upload E-1005 dock.pdf            a receipt that was missing
//   quit                              finishes what it is doing and ends
//
// and answers each with what the runs concerned do next. Killed at any time and started again, it goes on.

import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { createEngine, isDeflowError, type Run } from "deflow";
import { sqlite } from "deflow/sqlite";
import { daysAhead } from "./clock.ts";
import { readExpenses } from "./expense.ts";
import { approve, finance, manager, upload } from "./flow.ts";
import { connect } from "./outside.ts";

const { values: options } = parseArgs({
  options: {
    store: { type: "string", default: "runs.db" },
    ledger: { type: "string", default: "effects.jsonl" },
    "days-ahead": { type: "string", default: "0" },
    "stuck-bank": { type: "string", default: "" },
  },
});
connect({ ledger: options.ledger, stuck: options["stuck-bank"] });

const store = sqlite(options.store);
const engine = createEngine({
  store,
  flows: { approve },
  clock: daysAhead(Number(options["days-ahead"])),
  logger: { debug() {}, info: (text, fields) => say(`# ${text}`, fields), warn: (text) => say(`# ${text}`), error: (text) => say(`# ${text}`) },
});
engine.work();
say("ready");

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "quit") break;
  try {
    await obey(line);
  } catch (error) {
    say(`! ${isDeflowError(error) ? `${error.code}: ${error.message}` : String(error)}`);
  }
  say("ok");
}
process.stdin.destroy();
await engine.close();
await store.close();

async function obey(line: string): Promise<void> {
  const [command, ...words] = line.split(" ");
  const [id = "", word = "", ...rest] = words;
  switch (command) {
    case "start":
      for (const expense of readExpenses(words.join(" "))) tell(await engine.start(approve, [expense], { id: expense.id }));
      return;
    case "manager":
    case "finance":
      return tell(await engine.continue(id, command === "manager" ? manager : finance, { approved: word === "yes", note: rest.join(" ") }));
    case "upload":
      return tell(await engine.continue(id, upload, { name: word }, { permit: word }));
    default:
      return say(`! unknown command: ${line}`);
  }
}

function tell(run: Run): void {
  for (const response of run.responses) say(`${run.id} asks ${String(response)}`);
  say(`${run.id} ${run.status}`);
}

function say(text: string, fields: object = {}): void {
  console.log("runId" in fields ? `${text} (${String(fields.runId)})` : text);
}
