// A ride: the driver has ten minutes to come, however many messages that takes.

import { context, deflow, isDeflowError, listen, step } from "deflow";
import { within } from "deflow/patterns";

export const position = context<number>("position");
export const phone = { notify: async (text: string) => console.log(text) };

const approach = deflow(async function approach() {
  for (let metres = Infinity; metres > 50; metres = await listen(position)) {
    if (metres < 500) await step("notify", () => phone.notify("Your driver is near"));
  }
  return "there";
});

export const ride = deflow(async function ride() {
  try {
    return await within("10 minutes", approach());
  } catch (error) {
    if (!isDeflowError(error, "TIMEOUT")) throw error;
    return "free of charge";
  }
});
