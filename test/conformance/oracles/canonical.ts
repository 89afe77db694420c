// Canonical: a frame that is read and written again is the same text. Otherwise equal runs would have unequal frames, and what a
// commit did not change would be written anew.

import { env } from "../ours.ts";
import { objection, type Oracle } from "./oracle.ts";

export const canonical: Oracle = {
  name: "canonical",
  async run(drive) {
    let found: string | undefined;
    const run = await drive({
      stored({ frame }, _, { echo }) {
        const copy = echo.restoreRun(frame, env);
        const again = echo.snapshot(copy).frame;
        copy.drop();
        if (again !== frame) found ??= `the frame ${frame} is written again as ${again}`;
      },
    });
    return found === undefined ? run : objection(run, found);
  },
};
