// A frame that is stored in a `finally` names the jump that goes on behind it: the code must still have the way.

import { expect, test } from "vitest";
import { begin, type Flow, resume } from "../../runtime/index.ts";
import { flow, load } from "../compiler/source.ts";

const { f } = load(flow(`
  for (const x of a) {
    try {
      if (x === 2) break;
      if (x === 3) return "left";
    } finally {
      await listen("p");
    }
  }
  return "through";`)) as unknown as { f: Flow<[number[]], string> };

const ended = async (frame: string | undefined): Promise<string> => {
  const next = await resume(frame as string, "p", null);
  return next.status === "completed" ? String(next.value) : next.status;
};

test("a jump goes on where it led", async () => {
  expect(await ended((await begin(f, [[1]])).frame)).toBe("through");
  expect(await ended((await begin(f, [[2, 1]])).frame)).toBe("through");
  expect(await ended((await begin(f, [[3, 1]])).frame)).toBe("left");
});

test("of another build it may lead nowhere: that is said, and nothing runs", async () => {
  const { frame = "" } = await begin(f, [[3, 1]]);
  expect(frame).toContain('"to":"return"');
  const other = frame.replace('"to":"return"', '"to":"break switch 1"');
  await expect(resume(other, "p", null)).rejects.toMatchObject({ code: "REGION_MISFIT", message: expect.stringContaining("break switch 1") as string });
});
