// The flows of the simulation, as their authors would write them. Each gives what it saw, in the order in which it saw it, so
// that nothing can be lost, doubled or mixed up without showing in its value. Compiled by `load.ts`.

import { callback, compensate, deflow, listen, respond, sleep, start, step } from "deflow";
import { act, check } from "./effects.ts";

export const collect = deflow(async function collect(words: number) {
  const seen: unknown[] = [];
  for (let n = 0; n < words; n++) {
    const word = await listen("word");
    respond(word);
    seen.push(word, await step("note", (info) => act(info, "note", word)));
  }
  return seen;
});

export const remind = deflow(async function remind(times: number) {
  const seen: unknown[] = [];
  for (let n = 0; n < times; n++) {
    const word = await listen("word", { timeout: 700, default: null });
    respond(n, word);
    seen.push(word);
    if (word === null) seen.push(await step("mail", (info) => act(info, "mail", n)));
  }
  await sleep(300);
  return seen;
});

export const both = deflow(async function both(failures: number) {
  const seen: unknown[] = [];
  for (let n = 0; n < 2; n++) {
    const work = step("work", (info) => act(info, "work", n, failures), { retry: { attempts: 40, delay: 200, backoff: "linear", jitter: false } });
    seen.push(...await Promise.all([work, listen("word")]));
  }
  return seen;
});

export const racing = deflow(async function racing() {
  const seen: unknown[] = [];
  for (let n = 0; n < 3; n++) seen.push(await Promise.race([listen("word"), listen("other"), sleep(900)]));
  seen.push(await listen("other"));
  return seen;
});

export const calling = deflow(async function calling() {
  const seen: unknown[] = [];
  const answer = callback({ timeout: 4000 });
  respond(answer.token);
  try {
    seen.push(await answer);
  } catch (error) {
    seen.push((error as Error).name);
  }
  seen.push(await step("reply", (info) => act(info, "reply", seen.length)));
  return seen;
});

export const parent = deflow(async function parent(children: number) {
  const seen: unknown[] = [];
  const handles = [];
  for (let n = 0; n < children; n++) handles.push(await start(collect, [1]));
  for (const handle of handles) {
    try {
      seen.push(await handle.result());
    } catch (error) {
      seen.push((error as Error).name);
    }
  }
  return seen;
});

export const careful = deflow(async function careful() {
  const seen: unknown[] = [];
  seen.push(await step("book", (info) => act(info, "book")));
  compensate(async () => {
    await step("unbook", (info) => act(info, "unbook"));
  });
  try {
    seen.push(await listen("word"));
  } finally {
    seen.push(await step("clean", (info) => act(info, "clean")));
  }
  await sleep(500);
  return seen;
});

export const fan = deflow(async function fan(width: number) {
  const seen: unknown[] = [await listen("word")];
  seen.push(...await Promise.all(Array.from({ length: width }, (_, n) => step("fan", (info) => act(info, "fan", n)))));
  seen.push(await listen("word"));
  return seen;
});

export const fragile = deflow(async function fragile() {
  const seen: unknown[] = [await listen("word")];
  seen.push(await step("fragile", (info) => act(info, "fragile", seen.length)));
  seen.push(await listen("word"));
  check();
  return seen;
});
