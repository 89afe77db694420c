// At a stop the runtime finds its built-ins as they were, whatever the program has put in their place.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { holders } from "../../runtime/realm/intact.ts";
import { pristine } from "../../runtime/realm/intrinsics.ts";

const { apply, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;

const called = new Set(sourcesIn("../../runtime").flatMap((text) => [...text.matchAll(/\.(\w+)\??\.?\(/g)].map(([, name]) => name)));

test("each built-in that the runtime calls is put back where the program has replaced it", () => {
  const missed: string[] = [];
  let tried = 0;
  for (const object of holders) {
    for (const key of ownKeys(object)) {
      const before = getOwnPropertyDescriptor(object, key);
      const value: unknown = before?.value;
      if (typeof value !== "function" || key === "constructor" || !(typeof key === "symbol" || called.has(key))) continue;
      tried++;
      defineProperty(object, key, { ...before, value: replacement(value as (...args: never[]) => unknown) });
      const found = pristine(() => (object as Record<PropertyKey, unknown>)[key]);
      defineProperty(object, key, before as PropertyDescriptor);
      if (found !== value) missed.push(String(key));
    }
  }
  expect(missed).toEqual([]);
  expect(tried).toBeGreaterThan(80);
});

function replacement(original: (...args: never[]) => unknown): unknown {
  return function replaced(this: unknown, ...args: never[]): unknown {
    return apply(original, this, args);
  };
}

function sourcesIn(folder: string): string[] {
  const root = join(import.meta.dirname, folder);
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  return paths.map((path) => readFileSync(join(root, path), "utf8"));
}
