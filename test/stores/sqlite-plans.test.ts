// How SQLite answers find: by an index, in the order of its answer, however many runs there are.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Query } from "../../runtime/store.ts";
import { SqliteStore } from "../../runtime/stores/sqlite.ts";
import type { Database } from "../../runtime/stores/sqlite/driver.ts";
import { findSql } from "../../runtime/stores/sqlite/find.ts";
import { open } from "../../runtime/stores/sqlite/open.ts";
import { removableSql } from "../../runtime/stores/sqlite/remove.ts";
import { changeOf } from "../../runtime/testing/store-fixture.ts";

let database: Database;
let store: SqliteStore;

beforeEach(() => {
  database = open(":memory:", {});
  store = new SqliteStore(database, ":memory:");
});
afterEach(() => store.close());

/** Without what the joins by key and the cut at the end add. */
function planOf(query: Partial<Query>): string[] {
  const { sql, parameters } = findSql({ limit: 10, ...query });
  return database.prepare(`explain query plan ${sql}`).all(...parameters).map(({ detail }) => String(detail))
    .filter((detail) => !/^(?:SEARCH [rw] USING INTEGER PRIMARY KEY \(rowid=\?\)|COMPOUND QUERY|LEFT-MOST SUBQUERY|UNION ALL|CO-ROUTINE|MATERIALIZE)/.test(detail));
}

const byTag = "SEARCH d USING COVERING INDEX deflow_tag_value (key=? AND value=? AND run>?)";
const byContext = "SEARCH d USING COVERING INDEX deflow_wait_context (context=? AND run>?)";

describe("find", () => {
  it.each<[string, Partial<Query>, RegExp]>([
    ["all", {}, /^SEARCH r USING INTEGER PRIMARY KEY \(rowid>\?\)$/],
    ["a status", { status: ["waiting"] }, /^SEARCH r USING INDEX deflow_run_status \(status=\? AND rowid>\?\)$/],
    ["a flow and a status", { flow: "f", status: ["waiting"] }, /^SEARCH r USING INDEX deflow_run_flow \(flow=\? AND status=\? AND rowid>\?\)$/],
  ])("of %s walks one index in order", (_name, query, expected) => {
    expect(planOf(query)).toEqual([expect.stringMatching(expected)]);
  });

  it("of several statuses, or of a flow, walks one for each, and sorts no more than a page of each", () => {
    for (const [query, searches] of [[{ status: ["running", "waiting", "compensating"] }, 3], [{ flow: "f" }, 8], [{ flow: "f", status: ["failed", "killed"] }, 2]] as const) {
      const plan = planOf(query);
      expect(plan.filter((detail) => /^SEARCH r USING INDEX deflow_run_(?:flow|status) \((?:flow=\? AND )?status=\? AND rowid>\?\)$/.test(detail))).toHaveLength(searches);
      // Each search is in order by itself, as the test above shows: what is sorted are their first rows.
      expect(plan.filter((detail) => /TEMP B-TREE/.test(detail)).length).toBeLessThanOrEqual(searches);
      expect(plan.filter((detail) => /^SCAN (?!\(?subquery|\d)/i.test(detail))).toEqual([]);
    }
  });

  it("of a context walks those that listen for it, whatever else is asked", () => {
    for (const more of [{}, { flow: "f" }, { status: ["waiting", "running"] as const }, { after: 7 }]) {
      const [first, ...others] = planOf({ context: "x", ...more });
      expect(first).toBe(byContext);
      expect(others.filter((detail) => !/json_each|LIST SUBQUERY|BLOOM FILTER/.test(detail))).toEqual([]);
    }
  });

  it("of shapes sorts the places of those that are of them, and nothing else", () => {
    const plan = planOf({ shapes: ["a", "b"], flow: "f", status: ["waiting"] });
    expect(plan.filter((detail) => /deflow_/.test(detail))).toEqual([expect.stringMatching(/^SEARCH r USING INDEX deflow_run_shape \(shape=\? AND rowid>\?\)$/)]);
    expect(plan.filter((detail) => /TEMP B-TREE/.test(detail))).toHaveLength(1);
  });

  it("of an index walks those that have its first entry, and looks the others up at each", () => {
    expect(planOf({ index: { k: 1 } })).toEqual([byTag]);
    const [first, ...others] = planOf({ index: { k: 1, l: 2 }, context: "x", flow: "f", status: ["waiting"], after: 3 });
    expect(first).toBe(byTag);
    expect(others.filter((detail) => /SCAN|TEMP/.test(detail) && !detail.includes("json_each"))).toEqual([]);
    expect(others).toEqual(expect.arrayContaining([
      expect.stringMatching(/^SEARCH deflow_tag (?:EXISTS )?USING (?:COVERING INDEX deflow_tag_value \(key=\? AND value=\? AND run=\?\)|PRIMARY KEY \(run=\? AND key=\?\))$/),
      expect.stringMatching(/^SEARCH deflow_wait (?:EXISTS )?USING (?:COVERING INDEX deflow_wait_context \(context=\? AND run=\?\)|PRIMARY KEY \(run=\? AND context=\?\))$/),
    ]));
  });

  it("gives the same as looking at each run, page after page", async () => {
    const statuses = ["queued", "running", "waiting", "failed", "completed"] as const;
    for (let number = 0; number < 120; number++) {
      const waits = [...(number % 3 === 0 ? ["x"] : []), ...(number % 4 === 0 ? ["y"] : [])];
      await store.commit([{ ...changeOf(`r${number}`, 0), origin: { flow: number % 2 ? "f" : "g", queue: "q", priority: 0 }, status: statuses[number % 5] ?? "waiting", waits, index: { k: number % 6, even: number % 2 === 0 } }]);
    }
    const all = await store.find({ limit: 1_000 });
    const some = <T>(values: readonly T[]): readonly (T | undefined)[] => [undefined, ...values];
    for (const flow of some(["f"])) for (const status of some([["waiting"], ["failed", "waiting", "failed"], []] as const)) for (const context of some(["x", "z"])) for (const index of some([{ k: 2 }, { k: 3, even: true }])) {
      const query = { ...(flow ? { flow } : {}), ...(status ? { status } : {}), ...(context ? { context } : {}), ...(index ? { index } : {}) };
      const expected = all.filter((row) => (!flow || row.flow === flow) && (!status || (status as readonly string[]).includes(row.status)) && (!context || row.waits.includes(context))
        && Object.entries(index ?? {}).every(([key, value]) => row.index[key] === value));
      const pages: string[] = [];
      for (let after = 0; ;) {
        const page = await store.find({ ...query, limit: 7, after });
        pages.push(...page.map(({ id }) => id));
        if (page.length < 7) break;
        after = page.at(-1)?.place ?? 0;
      }
      expect(pages).toEqual(expected.map(({ id }) => id));
    }
  });
});

describe("remove", () => {
  it("walks the ended runs of a status in the order of their ends, and sorts nothing", () => {
    const plan = database.prepare(`explain query plan ${removableSql}`).all("completed", 1, 9).map(({ detail }) => detail);
    expect(plan).toEqual(["SEARCH deflow_run USING INDEX deflow_run_ended (status=? AND updated_at<?)"]);
  });

  it("takes those that ended first, whatever their status", async () => {
    const statuses = ["completed", "waiting", "killed", "failed", "cancelled"] as const;
    for (let number = 0; number < 60; number++) {
      await store.commit([{ ...changeOf(`r${number}`, 0), origin: { flow: "f", queue: "q", priority: 0 }, status: statuses[number % 5] ?? "waiting", now: 1_000 - (number * 7) % 60 }]);
    }
    const ended = (await store.find({ limit: 100 })).filter(({ status }) => status !== "waiting").toSorted((a, b) => a.updatedAt - b.updatedAt || a.place - b.place).map(({ id }) => id);
    expect(await store.remove({ before: 2_000, limit: 9, dryRun: true })).toEqual(ended.slice(0, 9));
    expect(await store.remove({ before: 2_000, limit: 9 })).toEqual(ended.slice(0, 9));
    expect(await store.remove({ before: 2_000, limit: 100, status: ["killed", "waiting", "killed"] })).toEqual(ended.slice(9).filter((id) => Number(id.slice(1)) % 5 === 2));
    expect(await store.remove({ before: 0, limit: 100 })).toEqual([]);
  });
});
