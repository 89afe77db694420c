// What the console shows where nobody gave a logger: of an error what helps, and not the forty fields of a driver's.

import pg from "pg";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CancelledError } from "../../runtime/errors/flow.ts";
import { failure } from "../../runtime/stores/postgres/failures.ts";
import { consoleLogger } from "../../runtime/engine/telling/logger.ts";

let printed: unknown[][] = [];
beforeEach(() => {
  printed = [];
  for (const name of ["warn", "error"] as const) vi.spyOn(console, name).mockImplementation((...values: unknown[]) => void printed.push(values));
});
afterEach(() => vi.restoreAllMocks());

/** As pg throws it. */
function ofDriver(): Error {
  return Object.assign(new pg.DatabaseError("password authentication failed for user \"ann\"", 104, "error"), { severity: "FATAL", code: "28P01", detail: undefined, where: undefined, routine: "auth_failed" });
}

it("an error of the store is its message and what to do", () => {
  const error = failure(ofDriver(), "postgres://host/app", "deflow");
  consoleLogger.error(`The store failed; the worker tries again: ${String(error)}`, { error });
  expect(printed).toEqual([[[
    "deflow: The store failed; the worker tries again: StoreDeniedError: `postgres://host/app` denies access: password authentication failed for user \"ann\"; nothing was written",
    "  fix: Check user and password, and that the user has the rights that runtime/stores/postgres/README.md names.",
    "  see: npx deflow explain STORE_DENIED",
  ].join("\n")]]);
});

it("any other has its stack, its code and its causes beside, and the message once", () => {
  const error = new Error("no luck", { cause: Object.assign(ofDriver(), { cause: "the network" }) });
  consoleLogger.warn(`It failed: ${String(error)}`, { error, runId: "r", values: [error] });
  const [text, fields] = printed[0] as [string, object];
  expect(fields).toEqual({ runId: "r" });
  expect(text.split("\n").filter((line) => !/^ {4}at /u.test(line))).toEqual([
    "deflow: It failed: Error: no luck", "  cause: error: password authentication failed for user \"ann\"", "  code: 28P01", "  cause: the network",
  ]);
  expect(text).toContain("console-logger.test.ts");
});

it("one of a flow has both", () => {
  const error = new CancelledError("enough");
  consoleLogger.error(`A turn failed: ${String(error)}`, { error });
  const lines = String(printed[0]?.[0]).split("\n");
  expect([lines[0], lines[1], ...lines.slice(-2)]).toEqual([
    "deflow: A turn failed: CancelledError: Cancelled: enough", expect.stringContaining("console-logger.test.ts"), expect.stringContaining("  fix: Clean up"), "  see: npx deflow explain CANCELLED",
  ]);
});

it("what cannot be read harms nobody, and what is no error is the message's", () => {
  const error = new Error("odd");
  Object.defineProperty(error, "stack", { get: () => { throw new Error("no"); } });
  consoleLogger.error("It failed", { error });
  consoleLogger.error("It failed: 5", { error: 5 });
  consoleLogger.warn("Plain");
  consoleLogger.info("Nothing");
  expect(printed).toEqual([["deflow: It failed\n(unreadable)"], ["deflow: It failed: 5"], ["deflow: Plain"]]);
});
