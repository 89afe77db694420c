// The parts of runs that this store loaded or saved last. A part changes only with its run's version, so a run of that version has those
// parts still: its row is read, which is small, and a megabyte that stays as it is does not cross the wire at every turn.

import type { Change, Committed, StoredRun } from "../../store.ts";
import type { Row } from "../rows.ts";
import type { Asked } from "./load.ts";

type Parts = StoredRun["parts"];

interface Known {
  /** No other run is or was at it, also not one of the same id. */
  readonly place: unknown;
  readonly version: number;
  /** A database that was put back to an earlier state may come to the same version by another way. */
  readonly updatedAt: number;
  /** Which of its parts these are. */
  readonly only: readonly string[] | undefined;
  readonly parts: Parts;
  readonly characters: number;
}

/** Characters that are kept, of all runs. */
const most = 16_000_000;

export class KnownParts {
  /** By id; the one used last is the last. */
  readonly #runs = new Map<string, Known>();
  #characters = 0;

  of({ id, only }: Asked, row: Row): Parts | undefined {
    const known = this.#runs.get(id);
    const isSame = known !== undefined && known.place === row["place"] && known.version === Number(row["version"]) && known.updatedAt === Number(row["updated_at"]);
    if (!isSame || !isSameList(known.only, only)) return undefined;
    this.#keep(id, known);
    return known.parts;
  }

  loaded({ id, only }: Asked, row: Row, parts: Parts): void {
    this.#keep(id, { place: row["place"], version: Number(row["version"]), updatedAt: Number(row["updated_at"]), only, parts, characters: lengthOf(parts) });
  }

  /** Of a run that is not known there is nothing to tell: what was not loaded may have more parts than those that are saved. */
  saved({ id, version, now, parts }: Change, result: Committed): void {
    const known = this.#runs.get(id);
    if (known === undefined || !result.applied) return;
    if (known.version !== version) this.#forget(id);
    else if (parts === undefined) this.#keep(id, { ...known, version: result.version, updatedAt: now });
    else {
      const after = changed(known, parts);
      this.#keep(id, { ...known, version: result.version, updatedAt: now, parts: after, characters: lengthOf(after) });
    }
  }

  #keep(id: string, known: Known): void {
    this.#forget(id);
    if (known.parts.size === 0) return;
    this.#runs.set(id, known);
    this.#characters += known.characters;
    for (const oldest of this.#runs.keys()) {
      if (this.#characters <= most) return;
      this.#forget(oldest);
    }
  }

  #forget(id: string): void {
    this.#characters -= this.#runs.get(id)?.characters ?? 0;
    this.#runs.delete(id);
  }
}

function changed({ parts, only }: Known, { put, drop }: NonNullable<Change["parts"]>): Parts {
  const after = new Map(parts);
  for (const key of drop) after.delete(key);
  for (const [key, text] of put) if (only?.includes(key.split("/", 1)[0] as string) !== false) after.set(key, text);
  return after;
}

function isSameList(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  return one === other || one?.join("/") === other?.join("/");
}

function lengthOf(parts: Parts): number {
  let characters = 200;
  for (const [key, text] of parts) characters += key.length + text.length;
  return characters;
}
