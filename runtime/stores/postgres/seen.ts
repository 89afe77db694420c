// Event ids that runs have had, many to a row. A row for each, and what finds it, took 220 bytes, of which 24 are needed.
//
//   digest   the first 128 bits of the SHA-256 of an id. Senders choose ids, and of two with one digest the second would be swallowed.
//   bucket   a row of `seen`: digests of one run, each with its time. On level n, from 2 to 15, a run has 2^n buckets, and a digest has its own on each level:
//            its last n bits, shifted by 16, and 2^n.
//
// A digest is put into its bucket on the first level where that has room, and is looked for in its bucket on each level. So nothing is ever moved, and an
// event costs the same, however many ids the run has.
//
// Which bucket has room is read, and what is read is of the time when the statement began: it may have waited for the run's row since. So the statement
// reads the row's counters too, without a lock, before it locks it. Whoever changes buckets makes one of these higher, under the same lock: a commit the
// version, a delivery `delivered`.
//
//   a commit     if both are as they were, so are the buckets
//   a delivery   of one message to a run: if the version is, nothing was forgotten, and buckets are only fuller. If the one that was chosen has room still, as it is when it is changed, those
//                of the levels before were full all the time, and whoever had the digest to put meanwhile has put it there: it is looked for there once more
//
// Else nothing is done for that run, and it is answered "again": the statement is sent anew, and sees what it waited for. Each time somebody else has come
// further. So that many deliveries to one run do not send each other back again and again, those that were sent back lock it first, by a statement of its own.

import { createHash } from "node:crypto";
import type { Names } from "./names.ts";

/** Of an event id. */
export interface Digest {
  /** A uuid. */
  readonly uuid: string;
  readonly bits: number;
  /** Its bucket on each level, lowest first: an array of Postgres's. */
  readonly buckets: string;
}

/** Nothing was done: the statement is to be sent anew. */
export type Again = "again";

type Of = Pick<Names, "of">;

/**
 * How many buckets the lowest level has, and the highest. With one bucket at first all rows of a page change in each batch, so that it must hold two versions of
 * each: measured with 64 runs of 60 ids at once, 62 bytes for an id with one, 53 with four, 60 with eight.
 */
const [fewest, most] = [4, 32_768];
/**
 * Digests of a bucket, but that what a statement puts together, 200 of a run at most, finds room together, and that a bucket of the highest level takes what comes.
 * Measured likewise: 60 bytes with 16, 53 with 24 and with 32, all of which are written anew with each.
 */
const room = 24;

/** A migration has made the same of ids that were there before: it never changes. */
export function digestOf(eventId: string): Digest {
  const hex = createHash("sha256").update(eventId).digest("hex").slice(0, 32);
  const bits = Number.parseInt(hex.slice(28), 16) % most;
  let buckets = String(lowestOf(bits));
  for (let width = 2 * fewest; width <= most; width *= 2) buckets += `,${bits % width * 65_536 + width}`;
  return { uuid: hex, bits, buckets: `{${buckets}}` };
}

/** The bucket of a run's first digest. */
export function lowestOf(bits: number): number {
  return bits % fewest * 65_536 + fewest;
}

/** Whether a run has a digest. `of` is the row that has `digest` and `buckets`. */
export function hasDigest({ of: name }: Of, place: string, of: string): string {
  return `exists (select from ${name("seen")} s where s.run = ${place} and s.bucket = any(${of}.buckets::integer[]) and ${of}.digest = any(s.ids))`;
}

/** `had`: whether the run has the digest; `bucket`: where it is to be put else. Nothing is read unless the condition holds. `of` is the row that has `digest`, `bits` and `buckets`. */
export function lookup({ of: name }: Of, place: string, of: string, condition: string): string {
  const width = `least(~filled & (filled + 1), ${most})`;
  return `select had, (${of}.bits & (${width} - 1)) << 16 | ${width} as bucket
    from (select coalesce(bool_or(${of}.digest = any(s.ids)), false) as had, coalesce(bit_or(s.bucket & 65535) filter (where cardinality(s.ids) >= ${room}), 0) | ${fewest - 1} as filled
      from ${name("seen")} s where s.run = ${place} and s.bucket = any(${of}.buckets::integer[]) and ${condition}) s`;
}

/** `rows` selects run, bucket, ids, ats: one row for a bucket. */
export function putDigests({ of }: Of, rows: string): string {
  return `insert into ${of("seen")} as s (run, bucket, ids, ats) ${rows}
    on conflict (run, bucket) do update set ids = s.ids || excluded.ids, ats = s.ats || excluded.ats`;
}

/** The same where others may have put some since, and nothing was forgotten. Gives those buckets that had room still, and none of these digests; the others are not changed. */
export function putDigestsIfNew(names: Of, rows: string): string {
  return `${putDigests(names, rows)} where (cardinality(s.ids) < ${room} or s.bucket & 65535 = ${most}) and not s.ids && excluded.ids returning run, bucket`;
}

/**
 * Of commits, the rows of `a`: puts those that have a `bucket`, forgets those that have a `forget`. A bucket changes once in a statement: one that is put into
 * and loses some as well is changed by `w`.
 */
export function putAndForget({ of }: Of, puts: boolean, forgets: boolean): (string | undefined)[] {
  const isWhole = `not exists (select from ${of("seen")} s where s.run = a.place and s.bucket = a.bucket and a.forget > any(s.ats))`;
  const put = (value: string): string => (puts ? ` || case when s.bucket = a.bucket then array[${value}] else '{}' end` : "");
  return [
    puts ? `e as (${putDigests({ of }, `select place, bucket, array[digest], array[now] from a where digest is not null${forgets ? ` and ${isWhole}` : ""}`)})` : undefined,
    forgets ? `f as (delete from ${of("seen")} s using a where s.run = a.place and a.forget > all(s.ats)${puts ? " and s.bucket is distinct from a.bucket" : ""})` : undefined,
    forgets ? `w as (update ${of("seen")} s set ids = array(select i.id from unnest(s.ids, s.ats) i (id, at) where i.at >= a.forget)${put("a.digest")},
        ats = array(select at from unnest(s.ats) at where at >= a.forget)${put("a.now")}
      from a where s.run = a.place and a.forget > any(s.ats) and (a.forget <= any(s.ats)${puts ? " or s.bucket = a.bucket" : ""}))` : undefined,
  ];
}
