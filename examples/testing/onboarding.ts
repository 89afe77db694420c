// Onboarding of a customer: three days for the profile, a call by a person if it does not come.

import { context, deflow, listen, step } from "deflow";

export const profile = context<{ company: string }>("profile");

export const onboard = deflow(async function onboard(email: string) {
  await step("welcome", async ({ key }) => {
    await fetch("https://mail.example/welcome", { method: "POST", body: email, headers: { "Idempotency-Key": key } });
  }, { retry: 3 });
  const filled = await listen(profile, { timeout: "3 days", default: null });
  if (filled !== null) return `${filled.company} is ready`;
  await step("call", () => fetch(`https://phone.example/${email}`));
  return "somebody calls";
});
