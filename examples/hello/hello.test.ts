import { testEngine } from "deflow/testing";
import { expect, it } from "vitest";
import { showsWhatItPrints } from "../console.ts";
import { hello, name } from "./hello.ts";

showsWhatItPrints(new URL(".", import.meta.url));

it("keeps its locals while it waits, and takes no empty name", async () => {
  const engine = testEngine({ flows: { hello } });
  const run = await engine.start(hello, ["Good day"]);
  expect(run).toMatchObject({ status: "waiting", responses: ["What is your name?"] });
  await engine.advance("365 days");
  await expect(engine.continue(run, name, "  ")).rejects.toMatchObject({ code: "INVALID_INPUT" });
  expect(await engine.continue(run, name, " Ann ")).toMatchObject({ status: "completed", value: "Good day, Ann!" });
  await engine.close();
});
