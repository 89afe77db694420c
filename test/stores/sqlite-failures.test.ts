// What SQLite and its drivers report, as errors of deflow's.

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sqlite } from "../../runtime/stores/sqlite.ts";
import { checkFit } from "../../runtime/stores/sqlite/driver.ts";
import { failure } from "../../runtime/stores/sqlite/failures.ts";
import { checkFileSystem } from "../../runtime/stores/sqlite/open.ts";
import { created } from "../../runtime/testing/store-fixture.ts";

const codes = {
  STORE_LOCKED: ["SQLITE_BUSY_SNAPSHOT", 517], STORE_READ_ONLY: ["SQLITE_READONLY_DBMOVED", 1032], STORE_DISK: ["SQLITE_IOERR_FSYNC", 1034],
  STORE_CORRUPT: ["SQLITE_CORRUPT", 11], STORE_FULL: ["SQLITE_FULL", 13], STORE_UNREACHABLE: ["SQLITE_CANTOPEN", 14], STORE_FOREIGN: ["SQLITE_NOTADB", 26],
} as const;

it.each(Object.entries(codes))("%s is what both drivers mean", (code, [name, number]) => {
  const cause = Object.assign(new Error("x"), { code: name });
  expect(failure(cause, "app.db")).toMatchObject({ code, message: expect.stringContaining("`app.db`"), cause, hint: expect.any(String) });
  expect(failure(Object.assign(new Error("x"), { code: "ERR_SQLITE_ERROR", errcode: number }), "app.db")).toMatchObject({ code });
});

it("what is not SQLite's stays as it is", () => {
  const error = new TypeError("x");
  expect(failure(error, "app.db")).toBe(error);
});

it("better-sqlite3 13 is refused where it would crash", () => {
  expect(() => checkFit("13.2.0", 9)).toThrow(expect.objectContaining({ code: "STORE_DRIVER_UNFIT" }));
  checkFit("13.2.0", 10);
  checkFit("12.11.1", 9);
});

it("network file systems are refused", () => {
  expect(() => checkFileSystem("app.db", 0x6969)).toThrow(expect.objectContaining({ code: "STORE_NETWORK" }));
  checkFileSystem("app.db", 0xef53);
});

it("a database that cannot have WAL is refused", () => {
  expect(() => sqlite("")).toThrow(expect.objectContaining({ code: "STORE_NOT_DURABLE", message: expect.stringContaining("journal_mode") }));
});

it("a damaged file is reported when it is read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "deflow-"));
  const path = join(folder, "runs.db");
  const store = sqlite(path);
  for (let n = 0; n < 50; n++) await created(store, `run ${n}`, { frame: "x".repeat(1000) });
  await store.close();
  const file = openSync(path, "r+");
  // All pages but the first, which has the schema.
  writeSync(file, Buffer.alloc(60_000, 0xab), 0, 60_000, 4096 * 4);
  closeSync(file);
  const call = async (): Promise<unknown> => {
    const damaged = sqlite(path);
    try {
      return await damaged.find({ limit: 100 });
    } finally {
      await damaged.close();
    }
  };
  await expect(call()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  rmSync(folder, { recursive: true });
});
