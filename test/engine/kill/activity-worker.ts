// A process that has no flows, and carries out activities of the queue "gpu".

import { createEngine } from "../../../runtime/engine/engine.ts";
import { duty } from "./activity.ts";
import { openStore, type StoreAt } from "./open.ts";

export interface ActivityTask {
  readonly at: StoreAt;
  readonly log: string;
  readonly lease: number;
  readonly hangs?: boolean;
  readonly takes?: number;
}

const { at, lease, ...given } = JSON.parse(process.argv[2] ?? "{}") as ActivityTask;
Object.assign(duty, given);
createEngine({ store: openStore(at), flows: {}, lease, logger: { debug() {}, info() {}, warn() {}, error() {} } }).work({ queues: ["gpu"], poll: 20 });
process.send?.("ready");
