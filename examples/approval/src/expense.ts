// Expenses as they come from the accounting system: a CSV file, checked row by row.

import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { z } from "zod";

export interface Receipt {
  readonly name: string;
  /** Named on the claim but not handed in yet. */
  readonly missing: boolean;
}

export interface Expense {
  readonly id: string;
  readonly date: string;
  readonly employee: string;
  readonly manager: string;
  readonly category: string;
  /** In cents. */
  readonly amount: number;
  readonly description: string;
  readonly receipts: readonly Receipt[];
}

const row = z.object({
  id: z.string().regex(/^E-\d+$/),
  date: z.iso.date(),
  employee: z.string().min(1),
  manager: z.string().min(1),
  category: z.string().min(1),
  amount: z.string().regex(/^[\d,]+\.\d\d$/).transform((text) => Number(text.replaceAll(/[,.]/g, ""))),
  description: z.string(),
  receipts: z.string().transform((text) => text.split(";").filter(Boolean).map(receipt)),
});

function receipt(text: string): Receipt {
  return { name: text.replace(/\?$/, ""), missing: text.endsWith("?") };
}

/** Throws with the line and the field of what is wrong in the file. */
export function readExpenses(path: string): Expense[] {
  const records = parse(readFileSync(path), { bom: true, columns: true, info: true }) as { record: unknown; info: { lines: number } }[];
  return records.map(({ record, info }) => {
    const checked = row.safeParse(record);
    if (checked.success) return checked.data;
    throw new Error(`${path}, record that ends in line ${info.lines}: ${z.prettifyError(checked.error)}`);
  });
}

/** "1284.00 EUR" */
export function money(cents: number): string {
  return `${(cents / 100).toFixed(2)} EUR`;
}
