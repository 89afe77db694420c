// The shop: its list price, and what it does to its customers, each written into a file when it is done.

import { appendFileSync } from "node:fs";

export interface Customer {
  readonly id: string;
  readonly seats: number;
  /** Seats that cost nothing. */
  readonly free: number;
}

export interface Effect {
  readonly effect: "mail" | "charge";
  readonly customer: string;
  /** Seats, of a mail; EUR, of a charge. */
  readonly amount: number;
  /** The same at every attempt of a step. */
  readonly key: string;
  /** The process that did it. */
  readonly pid: number;
}

/** `price`: of a seat and month, in EUR, as the list has it today. */
export const shop = { price: 10, ledger: "effects.jsonl" };

export function mail(customer: string, seats: number, key: string): void {
  write({ effect: "mail", customer, amount: seats, key, pid: process.pid });
}

/** Gives the amount. */
export function charge(customer: string, amount: number, key: string): number {
  write({ effect: "charge", customer, amount, key, pid: process.pid });
  return amount;
}

function write(effect: Effect): void {
  appendFileSync(shop.ledger, `${JSON.stringify(effect)}\n`);
}
