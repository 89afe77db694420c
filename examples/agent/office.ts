// A stand-in for a model and an office: fifty invoices, each to be read and then paid. The model decides by the transcript alone, as models do.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Message, Move, Tool } from "./agent.ts";

export const invoices = 50;

/** In EUR. */
export function amountOf(invoice: number): number {
  if (invoice === 20) return 12_400;
  return invoice === 41 ? 8_900 : 100 + 7 * invoice;
}

export async function model(transcript: readonly Message[]): Promise<Move> {
  const last = transcript.at(-1) as Message;
  const read = transcript.filter(({ from, text }) => from === "model" && text.startsWith("read")).length;
  if (last.text.startsWith("invoice")) return { tool: "pay", input: read };
  if (read < invoices) return { tool: "read", input: read + 1 };
  const refused = transcript.filter(({ from, text }) => from === "reviewer" && text !== "yes").length;
  return { done: `${invoices - refused} invoices are paid, ${refused} not` };
}

/** One line for each call of a tool that began. */
export interface Entry {
  readonly tool: string;
  readonly input: number;
  readonly key: string;
  readonly attempt: number;
}

/** The tools of an office that keeps a ledger; `begun` hears of each call when it is in the ledger and not yet done. */
export function toolsOf(ledger: string, begun: (calls: number) => void = () => {}): Record<string, Tool> {
  const note = (entry: Entry): void => {
    appendFileSync(ledger, `${JSON.stringify(entry)}\n`);
    begun(entriesOf(ledger).length);
  };
  return {
    read: {
      async call(input, key, attempt) {
        note({ tool: "read", input, key, attempt });
        return `invoice ${input} is about ${amountOf(input)} EUR`;
      },
    },
    pay: {
      review: (input) => (amountOf(input) > 5_000 ? `Pay invoice ${input}, ${amountOf(input)} EUR?` : undefined),
      async call(input, key, attempt) {
        note({ tool: "pay", input, key, attempt }); // the bank takes a payment once for each key
        return `paid ${input}`;
      },
    },
  };
}

export function entriesOf(ledger: string): Entry[] {
  return existsSync(ledger) ? readFileSync(ledger, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as Entry) : [];
}
