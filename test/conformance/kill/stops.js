// The flows around a program whose run lives in a store. The program is `program()`; its stops are listens, answered oldest first.
// Each program has a copy of its own, with its name in place of PROGRAM: by the flow's name runs are claimed.

import { deflow, listen } from "deflow";

export const L = deflow(async function L(value) {
  await listen("stop");
  resumed();
  return value;
});

export const LX = deflow(async function LX(error) {
  await listen("stop");
  resumed();
  throw error;
});

export const main = deflow({ name: "PROGRAM" }, async function main() {
  resumed();
  try {
    const value = await program();
    settle("returns", value);
  } catch (error) {
    settle("throws", error);
  }
});
