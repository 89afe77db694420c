// Commits of runs that are known: one short statement where nothing but the run's row changes, and the same answers as by the long one always.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Change, Committed, Store } from "../../runtime/store.ts";
import type { PgPool } from "../../runtime/stores/postgres.ts";
import { changeOf, claimed, created, delivered, loaded, now } from "../../runtime/testing/store-fixture.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";
import { through, watched } from "../postgres/watched.ts";

describePostgres("commits of what is known", () => {
  let schema: Schema;
  /** One that reads before it commits, and one that never does. */
  let reads: Store;
  let blind: Store;
  let statements: string[] = [];
  let pool: PgPool;
  beforeAll(async () => {
    schema = await newSchema();
    pool = watched(schema.pool, (text) => {
      if (/^update|^with c as materialized/.test(text)) statements.push(text.startsWith("update") ? "short" : "long");
    });
  });
  beforeEach(async () => {
    await schema.empty();
    reads = schema.open({ pool });
    blind = schema.open();
    await created(blind, "a", { waits: ["word"] });
    statements = [];
  });
  afterEach(async () => {
    await reads.close();
    await blind.close();
  });
  afterAll(() => schema?.drop());

  const same = (rest: Partial<Change> = {}): Change => changeOf("a", 1, { waits: ["word"], ...rest });

  it("nothing but the row changes: one short statement", async () => {
    await loaded(reads, "a");
    expect(await reads.commit([same({ state: "s", frame: "f", now: now + 5 })])).toEqual([{ applied: true, version: 2, delivered: 0 }]);
    expect(statements).toEqual(["short"]);
    expect(await loaded(blind, "a")).toMatchObject({ version: 2, state: "s", frame: "f", waits: ["word"], status: "waiting", updatedAt: now + 5, wake: null });
  });

  it.each([["rows", (rows: readonly unknown[]) => rows.length], ["nothing", () => null]] as const)("a driver that counts %s, and not what was changed, is told the same", async (_, count) => {
    const counting = schema.open({ pool: through(schema.pool, async (_statement, send) => {
      const { rows } = await send() as { rows: unknown[] };
      return { rows, rowCount: count(rows) };
    }) });
    await loaded(counting, "a");
    expect(await counting.commit([same({ mark: counting.recall?.("a")?.mark })])).toEqual([{ applied: true, version: 2, delivered: 0 }]);
    await counting.close();
  });

  it("without a frame the one that is there stays", async () => {
    await blind.commit([same({ frame: "kept" })]);
    await loaded(reads, "a");
    await reads.commit([{ ...same(), version: 2 }]);
    expect(await loaded(blind, "a")).toMatchObject({ version: 3, frame: "kept" });
    expect(statements).toEqual(["short"]);
  });

  it("what was stored is known as what was read is", async () => {
    await loaded(reads, "a");
    await reads.commit([same()]);
    expect(await reads.commit([{ ...same(), version: 2 }])).toEqual([{ applied: true, version: 3, delivered: 0 }]);
    expect(statements).toEqual(["short", "short"]);
  });

  it("a run that was recalled is refused by the short statement alone", async () => {
    await loaded(reads, "a");
    const run = reads.recall?.("a");
    await blind.commit([same()]);
    statements = [];
    expect(await reads.commit([same({ mark: run?.mark })])).toEqual([{ applied: false, reason: "stale" }]);
    expect(statements).toEqual(["short"]);
  });

  it("of several those that are as they were read are changed, and the others are judged by themselves", async () => {
    for (const id of ["b", "c"]) await created(blind, id, { waits: ["word"] });
    await Promise.all(["c", "a", "b"].map((id) => loaded(reads, id)));
    await blind.commit([{ ...same(), id: "b" }]);
    statements = [];
    const results = await reads.commit(["c", "b", "a"].map((id) => ({ ...same({ state: id }), id })));
    expect(results).toEqual([{ applied: true, version: 2, delivered: 0 }, { applied: false, reason: "stale" }, { applied: true, version: 2, delivered: 0 }]);
    expect(statements).toEqual(["short", "long"]);
    expect((await loaded(blind, "c")).state + (await loaded(blind, "b")).state + (await loaded(blind, "a")).state).toBe("ca");
  });

  it("the row of a run that waits for no time is changed for a claim by nobody but who changes the run's row too", async () => {
    const rows = async (): Promise<{ readonly wake: unknown; readonly run: unknown }> => {
      const of = async (text: string): Promise<unknown> => (await schema.pool.query(text)).rows;
      return { wake: await of(`select at, owner, attempt from ${schema.name}.deflow_wake`), run: await of(`select save_token, delivered from ${schema.name}.deflow_run`) };
    };
    const lease = { owner: "w", duration: 100 };
    const calls: Record<string, () => Promise<unknown>> = {
      claim: () => blind.claim({ owner: "w", now: now + 1e6, duration: 100, limit: 9 }), extend: () => blind.extend([{ id: "a", owner: "w" }], { now, duration: 100 }),
      "extend, to give it back": () => blind.extend([{ id: "a", owner: "w", version: 1 }], { now, duration: 0 }), queue: () => blind.queue("default", now, { paused: true, concurrency: 1 }),
      "queue, no limit": () => blind.queue("default", now, { paused: false, concurrency: null }), remove: () => blind.remove({ before: now + 1e6, limit: 9 }),
      "a delivery that came before": () => blind.deliver([delivered("a", "e1")]), "a refused commit": () => blind.commit([same({ lease, version: 7 })]),
      "another's delivery": () => blind.deliver([delivered("b")]), load: () => blind.load("a"), find: () => blind.find({ limit: 9 }), shapes: () => blind.shapes({ limit: 9 }),
    };
    await blind.commit([same({ eventId: "e1" })]);
    const before = await rows();
    for (const [name, call] of Object.entries(calls)) {
      await call();
      expect({ name, ...await rows() }).toEqual({ name, ...before });
    }
    const changing = { deliver: () => blind.deliver([delivered("a")]), "deliver with a lease": () => blind.deliver([{ ...delivered("a"), lease }]), commit: () => blind.commit([same({ version: 2, force: true, wake: now })]) };
    for (const [name, call] of Object.entries(changing)) {
      const [{ wake, run }] = [await rows(), await call()];
      expect(await rows(), name).not.toEqual({ wake: expect.anything(), run });
      expect((await rows()).wake, name).not.toEqual(wake);
    }
  });

  /** What happens between reading and the commit, or what the commit has beside the row: the answer, and what is there then, are those of a store that did not read. */
  const cases: Record<string, { readonly before?: (store: Store) => Promise<unknown>; readonly change?: Partial<Change> }> = {
    "another commit": { before: (store) => store.commit([same()]) },
    "a message": { before: (store) => store.deliver([delivered("a", "e1")]) },
    "a message with a lease": { before: (store) => store.deliver([{ ...delivered("a", "e1"), lease: { owner: "v", duration: 100 } }]) },
    "a timer": { before: (store) => store.commit([same({ wake: now })]), change: { version: 2 } },
    "a timer that a worker has taken": { before: async (store) => [await store.commit([same({ wake: now })]), await claimed(store, "w")], change: { version: 2 } },
    "its end": { before: (store) => store.commit([same({ status: "completed" })]) },
    "its removal": { before: async (store) => [await store.commit([same({ status: "completed", waits: [] })]), await store.remove({ before: now + 1, limit: 9 })] },
    "it sets a timer": { change: { wake: now } },
    "it takes a lease": { change: { lease: { owner: "w", duration: 100 } } },
    "it ends": { change: { status: "completed" } },
    "it waits for something else": { change: { waits: ["other"] } },
    "it has an event's id": { change: { eventId: "e9" } },
    "it is found by something": { change: { index: { customer: "ann" } } },
    "it has parts": { change: { parts: { put: [["p", "body"]], drop: [] } } },
    "it sends": { change: { outbox: [{ to: "b", kind: "k", eventId: "1", body: "" }] } },
    "it has a shape": { change: { shape: { key: "k", flow: "flow", atoms: "" } } },
    "it is forced": { before: (store) => store.deliver([{ ...delivered("a", "e1"), lease: { owner: "v", duration: 100 } }]), change: { force: true } },
  };

  describe.each(Object.entries(cases))("%s", (_, { before, change }) => {
    it("gives what a store gives that did not read", async () => {
      const after = async (store: Store, read: boolean): Promise<unknown> => {
        await schema.empty();
        await created(blind, "a", { waits: ["word"] });
        if (read) await loaded(store, "a");
        await before?.(blind);
        const result: readonly Committed[] = await store.commit([same(change)]);
        const row = await blind.load("a");
        const found = await blind.find({ limit: 9, context: "other" });
        return { result, row: row && { ...row, place: 0 }, found: found.length, due: await claimed(blind, "x"), sent: (await blind.outbox(9)).map(({ to }) => to) };
      };
      expect(await after(reads, true)).toEqual(await after(blind, false));
    });
  });
});
