// The suite must find what it is there for, and pass what is right.

import { expect, it } from "vitest";
import type { Dispatcher } from "../../runtime/dispatchers/dispatcher.ts";
import { inProcess } from "../../runtime/dispatchers/in-process.ts";
import { dispatcherSuite } from "../../runtime/testing/dispatcher-suite.ts";
import { broken } from "./broken.ts";

await dispatcherSuite("in-process", {
  open() {
    const bell = inProcess();
    return { first: bell, second: bell, close() {} };
  },
});

/** `patience`: what is never heard takes so long, in each test. */
async function failures(make: () => Dispatcher, patience: number): Promise<string[]> {
  const failed: string[] = [];
  const tests: Promise<void>[] = [];
  const open = () => {
    const bell = make();
    return { first: bell, second: bell, close() {} };
  };
  await dispatcherSuite("broken", { open, patience }, {
    describe: (_name, body) => body(),
    it: (name, body) => tests.push(body().catch(() => void failed.push(name))),
  });
  await Promise.all(tests);
  return failed;
}

it.each(Object.entries(broken))("finds one that %s", async (_name, [test, make]) => {
  if (test === undefined) return void expect(await failures(make, 10_000)).toEqual([]);
  expect(await failures(make, 200)).toContainEqual(expect.stringMatching(new RegExp(`^${test}`)));
});
