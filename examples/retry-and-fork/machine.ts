// A machine built to order: the customer chooses parts, tries variants, and orders one. The factory is not always there.

import { context, deflow, listen, step } from "deflow";

export const part = context<string>("part");
export const factory = { order: async (parts: string[], _key: string) => `${parts.join(" + ")} in June` };

export const machine = deflow(async function machine(model: string) {
  const parts = [model];
  for (let next = await listen(part); next !== "order"; next = await listen(part)) parts.push(next);
  return await step("order", ({ key }) => factory.order(parts, key));
});
