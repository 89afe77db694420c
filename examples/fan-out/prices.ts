// The price of one thing in many shops at once. Shops fail, shops are slow; the answer is what came in time, and who did not answer, and why.

import { deflow, FatalError, isDeflowError, run, step } from "deflow";
import { within } from "deflow/patterns";

const deadline = "20 seconds";
const retry = { attempts: 10, delay: "2 seconds", jitter: false } as const;

export const shops = {
  /** In cents. Throws FatalError for what the shop does not sell. */
  ask: async (_shop: string, _product: string, _signal: AbortSignal): Promise<number> => {
    throw new FatalError("not sold here");
  },
};

export interface Comparison {
  readonly best: { readonly shop: string; readonly price: number } | undefined;
  readonly prices: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, string>>;
}

export const compare = deflow(async function compare(product: string, names: string[]): Promise<Comparison> {
  let answered = 0;
  const ask = async (shop: string): Promise<{ shop: string; price: number }> => {
    try {
      const price = await within(deadline, step(`ask ${shop}`, ({ signal }) => shops.ask(shop, product, signal), { retry }));
      return { shop, price };
    } finally {
      run.progress(`${++answered} of ${names.length}`);
    }
  };

  const outcomes = await Promise.allSettled(names.map(ask));

  const found = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])).sort((a, b) => a.price - b.price);
  const failed = outcomes.flatMap((outcome, n) => (outcome.status === "rejected" ? [[names[n], reasonOf(outcome.reason)]] : []));
  return { best: found[0], prices: Object.fromEntries(found.map(({ shop, price }) => [shop, price])), failed: Object.fromEntries(failed) };
});

function reasonOf(error: unknown): string {
  if (isDeflowError(error, "TIMEOUT")) return `no answer in ${deadline}`;
  return error instanceof Error ? error.message : String(error);
}
