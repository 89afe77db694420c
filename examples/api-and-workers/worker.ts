// A worker: as many of these as there is work. It has no door of its own.

import { isDeflowError } from "deflow";
import { outside } from "./order.ts";
import { openShop } from "./shop.ts";

const { engine, close } = openShop();

outside.cancel = async (order, reason) => {
  try {
    await engine.cancel(order, reason);
  } catch (error) {
    // It was cancelled by an attempt that was cut off, or is over.
    if (!isDeflowError(error, "RUN_ENDED")) throw error;
  }
};

await engine.ready();
const worker = engine.work({ queues: ["orders"], concurrency: 20 });
console.log("works");

process.once("SIGTERM", async () => {
  await worker.stop({ within: "20 seconds" });
  await close();
});
