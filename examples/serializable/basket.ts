// A basket with prices: amounts of money are instances of a class, also after days.

import { context, deflow, listen, serializable } from "deflow";

export class Money {
  readonly cents: number;
  readonly currency: string;

  constructor(cents: number, currency: string) {
    this.cents = cents;
    this.currency = currency;
  }

  plus(other: Money): Money {
    return new Money(this.cents + other.cents, this.currency);
  }
}

/** Version 1 had `amount`, in whole units. */
serializable(Money, { version: 2, upgrade: ({ amount, currency }) => ({ cents: Number(amount) * 100, currency }) });

export const item = context<number>("item");

export const basket = deflow(async function basket(currency: string) {
  let total = new Money(0, currency);
  for (let cents = await listen(item); cents > 0; cents = await listen(item)) total = total.plus(new Money(cents, currency));
  return total;
});
