// The outside world: a bank, an archive, a post office. Each effect is written into a file, the ledger, when it begins and
// when it is done; so afterwards anyone can see what was done, how often, and under which key.

import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Expense } from "./expense.ts";

/** Whose attempt at what this is. */
export interface Attempt {
  /** The same at every attempt of a step. */
  readonly key: string;
  readonly attempt: number;
}

export interface Entry extends Attempt {
  readonly effect: "mail" | "pay" | "file";
  readonly at: "start" | "end";
  readonly what: string;
  /** The process that did it. */
  readonly pid: number;
}

const world = { ledger: "effects.jsonl", stuck: "" };

/** `stuck`: the id of an expense for which the bank takes very long to answer. */
export function connect(settings: Partial<typeof world>): void {
  Object.assign(world, settings);
}

async function perform(effect: Entry["effect"], what: string, { key, attempt }: Attempt, work: () => Promise<unknown>): Promise<void> {
  const entry = { effect, what, key, attempt, pid: process.pid };
  appendFileSync(world.ledger, `${JSON.stringify({ at: "start", ...entry })}\n`);
  await work();
  appendFileSync(world.ledger, `${JSON.stringify({ at: "end", ...entry })}\n`);
}

export async function mail(to: string, text: string, attempt: Attempt): Promise<void> {
  await perform("mail", `to ${to}: ${text}`, attempt, () => pause(5));
}

export const bank = {
  /** The bank knows a payment by its key: the same key again is the same payment. */
  async pay(expense: Expense, attempt: Attempt): Promise<string> {
    await perform("pay", expense.id, attempt, () => pause(expense.id === world.stuck ? 3_600_000 : 20));
    return `TX-${createHash("sha256").update(attempt.key).digest("hex").slice(0, 8)}`;
  },
};

export const archive = {
  /** Gives the place of the file. */
  async file(expense: Expense, name: string, attempt: Attempt): Promise<string> {
    await perform("file", `${expense.id} ${name}`, attempt, () => pause(5));
    return `${expense.date.slice(0, 7)}/${expense.id}/${name}`;
  },
};
