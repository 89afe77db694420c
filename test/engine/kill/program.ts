// A process to be killed: a worker over the file given.

import { createEngine } from "../../../runtime/engine/engine.ts";
import { sqlite } from "../../../runtime/stores/sqlite.ts";
import { chain, deadly, job, single } from "./chain.ts";

const [file = "", log = "", mode] = process.argv.slice(2);
job.log = log;
job.hang = mode === "hang";
createEngine({ store: sqlite(file), flows: { chain, deadly, single }, lease: 300 }).work({ concurrency: 4, poll: 20 });
process.send?.("ready");
