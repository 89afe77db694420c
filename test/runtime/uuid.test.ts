// Ids of runs: UUIDs of version 7.

import { expect, it } from "vitest";
import { systemRandom } from "../../runtime/realm/random.ts";
import { uuid } from "../../runtime/realm/uuid.ts";

it("is the example of RFC 9562, appendix A.6", () => {
  // rand_a and rand_b, whose highest bits are those of version and variant.
  const chance = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  expect(uuid(1_645_557_742_000, () => chance)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
});

it.each([0xff, 0x00])("has its version and variant whatever chance gives: 0x%s", (byte) => {
  expect(uuid(1, (size) => new Uint8Array(size).fill(byte))).toMatch(/^00000000-0001-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it("sorts by time, and does not repeat within a millisecond", () => {
  const times = [0, 1, 255, 256, 2 ** 32, 1_795_000_000_000, 2 ** 48 - 1];
  const ids = times.map((time) => uuid(time, systemRandom));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 10_000 }, () => uuid(5, systemRandom))).size).toBe(10_000);
});

it("takes any clock: before 1970, after the year 10889, between two milliseconds", () => {
  const began = (now: number): string => uuid(now, (size) => new Uint8Array(size)).slice(0, 13);
  expect([-1, 2 ** 50, 1.5].map(began)).toEqual(["00000000-0000", "ffffffff-ffff", "00000000-0001"]);
});
