// The runs that this store read or stored last, each as it was then. What is here may be old: whoever builds on it says which commit left the run so, by that
// commit's `save_token`, here its stamp, and the statement looks.
//
//   recalled   the run is not asked for at all: law 18 of store.ts
//   read       its row is asked for; its parts are not, which change with its version alone: a megabyte that stays as it is does not cross the wire
//   stored     a commit that changes nothing but the run's row is a short statement: as-known.ts

import { type Change, endedStatuses, type StoredRun } from "../../store.ts";
import { noParts, type Row } from "../rows.ts";
import type { Judged, Save } from "./commit.ts";
import type { Asked } from "./load.ts";

type Parts = StoredRun["parts"];

/** A run as a commit left it. */
export interface Known {
  readonly run: StoredRun;
  /** That commit's. No other has it, of this run or another, also not where a database was put back to an earlier state. */
  readonly stamp: string;
  /** Which of its texts these are; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** It goes on, nobody held it, and a commit had taken all letters into account. */
  readonly isFree: boolean;
  /** False once it was not as it is known, until it is again: where several processes take turns of it, each would begin from what is old. */
  readonly isOurs: boolean;
}

/** Characters that are kept, of all runs. */
const most = 16_000_000;
/** What a run takes beside its texts, in characters. */
const ofEach = 1_000;

export class KnownRuns {
  /** By id; the one used last is the last. */
  readonly #runs = new Map<string, Known>();
  /** Of all of them. */
  #characters = 0;

  recall(id: string, only: readonly string[] | undefined): StoredRun | undefined {
    const known = this.#runs.get(id);
    return known?.isFree && known.isOurs && covers(known, only) ? { ...ownCopy(known.run), parts: partsCalled(known.run.parts, only), mark: known } : undefined;
  }

  of(id: string): Known | undefined {
    return this.#runs.get(id);
  }

  /** What is asked for of its parts, if the row is of the commit that is known. */
  partsOf({ id, only }: Asked, row: Row): Parts | undefined {
    const known = this.#runs.get(id);
    return known !== undefined && known.stamp === row["save_token"] && covers(known, only) ? partsCalled(known.run.parts, only) : undefined;
  }

  read({ id, only }: Asked, row: Row, run: StoredRun): void {
    const [stamp, before] = [row["save_token"] as string, this.#runs.get(id)];
    const isSame = before?.stamp === stamp;
    // Answers may overtake each other: this one is of an earlier time.
    if (before?.run.place === run.place && (before.run.version > run.version || (isSame && before.run.delivered > run.delivered))) return;
    const isOurs = isSame || before === undefined || before.isOurs;
    const texts = isSame && covers(before, only) ? { only: before.only, frame: before.run.frame, parts: before.run.parts } : { only, frame: run.frame, parts: run.parts };
    const isFree = isGoingOn(run) && (run.wake === null || (run.wake.owner === null && run.wake.attempt === 0));
    this.#keep(id, { run: { ...ownCopy(run), frame: texts.frame, parts: texts.parts, seen: false }, stamp, only: texts.only, isFree, isOurs });
  }

  saved({ id, change, token }: Save, judged: Judged): void {
    const known = this.#runs.get(id);
    if (!judged.applied) {
      if (change.mark !== undefined && known !== undefined) this.#keep(id, { ...known, isOurs: false });
      return;
    }
    // What is known of a run before a new one was one that is gone.
    const before = change.version === 0 ? undefined : known;
    const isToldWhole = change.version === 0 ? judged.place !== undefined : before !== undefined && before.stamp === judged.before;
    // Else there is nothing to tell: it may have more than the change says.
    if (!isToldWhole || endedStatuses.includes(change.status)) return this.forget(id);
    const run = runAfter(change, before?.run, before?.only, judged);
    // What came meanwhile is not in the inbox that is known, and `delivered` stays that of the inbox.
    const isFree = isGoingOn(run) && change.lease === undefined && run.delivered === judged.delivered;
    this.#keep(id, { run, stamp: token, only: before?.only, isFree, isOurs: before?.isOurs ?? true });
  }

  /** There may be a letter now. */
  sentTo(id: string): void {
    const known = this.#runs.get(id);
    if (known?.isFree) this.#runs.set(id, { ...known, isFree: false });
  }

  forget(id: string): void {
    const known = this.#runs.get(id);
    if (known === undefined) return;
    this.#characters -= charactersOf(known.run);
    this.#runs.delete(id);
  }

  #keep(id: string, known: Known): void {
    this.forget(id);
    this.#runs.set(id, known);
    this.#characters += charactersOf(known.run);
    for (const oldest of this.#runs.keys()) {
      if (this.#characters <= most) return;
      this.forget(oldest);
    }
  }
}

function isGoingOn({ status, delivered, looked }: StoredRun): boolean {
  return !endedStatuses.includes(status) && delivered <= looked;
}

/** What whoever is given a run does with these must not reach what is remembered. */
function ownCopy(run: StoredRun): StoredRun {
  return { ...run, index: { ...run.index }, waits: [...run.waits], inbox: [...run.inbox] };
}

/** `run` is what it was made from; undefined for a new one. */
function runAfter(change: Change, run: StoredRun | undefined, only: readonly string[] | undefined, { version, place }: Judged & { readonly applied: true }): StoredRun {
  const { id, origin, now, status, state, frame, waits, index, shape, looked, wake, parts, consumed = [] } = change;
  const inbox = run?.inbox ?? [];
  return {
    id, place: run?.place ?? Number(place), flow: run?.flow ?? origin?.flow ?? "", queue: run?.queue ?? origin?.queue ?? "", priority: run?.priority ?? origin?.priority ?? 0,
    status, version, state, waits: [...waits], index: { ...index ?? run?.index }, shape: shape === undefined ? run?.shape ?? null : shape?.key ?? null,
    delivered: run?.delivered ?? 0, looked, createdAt: run?.createdAt ?? now, updatedAt: now, wake: wake === null ? null : { at: wake, owner: null, attempt: 0 },
    frame: frame ?? run?.frame ?? "", parts: partsAfter(run?.parts ?? noParts, only, parts),
    inbox: consumed.length === 0 ? inbox : inbox.filter(({ seq }) => !consumed.includes(seq)), seen: false,
  };
}

function partsAfter(before: Parts, only: readonly string[] | undefined, change: Change["parts"]): Parts {
  if (change === undefined) return before;
  const after = new Map(before);
  for (const key of change.drop) after.delete(key);
  for (const [key, text] of change.put) if (isAsked(key, only)) after.set(key, text);
  return after;
}

function partsCalled(parts: Parts, only: readonly string[] | undefined): Parts {
  return only === undefined || parts.size === 0 ? parts : new Map([...parts].filter(([key]) => isAsked(key, only)));
}

function isAsked(key: string, only: readonly string[] | undefined): boolean {
  return only === undefined || only.includes(key.split("/", 1)[0] as string);
}

function covers(known: Known, only: readonly string[] | undefined): boolean {
  return known.only === undefined || (only !== undefined && only.every((name) => known.only?.includes(name)));
}

function charactersOf({ id, frame, state, parts, inbox, waits, index }: StoredRun): number {
  let characters = ofEach + id.length + frame.length + state.length;
  for (const [key, text] of parts) characters += key.length + text.length;
  for (const { body } of inbox) characters += body.length;
  for (const context of waits) characters += context.length;
  for (const [key, value] of Object.entries(index)) characters += key.length + String(value).length;
  return characters;
}
