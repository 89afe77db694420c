// A login code by text message: two codes would confuse people more than none, and the gateway knows no keys.

import { context, deflow, listen, isDeflowError, step } from "deflow";

export const resend = context<boolean>("resend");
export const gateway = { text: async (number: string, text: string) => console.log(`${number}: ${text}`) };

export const sendCode = deflow(async function sendCode(number: string, code: string) {
  for (;;) {
    try {
      await step.once("text", () => gateway.text(number, `Your code is ${code}`), { timeout: "10 seconds" });
      return "sent";
    } catch (error) {
      if (!isDeflowError(error, "STEP_OUTCOME_UNKNOWN")) throw error;
    }
    if (!await listen(resend, { prompt: "Did you get our message? If not, we send it again." })) return "it had come";
  }
});
