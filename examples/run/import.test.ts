import { testEngine } from "deflow/testing";
import { expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { importCatalogue, shop } from "./import.ts";

it("tells its id, and is found by its index", async () => {
  const lines: unknown[] = [];
  const line = (level: string) => (message: string, fields?: object) => void lines.push([level, message, fields]);
  const logger = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  const engine = testEngine({ flows: { importCatalogue }, steps: { save: ({ attempt, key }) => attempt === 1 && key !== "imp:2" }, logger });
  const run = await engine.start(importCatalogue, ["Acme", ["lamp", "desk"]], { id: "imp", index: { tenant: 7 } });
  expect(run).toMatchObject({ value: "imp: 1 articles", progress: "1 of 2", index: { tenant: 7, supplier: "Acme", state: "to check", articles: 2 } });
  expect((await engine.find({ index: { supplier: "Acme", state: "to check" } })).runs).toMatchObject([{ id: "imp" }]);
  expect(lines).toEqual([
    ["warn", "rejected: desk", expect.objectContaining({ runId: "imp" })],
    ["info", expect.stringContaining("imported"), expect.objectContaining({ runId: "imp" })],
  ]);
  await engine.close();
});

it("what it told is stored with each commit", async () => {
  vi.spyOn(shop, "save").mockResolvedValueOnce(true).mockImplementation(() => new Promise(() => {}));
  await processes({ flows: { importCatalogue } }, async ({ next }) => {
    void next().start(importCatalogue, ["Acme", ["lamp", "desk"]], { id: "imp" });
    await vi.waitFor(() => expect(shop.save).toHaveBeenCalledTimes(2));
    expect(await next().get("imp")).toMatchObject({ status: "running", progress: "1 of 2", index: { state: "importing" } });
  });
});
