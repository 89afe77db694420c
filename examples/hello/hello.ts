// One flow. It asks for a name and waits: a minute or a year, in this process or another.

import { context, deflow, listen, respond, run } from "deflow";
import { z } from "zod";

export const name = context("name", z.string().trim().min(1));

export const hello = deflow(async function hello(greeting: string) {
  const asked = new Date(); // an ordinary local: it is kept across the wait, and still a Date
  respond("What is your name?");
  const answer = await listen(name);
  run.progress(`asked in ${asked.getUTCFullYear()}`);
  return `${greeting}, ${answer}!`;
});
