// The first call starts the run and ends. A later one, another process, answers it.

import { createEngine, isDeflowError } from "deflow";
import { sqlite } from "deflow/sqlite";
import { hello, name } from "./hello.ts";

const store = sqlite("hello.db");
const engine = createEngine({ store, flows: { hello } });
const [answer] = process.argv.slice(2);

try {
  const run = answer === undefined
    ? await engine.start(hello, ["Hello"], { id: "hello" })
    : await engine.continue("hello", name, answer);
  console.log(run.status === "completed" ? run.value : run.responses[0]);
} catch (error) {
  if (!isDeflowError(error)) throw error;
  console.log(`${error.code}: ${error.message}`);
}

await engine.close();
await store.close();
