// A store changes a run that it has read without reading it again. Whatever comes between, it answers as one that has not read it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Change, Store } from "../../runtime/store.ts";
import { sqlite } from "../../runtime/stores/sqlite.ts";
import { changeOf } from "../../runtime/testing/store-fixture.ts";

let folder: string;
let store: Store;
let other: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deflow-"));
  store = sqlite(join(folder, "runs.db"));
  other = sqlite(join(folder, "runs.db"));
});
afterEach(async () => {
  await Promise.all([store.close(), other.close()]);
  rmSync(folder, { recursive: true });
});

const last: Partial<Change> = { status: "completed", waits: [], state: "over", frame: "last", now: 50 };

/** What another process does to the run between; and the change, where it is not the usual one. */
const between: Readonly<Record<string, readonly [does: (id: string) => unknown, change?: Partial<Change>]>> = {
  "nothing": [() => {}],
  "nothing, and the run waits on": [() => {}, { status: "waiting", waits: ["word", "more"], state: "on" }],
  "nothing, and it is to be woken": [() => {}, { status: "waiting", wake: 70 }],
  "nothing, and it is leased": [() => {}, { status: "running", lease: { owner: "me", duration: 100 } }],
  "a letter": [(id) => other.deliver([{ to: id, kind: "event", body: "x", now: 20 }])],
  "a letter with a lease": [(id) => other.deliver([{ to: id, kind: "event", body: "x", now: 20, lease: { owner: "them", duration: 1_000 } }])],
  "a commit": [(id) => other.commit([changeOf(id, 1, { now: 20 })])],
  "a commit that sets a timer": [(id) => other.commit([changeOf(id, 1, { now: 20, wake: 30 })])],
  "its removal": [async (id) => {
    await other.commit([changeOf(id, 1, { now: 20, status: "completed" })]);
    await other.remove({ before: 30, limit: 100 });
  }],
  "the same event": [(id) => other.deliver([{ to: id, kind: "event", eventId: "e", body: "x", now: 20 }]), { eventId: "e" }],
};

it.each(Object.entries(between))("%s", async (_name, [does, change]) => {
  const outcome = async (id: string, read: boolean): Promise<unknown> => {
    await other.commit([changeOf(id, 0, { now: 10, status: "waiting", waits: ["word"] })]);
    if (read) await store.load(id);
    await does(id);
    const result = await store.commit([changeOf(id, 1, { ...last, ...change })]);
    const found = await other.find({ context: "word", limit: 10 });
    const after = await other.load(id);
    return { result, listens: found.some((row) => row.id === id), after: after && { ...after, id: "", place: 0 } };
  };
  expect(await outcome("read", true)).toEqual(await outcome("unread", false));
});
