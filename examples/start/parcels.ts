// An order goes out in several parcels. Each is a run of its own, with an id that the carrier can name.

import { context, deflow, listen, start, step } from "deflow";

export const delivered = context<{ to: string }>("delivered");
export const carrier = { book: async (items: string[], key: string) => `label for ${items.join(" and ")} (${key})` };

export const parcel = deflow(async function parcel(items: string[]) {
  await step("book", ({ key }) => carrier.book(items, key));
  const { to } = await listen(delivered, { timeout: "30 days" });
  return `${items.join(", ")} to ${to}`;
});

export const order = deflow(async function order(id: string, parcels: string[][]) {
  const handles = await Promise.all(parcels.map((items, n) => start(parcel, [items], { id: `${id}-${n + 1}`, index: { order: id } })));
  return await Promise.all(handles.map((handle) => handle.result()));
});
