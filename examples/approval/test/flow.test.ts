// The flow without a store: begin and resume, with every commit read back from its text.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { begin, resume, type BeginOptions } from "deflow";
import { SimulatedClock } from "deflow/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Expense, readExpenses } from "../src/expense.ts";
import { approve, finance, manager, upload } from "../src/flow.ts";
import { connect } from "../src/outside.ts";

const day = 24 * 60 * 60 * 1000;
const expenses = readExpenses(fileURLToPath(new URL("../expenses.csv", import.meta.url)));
let folder: string;
let clock: SimulatedClock;
let options: BeginOptions;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "approval-"));
  connect({ ledger: join(folder, "effects.jsonl") });
  clock = new SimulatedClock(new Date("2026-10-20T09:00:00Z"));
  options = { clock, reload: true, id: "run" };
});

afterEach(() => rmSync(folder, { recursive: true }));

function expense(id: string): Expense {
  const found = expenses.find((one) => one.id === id);
  if (!found) throw new Error(`No expense ${id}`);
  return found;
}

/** Effects that ended, in order. */
function done(): string[] {
  const lines = readFileSync(join(folder, "effects.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as { at: string; effect: string; what: string })
    .filter(({ at }) => at === "end").map(({ effect, what }) => `${effect} ${what}`);
}

/** So many days later. */
async function later(frame: string, days: number) {
  await clock.advance(days * day);
  return resume(frame, { now: clock.now() }, options);
}

test("a small expense is paid a day after the manager's yes", async () => {
  const asked = await begin(approve, [expense("E-1001")], options);
  expect(asked).toMatchObject({ status: "waiting", responses: ["Jonas Weber: 48.20 EUR for Taxi, airport to hotel?"] });
  const approved = await resume(asked.frame, manager, { approved: true }, options);
  expect(approved.nextAt).toEqual(new Date("2026-10-21T09:00:00Z"));
  expect(await later(approved.frame, 1)).toMatchObject({
    status: "completed",
    value: { status: "paid", paid: 4820, reminders: 0, receipts: ["2026-10/E-1001/taxi.pdf"], history: ["1. Jonas Weber says yes", expect.stringMatching(/^2\. paid as TX-/), "3. filed taxi.pdf", "4. paid"] },
  });
  expect(done()).toEqual(["pay E-1001", "file E-1001 taxi.pdf", "mail to Amara Okafor: E-1001: paid"]);
});

test("a manager who says nothing is reminded twice, then the claim expires", async () => {
  let run = await begin(approve, [expense("E-1014")], options) as Awaited<ReturnType<typeof later>>;
  for (const reminders of [1, 2]) {
    run = await later(run.frame, 2);
    expect(run.status).toBe("waiting");
    expect(done()).toHaveLength(reminders);
  }
  expect(await later(run.frame, 2)).toMatchObject({ status: "completed", value: { status: "expired", reminders: 2 } });
  expect(done().at(-1)).toBe("mail to Amara Okafor: E-1014: expired");
});

test("above 1,000 EUR finance decides too, and may refuse", async () => {
  const asked = await begin(approve, [expense("E-1011")], options);
  const approved = await resume(asked.frame, manager, { approved: true }, options);
  expect(approved.waits).toMatchObject([{ kind: "listen", context: "finance" }]);
  expect(await resume(approved.frame, finance, { approved: false }, options)).toMatchObject({ status: "completed", value: { status: "refused", paid: 0 } });
});

test("receipts are filed side by side; one that is missing is waited for", async () => {
  const asked = await begin(approve, [expense("E-1015")], options);
  const approved = await resume(asked.frame, manager, { approved: true }, options);
  const paid = await later(approved.frame, 1);
  expect(paid.waits).toMatchObject([{ kind: "listen", context: "upload" }]);
  expect(done()).toContain("file E-1015 guesthouse.pdf");
  expect(await resume(paid.frame, upload, { name: "breakfast.jpg" }, { ...options, permit: "breakfast.jpg" })).toMatchObject({
    status: "completed", value: { receipts: ["2026-10/E-1015/guesthouse.pdf", "2026-10/E-1015/breakfast.jpg"] },
  });
});
