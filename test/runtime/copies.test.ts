// Two copies of the package in one process: a bundled one beside an installed one.

import { expect, test, vi } from "vitest";
import { begin, deflow, listen, type Flow } from "deflow";

interface Tools {
  sleep(ms: number): Promise<unknown>;
  cell(value: unknown): { v: unknown };
  walk(list: unknown[]): unknown;
}

const both = deflow(async function both(tools: Tools) {
  const cells = [tools.cell(1)];
  const cursor = tools.walk([1, 2]);
  const late = tools.sleep(5);
  const first = await Promise.race([listen("x"), late]);
  return [first, cells[0]?.v, cursor];
});

async function secondCopy() {
  vi.resetModules();
  const api = await import("deflow");
  const internal = await import("../../runtime/internal.ts");
  return { api, internal };
}

test("they are one runtime", async () => {
  const { api, internal } = await secondCopy();
  expect(api.listen).not.toBe(listen);
  const tools: Tools = { sleep: api.sleep, cell: internal.cell, walk: internal.iterate };
  const { frame } = await begin(both as Flow<[Tools]>, [tools]);
  expect(await api.resume(frame, "x", "second")).toMatchObject({ status: "completed", value: ["second", 1, { index: 0 }] });
  const other = await api.begin(both as unknown as Parameters<typeof api.begin>[0], [tools] as never);
  expect(other).toMatchObject({ status: "waiting", waits: [{ kind: "timer" }, { context: "x" }] });
});

test("an error of one is an error of the other", async () => {
  const { api } = await secondCopy();
  const { isDeflowError, TimeoutError } = await import("../../runtime/index.ts");
  expect(isDeflowError(new api.TimeoutError("x", "1 s"), "TIMEOUT")).toBe(true);
  expect(TimeoutError).toBe(api.TimeoutError);
});

test("a copy with another contract number fails loudly", async () => {
  const realm = globalThis as { [key: symbol]: { contract: number } };
  const key = Symbol.for("deflow.runtime");
  const state = realm[key] as { contract: number };
  realm[key] = { ...state, contract: 3 };
  try {
    await expect(secondCopy()).rejects.toMatchObject({ code: "CONTRACT_MISMATCH" });
  } finally {
    realm[key] = state;
  }
});
