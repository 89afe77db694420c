// Six documents come in; a clerk looks at what is asked, two days later.

import { testEngine } from "deflow/testing";
import { missing, opinion, receive, world } from "./pipeline.ts";
import { office, reader } from "./rules.ts";

const documents = [
  { name: "1.txt", text: "Invoice 7: 120 EUR, due in May" },
  { name: "2.txt", text: "Please pay the invoice of last month" },
  { name: "3.txt", text: "The parties agree. Clause 1: delivery in May. Clause 2: unlimited liability" },
  { name: "4.txt", text: "I am disappointed: the lamp is broken, and I will tell my lawyer" },
  { name: "5.txt", text: "The clause that I agreed to says that I pay nothing, your lamp is broken" },
  { name: "6.txt", text: "Greetings from the sea" },
];

world.reader = reader;
world.office = office((text) => console.log(`  ${text}`));
const engine = testEngine({ flows: { receive } });

for (const document of documents) {
  const run = await engine.start(receive, [document], { id: document.name });
  if (run.status === "completed") console.log(`${run.id} ${run.value.kind}: ${run.value.outcome}`);
}

console.log("The clerk's inbox");
const { waits } = await engine.waits();
for (const { runId, context, prompt } of waits) console.log(`  ${runId} ${context}: ${String(prompt)}`);
await engine.continue("2.txt", missing, { amount: 80 });
await engine.continue("3.txt", opinion, { sign: false });

console.log("Two days later");
await engine.advance("2 days");
for (const { id, status, ...run } of (await engine.find()).runs) console.log(`  ${id} ${status} ${JSON.stringify("value" in run ? run.value : {})}`);
await engine.close();
