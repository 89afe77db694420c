// Paying an invoice: the bank may be slow or down, and must not be paid twice.

import { deflow, FatalError, step } from "deflow";

export const bank = {
  async transfer(iban: string, amount: number, options: { key: string; signal: AbortSignal }): Promise<{ status: number; receipt: string }> {
    const headers = { "Idempotency-Key": options.key };
    const answer = await fetch("https://bank.example/transfers", { method: "POST", body: JSON.stringify({ iban, amount }), headers, signal: options.signal });
    return { status: answer.status, receipt: await answer.text() };
  },
};

export const payInvoice = deflow(async function payInvoice(iban: string, amount: number) {
  return await step("pay", async ({ key, attempt, signal, log }) => {
    if (attempt > 1) log.warn(`attempt ${attempt} for ${iban}`);
    const { status, receipt } = await bank.transfer(iban, amount, { key, signal });
    if (status === 422) throw new FatalError("There is no such account");
    if (status !== 201) throw new Error(`The bank says ${status}`);
    return receipt;
  }, { timeout: "20 seconds", retry: { attempts: 4, delay: "10 seconds" } });
});

export const readStatement = deflow(async function readStatement(pages: number) {
  return await step("read", async ({ heartbeat, signal }) => {
    let read = 0;
    while (read < pages && !signal.aborted) {
      await fetch(`https://bank.example/statement/${++read}`, { signal });
      heartbeat();
    }
    return read;
  }, { heartbeat: "30 seconds" });
});
