// A taxi: all drivers near are asked, the first to accept gets the ride, and the others are told. The customer may give up.

import { context, deflow, listen, step } from "deflow";
import { cancel } from "deflow/patterns";

export const accept = context<boolean>("accept");
export const radio = { say: async (driver: string, text: string) => console.log(`${driver}: ${text}`) };

export const taxi = deflow(async function taxi(drivers: string[]) {
  const asked = drivers.map(async (driver) => {
    let text = "never mind";
    try {
      await step("ask", () => radio.say(driver, "Free?"));
      if (await listen(accept, { permit: driver })) text = "go";
      return driver;
    } finally {
      await step("tell", () => radio.say(driver, text));
    }
  });
  const driver = await Promise.race(asked);
  for (const other of asked) cancel(other, "another one was faster");
  await Promise.allSettled(asked);
  return driver;
});
