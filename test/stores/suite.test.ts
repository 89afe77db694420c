// The suite must find what it is there for: stores that break one law each, made from one that keeps them all.

import { expect, it } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { memory } from "../../runtime/stores/memory.ts";
import { storeSuite } from "../../runtime/testing/store-suite.ts";
import { broken } from "./broken.ts";
import { remembering } from "./remembering.ts";

async function failures(broken: (store: Store) => Store): Promise<string[]> {
  const failed: string[] = [];
  const tests: Promise<void>[] = [];
  let law = "";
  await storeSuite("broken", {
    open() {
      const store = memory();
      const bound = broken(store);
      return { first: bound, second: bound, begin: () => ({ client: {}, end() {}, drop() {} }), close: () => store.close() };
    },
  }, {
    describe(name, body) {
      law = name;
      body();
    },
    it(_name, body) {
      const here = law;
      tests.push(body().catch(() => void failed.push(here)));
    },
  });
  await Promise.all(tests);
  return failed;
}

it("finds nothing in a store that keeps the laws", async () => {
  expect(await failures((store) => store)).toEqual([]);
  // It looks at what it has stored, and closes before it has looked.
  expect(await failures(remembering)).toEqual(["closing"]);
});

it.each(Object.entries(broken))("finds %s", async (_name, [law, override]) => {
  expect(await failures(override)).toContainEqual(expect.stringMatching(new RegExp(`^${law.replace(".", "\\.")} `)));
});
