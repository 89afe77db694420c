// Rows of a database's tables as the store's own types. The stores name their columns alike.

import type { Index, Message, OutboxRow, RunRow, RunStatus, StoredRun } from "../store.ts";

export type Row = Record<string, unknown>;

const ofRun = ["place", "id", "flow", "queue", "priority", "status", "version", "delivered", "looked", "waits", "tags", "shape", "state", "created_at", "updated_at"];
const ofWake = ["at", "owner", "attempt"];

/** What `runRow` reads. */
export const runColumnNames: readonly string[] = [...ofRun, ...ofWake.map((name) => `wake_${name}`)];
/** The same of deflow_run as r and deflow_wake as w. */
export const runColumns = [...ofRun.map((name) => `r.${name}`), ...ofWake.map((name) => `w.${name} as wake_${name}`)].join(", ");

/** A row whose values came as a list, in the order of `runColumns`; `parted` and `frame` after them. */
export function rowOf([
  place, id, flow, queue, priority, status, version, delivered, looked, waits, tags, shape, state, created_at, updated_at, wake_at, wake_owner, wake_attempt, parted, frame,
]: readonly unknown[]): Row {
  return {
    place, id, flow, queue, priority, status, version, delivered, looked, waits, tags, shape, state, created_at, updated_at, wake_at, wake_owner, wake_attempt, parted, frame,
  };
}

interface RunColumns {
  place: number; id: string; flow: string; queue: string; priority: number; status: RunStatus; version: number;
  delivered: number; looked: number; waits: string; tags: string; shape: string | null; state: string; frame: string; created_at: number;
  updated_at: number; wake_at: number | null; wake_owner: string | null; wake_attempt: number;
}

export function runRow(row: Row): RunRow {
  const r = row as unknown as RunColumns;
  return {
    id: r.id, place: r.place, flow: r.flow, queue: r.queue, priority: r.priority, status: r.status, version: r.version,
    state: r.state, waits: r.waits === "[]" ? [] : JSON.parse(r.waits) as string[], index: r.tags === "{}" ? {} : JSON.parse(r.tags) as Index,
    shape: r.shape, delivered: r.delivered, looked: r.looked, createdAt: r.created_at, updatedAt: r.updated_at,
    wake: r.wake_at === null ? null : { at: r.wake_at, owner: r.wake_owner, attempt: r.wake_attempt },
  };
}

export const noParts: StoredRun["parts"] = new Map();
const noInbox: StoredRun["inbox"] = [];

export function partsOf(rows: readonly Row[]): StoredRun["parts"] {
  return new Map(rows.map(({ key, body }) => [key as string, body as string]));
}

export function storedRun(row: Row, inbox: readonly Row[], parts: StoredRun["parts"], seen: boolean): StoredRun {
  const run = runRow(row) as { -readonly [Field in keyof StoredRun]: StoredRun[Field] };
  run.frame = row["frame"] as string;
  run.seen = seen;
  run.parts = parts;
  run.inbox = inbox.length === 0 ? noInbox : inbox.map(message);
  return run;
}

function message(row: Row): Message {
  const { seq, kind, event_id: eventId, body, at } = row as unknown as Message & { event_id: string | null };
  return { seq, kind, eventId, body, at };
}

export function outboxRow(row: Row): OutboxRow {
  const { id, recipient: to, kind, event_id: eventId, body } = row as unknown as OutboxRow & { recipient: string; event_id: string };
  return { id, to, kind, eventId, body };
}
