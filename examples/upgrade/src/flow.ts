// A trial of 30 days; then the customer is told what a seat and month is charged for, and charged a week later. All the while its run
// is a row in the store.

import { deflow, sleep, step } from "deflow";
import { charge, type Customer, mail, shop } from "./shop.ts";

export const subscribe = deflow(async function subscribe(customer: Customer): Promise<number> {
  await sleep("30 days");
  const seats = customer.seats;
  await step("announce", ({ key }) => mail(customer.id, seats, key));
  await sleep("7 days");
  const due = seats * shop.price;
  return step("charge", ({ key }) => charge(customer.id, due, key));
});
