// A process of the latency test: a worker that looks by itself once in a long while.

import { createEngine } from "../../runtime/engine/engine.ts";
import { postgresDispatcher, postgresStore } from "../../runtime/stores/postgres.ts";
import { sleeper } from "../engine/flows.ts";

export interface WorkerTask {
  readonly url: string;
  readonly schema: string;
  readonly channel: string;
  /** Milliseconds. */
  readonly poll: number;
}

const { url, schema, channel, poll } = JSON.parse(process.argv[2] ?? "{}") as WorkerTask;
const dispatcher = postgresDispatcher({ connectionString: url, channel });
dispatcher.listen(({ run }) => run === "ready?" && process.send?.("ready"));
createEngine({ store: postgresStore({ connectionString: url, schema, durable: false }), flows: { sleeper }, dispatcher }).work({ poll });
