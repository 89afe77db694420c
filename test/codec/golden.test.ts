// Every frame of every released format is read for ever, and means what it meant. A file is one frame, as stored.
//
// UPDATE=1 writes the files that are missing; it never touches one that exists. Until format 1 is released, a change of
// it is made by deleting files; after that, by a folder v2 beside v1.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";
import { difference } from "./same.ts";
import { all } from "./values.ts";

const folder = fileURLToPath(new URL("../../fixtures/frames/v1/", import.meta.url));
const fileOf = (name: string): string => `${name.replaceAll(/[^a-zA-Z0-9]+/g, "-")}.json`;

test.each(all)("%s", (name, make) => {
  const path = folder + fileOf(name);
  if (!existsSync(path) && process.env["UPDATE"] === "1") writeFileSync(path, `${encode({ value: make() })}\n`);
  const text = readFileSync(path, "utf8").trimEnd();
  expect(difference(decode(text), { value: make() })).toBeUndefined();
  expect(encode(decode(text))).toBe(text);
});

test("every file is of a value that is still known", () => {
  expect(readdirSync(folder).toSorted()).toEqual(all.map(([name]) => fileOf(name)).toSorted());
});
