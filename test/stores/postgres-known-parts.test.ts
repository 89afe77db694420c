// Parts of runs that a store knows are not read again, and what it gives is what is stored, whoever changed it.

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Change, PartsChange, Store } from "../../runtime/store.ts";
import { changeOf, created, delivered, loaded, now } from "../../runtime/testing/store-fixture.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";
import { watched } from "../postgres/watched.ts";

describePostgres("parts that are known", () => {
  let schema: Schema;
  let store: Store;
  /** Its answers come from the tables: it is opened for each. */
  const stored = async (only?: readonly string[]) => {
    const other = schema.open();
    const run = await other.load("a", undefined, only);
    await other.close();
    return run;
  };
  let reads = 0;
  beforeAll(async () => {
    schema = await newSchema();
  });
  beforeEach(async () => {
    await schema.empty();
    store = schema.open({ pool: watched(schema.pool, (text) => void (reads += /as what, ord/.test(text) ? 1 : 0)) });
    await created(store, "a", { parts: parts({ "frame/one": "1", "frame/two": "2", "log/1": "a line" }) });
    await loaded(store, "a");
    reads = 0;
  });
  afterEach(() => store.close());
  afterAll(() => schema?.drop());

  function parts(put: Record<string, string>, ...drop: string[]): PartsChange {
    return { put: Object.entries(put), drop };
  }

  it("are not read at the next version, which this store made, and are as it made them", async () => {
    const changes: (PartsChange | undefined)[] = [undefined, parts({ "frame/two": "two", "frame/three": "3" }), parts({}, "frame/one"), undefined];
    for (const [at, change] of changes.entries()) {
      await store.commit([changeOf("a", at + 1, change === undefined ? {} : { parts: change })]);
      expect(await loaded(store, "a")).toEqual(await stored());
    }
    expect([...(await loaded(store, "a")).parts]).toEqual([["frame/two", "two"], ["log/1", "a line"], ["frame/three", "3"]]);
    expect(reads).toBe(0);
  });

  it("of some names are those of these names alone", async () => {
    await store.load("a", undefined, ["frame"]);
    await store.commit([changeOf("a", 1, { parts: parts({ "frame/one": "I", "log/2": "another" }) })]);
    expect(await store.load("a", undefined, ["frame"])).toEqual(await stored(["frame"]));
    expect(reads).toBe(1);
    expect(await loaded(store, "a")).toEqual(await stored());
    expect(reads).toBe(2);
  });

  const elsewhere: Record<string, (other: Store) => Promise<unknown>> = {
    "changes them": (other) => other.commit([changeOf("a", 1, { parts: parts({ "frame/one": "theirs" }) })]),
    "changes the run and not them": (other) => other.commit([changeOf("a", 1)]),
    "removes the run and starts one under its id": async (other) => {
      await other.commit([changeOf("a", 1, { status: "completed" })]);
      await other.remove({ before: now + 1, limit: 9 });
      await created(other, "a", { parts: parts({ "frame/one": "another's" }) });
    },
  };
  it.each(Object.entries(elsewhere))("are read when another %s", async (_, change) => {
    const other = schema.open();
    await change(other);
    await other.close();
    const before = reads;
    expect(await loaded(store, "a")).toEqual(await stored());
    expect(reads).toBe(before + 1);
  });

  it("are those of the run while letters come, which do not make a version", async () => {
    const other = schema.open();
    await other.deliver([delivered("a", "e1")]);
    await other.close();
    expect(await loaded(store, "a")).toEqual(await stored());
    expect(reads).toBe(0);
  });

  it("are as they are stored when a commit is refused, and when one fails", async () => {
    const changed: Partial<Change> = { parts: parts({ "frame/one": "mine" }) };
    expect(await store.commit([changeOf("a", 7, changed)])).toEqual([{ applied: false, reason: "stale" }]);
    await expect(store.commit([changeOf("a", 1, { ...changed, state: null as unknown as string })])).rejects.toThrow();
    expect(await loaded(store, "a")).toEqual(await stored());
    expect((await loaded(store, "a")).parts.get("frame/one")).toBe("1");
  });

  it("are forgotten, the oldest first, when they come to millions of characters", async () => {
    const long = "x".repeat(9_000_000);
    for (const id of ["b", "c"]) {
      await created(store, id, { parts: parts({ "frame/long": long }) });
      await loaded(store, id);
    }
    reads = 0;
    expect((await loaded(store, "c")).parts.get("frame/long")).toBe(long);
    expect(reads).toBe(0);
    expect((await loaded(store, "b")).parts.get("frame/long")).toBe(long);
    expect(reads).toBe(1);
  });
});
