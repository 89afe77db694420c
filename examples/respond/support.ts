// A chat with support: whoever writes a message gets the answers to that message.

import { context, deflow, listen, respond, step } from "deflow";

export const message = context<string>("message");
export const desk = { open: async (topic: string, key: string) => `${topic} (${key})` };

export const support = deflow(async function support(customer: string) {
  respond(`Hello ${customer}, what is it about?`);
  const topic = await listen(message);
  respond(`Thank you.`, `I open a ticket for "${topic}".`);
  const ticket = await step("open", ({ key }) => desk.open(topic, key));
  respond(`It is ${ticket}. Is there more?`);
  return await listen(message);
});
