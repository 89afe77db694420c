import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, type Compiled } from "deflow/compiler";
import { testEngine } from "deflow/testing";
import { expect, it } from "vitest";
import { edited, readEdits } from "./demo/edits.ts";
import { subscribe } from "./src/flow.ts";
import { shop } from "./src/shop.ts";

const text = readFileSync(new URL("src/flow.ts", import.meta.url), "utf8");
const { fix, breaking, migration } = readEdits();

const compiled = (source: string, options: Parameters<typeof compile>[1]): Compiled => compile(source, options) ?? expect.unreachable("there is no flow");

it("the build takes the fix, refuses the price, and takes it with the migration", () => {
  const released = compiled(text, { fileName: "flow.ts" }).shapes();
  const said = (source: string): string[] => compiled(source, { fileName: "flow.ts", released }).diagnostics.map(({ code, message }) => `${code} ${message.split("\n")[0]}`);
  const fixed = edited(text, fix);
  const broken = edited(fixed, breaking);
  expect(said(fixed)).toEqual([]);
  expect(said(broken)).toEqual(["DF403 `subscribe sleep.2@7f27l` is released and needs `price`, which is not stored"]);
  expect(said(edited(broken, migration))).toEqual([]);
  expect(() => edited(fixed, fix)).toThrow("The flow has not once");
});

it("the first version counts free seats, and has the price of the day of the charge", async () => {
  const folder = mkdtempSync(join(tmpdir(), "deflow-example-"));
  shop.ledger = join(folder, "effects.jsonl");
  const engine = testEngine({ flows: { subscribe } });
  try {
    const { id } = await engine.start(subscribe, [{ id: "S-01", seats: 3, free: 1 }]);
    await engine.advance("31 days");
    shop.price = 12;
    await engine.advance("7 days");
    expect(await engine.get(id)).toMatchObject({ status: "completed", value: 36 });
    const effects = readFileSync(shop.ledger, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as object);
    expect(effects).toMatchObject([{ effect: "mail", amount: 3 }, { effect: "charge", amount: 36 }]);
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true });
  }
});
