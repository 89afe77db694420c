// SCENARIOS.md is complete, and each test that it names is there.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const table = readFileSync(new URL("SCENARIOS.md", import.meta.url), "utf8");
const rows = [...table.matchAll(/^\| ([A-Z]?\d+) \| (.+?) \| (.+) \|$/gm)].map(([, id, scenario, tests]) => ({ id, scenario, tests }) as { id: string; scenario: string; tests: string });

/** How many each list has. */
const lists = { R: 49, I: 19, W: 9, D: 35, A: 13, "": 26 };

it("has every id once", () => {
  const ids = Object.entries(lists).flatMap(([letter, count]) => Array.from({ length: count }, (_, n) => `${letter}${n + 1}`));
  expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});

it.each(rows)("$id $scenario", ({ tests }) => {
  if (/^later: .+/.test(tests)) return;
  const named = tests.split(/; (?=`)/).map((one) => /^`([^`]+)` "(.+)"$/.exec(one) ?? expect.unreachable(`not a test: ${one}`));
  for (const [, path, title] of named as unknown as readonly (readonly [string, string, string])[]) {
    const file = new URL(path.startsWith("fixtures/flows/") ? `${path}/script.ts` : path, root);
    expect(existsSync(file), `${fileURLToPath(file)} is there`).toBe(true);
    const source = readFileSync(file, "utf8");
    expect([`"${title}"`, `\`${title}\``, `${title}:`].some((text) => source.includes(text)), `${path} has ${JSON.stringify(title)}`).toBe(true);
  }
});
