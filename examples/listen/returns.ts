// Goods sent back: the shop waits for the warehouse, two weeks at most.

import { context, deflow, listen } from "deflow";
import { z } from "zod";

export const arrived = context("arrived", z.object({ condition: z.enum(["as new", "damaged"]) }));

export const returns = deflow(async function returns(order: { id: string; total: number }, warehouseKey: string) {
  const parcel = await listen(arrived, {
    permit: warehouseKey,
    timeout: "14 days",
    default: null,
    prompt: `In what condition is the parcel of order ${order.id}?`,
    metadata: { team: "warehouse" },
    label: "parcel",
  });
  if (parcel === null) return { refund: 0, because: "nothing came" };
  return { refund: parcel.condition === "as new" ? order.total : order.total / 2, because: parcel.condition };
});
