// Random graphs there and back: equal, of the same identity, and written again as the same text.

import { expect, test } from "vitest";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";
import { graph, random } from "./random.ts";
import { difference } from "./same.ts";

const rounds = 3_000;

test("graphs of all kinds", () => {
  for (let seed = 1; seed <= rounds; seed++) {
    const record = { value: graph(random(seed), 40, false), more: graph(random(-seed), 10, false) };
    const text = encode(record);
    const back = decode(text);
    expect(difference(back, record), `seed ${seed}`).toBeUndefined();
    expect(encode(back), `seed ${seed}`).toBe(text);
    JSON.parse(text);
  }
});

test("plain trees are what JSON.stringify makes of them", () => {
  for (let seed = 1; seed <= rounds; seed++) {
    const record = { value: graph(random(seed), 40, true) };
    const text = encode(record);
    expect(text, `seed ${seed}`).toBe(`{"v":1,${JSON.stringify(record).slice(1)}`);
    expect(difference(decode(text), record), `seed ${seed}`).toBeUndefined();
  }
});

test("plain trees survive among rich values", () => {
  for (let seed = 1; seed <= rounds; seed++) {
    const record = { value: graph(random(seed), 40, true), rich: undefined };
    expect(difference(decode(encode(record)), record), `seed ${seed}`).toBeUndefined();
  }
});
