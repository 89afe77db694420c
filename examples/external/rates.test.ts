import { begin, external, resume } from "deflow";
import { expect, it } from "vitest";
import { processes } from "../processes.ts";
import { amount, convert, rates } from "./rates.ts";

it("a frame has the name, and whoever goes on has the object", async () => {
  const { frame } = await begin(convert, ["SEK"]);
  expect(frame).toContain('"table":{"$ext":"rates"}');
  const first = await resume(frame, amount, 2);
  rates.set("SEK", 12);
  const second = await resume(first.frame, amount, 1);
  expect(await resume(second.frame, amount, 0)).toMatchObject({ status: "completed", value: 2 * 11 + 12 });
  rates.set("SEK", 11);
});

it("in another process it is that process's own", async () => {
  await processes({ flows: { convert } }, async ({ next }) => {
    const run = await next().start(convert, ["SEK"]);
    await next().continue(run.id, amount, 1);
    external("rates", new Map([["SEK", 20]]));
    await next().continue(run.id, amount, 1);
    external("rates", rates);
    expect(await next().continue(run.id, amount, 0)).toMatchObject({ status: "completed", value: 31 });
  });
});

it("a name that nothing has is told", async () => {
  const { frame } = await begin(convert, ["SEK"]);
  await expect(resume(frame.replace('"$ext":"rates"', '"$ext":"prices"'), amount, 1)).rejects.toMatchObject({ code: "UNKNOWN_EXTERNAL" });
});
