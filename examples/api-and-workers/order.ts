// An order, and how one is withdrawn. All of it runs in workers.

import { callback, compensate, context, deflow, listen, step } from "deflow";
import type pg from "pg";

export const shipped = context<{ tracking: string }>("shipped");

/** What is done to the world outside, and by whom. */
export const outside = {
  do: async (what: string, order: string, _key: string): Promise<void> => console.log(`${what} ${order}`),
  /** The worker's engine does it. */
  cancel: async (_order: string, _reason: string): Promise<void> => {},
};

export const order = deflow(async function order(id: string, total: number) {
  await step("reserve", ({ key }) => outside.do("reserve", id, key), { retry: 5 });
  compensate(() => step("release", ({ key }) => outside.do("release", id, key), { retry: 5 }));
  if (total > 1_000) {
    const approval = callback<boolean>();
    await step("ask", ({ key }) => outside.do(`token ${approval.token} approves`, id, key));
    if (!await approval) return "refused";
  }
  const { tracking } = await listen(shipped);
  await step.tx("shipped", async (client: pg.ClientBase) => {
    await client.query("update orders set tracking = $2 where id = $1", [id, tracking]);
  });
  await step("tell", ({ key }) => outside.do(`parcel ${tracking} is`, id, key), { retry: 5 });
  return tracking;
});

/** `engine.cancel` runs the order's compensations where it is called: so a worker is to call it. */
export const withdraw = deflow(async function withdraw(id: string, reason: string) {
  await step("cancel", () => outside.cancel(id, reason), { retry: 5 });
});
