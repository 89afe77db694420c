// A process of the kill loop: a worker over the file given, one run at a time.

import { appendFileSync } from "node:fs";
import { createEngine } from "../../../runtime/engine/engine.ts";
import { broken } from "../../stores/broken.ts";
import { openStore, type StoreAt } from "./open.ts";
import { job, order } from "./order.ts";
import { type Plan, Points } from "./points.ts";

export interface WorkerTask {
  readonly at: StoreAt;
  readonly ledger: string;
  /** Milliseconds. */
  readonly lease: number;
  readonly stepTime: number;
  readonly plan?: Plan;
  readonly broken?: keyof typeof broken;
}

const task = JSON.parse(process.argv[2] ?? "{}") as WorkerTask;
const points = new Points(task.plan);
const write = (entry: object): void => appendFileSync(task.ledger, `${JSON.stringify({ pid: process.pid, ...entry })}\n`);

job.act = async ({ key, fence }, word) => {
  write({ begun: key, word, fence });
  await points.reach("step begun");
  // Some last for a heartbeat.
  await new Promise((resolve) => setTimeout(resolve, word.endsWith("3") ? task.lease / 2 : task.stepTime));
  await points.reach("step done");
  return word;
};

const opened = openStore(task.at, `worker ${process.pid}`);
const store = points.around(task.broken ? broken[task.broken][1](opened) : opened);
createEngine({ store, flows: { order }, lease: task.lease, crashes: 1_000, logger: { debug() {}, info() {}, warn() {}, error() {} } }).work({ concurrency: 1, poll: 20 });
process.send?.("ready");
