// A commit that changes nothing but the row of a run that is known: one update, where commit.ts would look at seven tables for what may have changed.
//
// It is carried out only if the row is as the commit that is known left it, no message has come since, and the run had neither timer nor lease then. Its row in
// deflow_wake is not looked at: a claim takes only what is due, a heartbeat what is held, so the next to change it is a commit or a delivery, and the run's
// row tells of both. Whatever the statement does not change is judged by the other one, and so is everything if its answer was lost.
//
//   one          by its place; on connections of the store's own answered by the count of rows alone: nothing is described, sent or read. Beside a bare update
//                of one row, measured: 15 µs; with a look at deflow_wake 28 more, with `returning` 20, by a subquery of parameters 13
//   several      by arrays; their locks are taken in the order of the ids
//   event ids    go with it, unless the run has one of them. Its buckets (seen.ts) are as the statement finds them when it begins, which is after the commit
//                that is known; if the row is as that one left it and `delivered` too when it is locked, so are they

import { endedStatuses } from "../../store.ts";
import type { Row } from "../rows.ts";
import type { Save } from "./commit.ts";
import type { Query } from "./connection.ts";
import type { Known, KnownRuns } from "./known-runs.ts";
import type { Names } from "./names.ts";
import { lookup, putDigests } from "./seen.ts";
import { byId, type Columns, nameOf, Parameters } from "./source.ts";

/** What is known of their runs. Undefined: one of them changes more than its run's row, or too little is known. */
export function knownOf(runs: KnownRuns | undefined, saves: readonly Save[]): readonly Known[] | undefined {
  const known = saves.map(({ id }) => runs?.of(id));
  return saves.every((save, at) => isOfRowAlone(save, known[at])) ? known as Known[] : undefined;
}

function isOfRowAlone({ change }: Save, known: Known | undefined): boolean {
  // A mark is of what was known then: of the run that it names, and no other.
  if (known === undefined || !known.isFree || (change.mark !== undefined && (change.mark as Known).stamp !== known.stamp)) return false;
  const { version, status, waits, wake, looked, force, lease, holder, forget, shape, index, parts, consumed = [], outbox = [] } = change;
  const { run } = known;
  return version === run.version && status === run.status && !endedStatuses.includes(status) && wake === null && run.wake === null
    && run.delivered <= looked && !force && lease === undefined && holder === undefined && forget === undefined && shape === undefined
    && index === undefined && parts === undefined && consumed.length === 0 && outbox.length === 0
    && waits.length === run.waits.length && waits.every((context, at) => context === run.waits[at]);
}

interface AsKnownQuery {
  readonly query: Query;
  /** The places among the saves of those that it has changed. */
  read(rows: readonly Row[]): ReadonlySet<number>;
}

export function asKnownQuery(names: Names, saves: readonly Save[], known: readonly Known[], isOwn: boolean): AsKnownQuery {
  const [save, its] = [saves[0] as Save, known[0] as Known];
  if (saves.length === 1 && save.digest === undefined) return { query: oneQuery(names, save, its, isOwn), read: (rows) => new Set(rows.keys()) };
  return { query: severalQuery(names, saves, known, isOwn), read: (rows) => new Set(rows.map(({ ord }) => Number(ord))) };
}

/** Made once: it is the same each time. */
const textsOfOne = new WeakMap<Names, string>();

function oneQuery(names: Names, { change: { now, state, frame, looked }, token }: Save, { stamp, run: { place, delivered } }: Known, isOwn: boolean): Query {
  let text = textsOfOne.get(names);
  if (text === undefined) {
    text = `update ${names.of("run")} set version = version + 1, save_token = $4, looked = $5, state = $6, updated_at = $7, frame = coalesce(convert_to($8, 'UTF8'), frame)
      where place = $1 and save_token = $2 and delivered = $3${isOwn ? "" : " returning 0 as ord"}`;
    textsOfOne.set(names, text);
  }
  return { text, values: [place, stamp, delivered, token, looked, state, now, frame ?? null], name: nameOf(text), counts: isOwn };
}

/** Gives the `ord` of each that it has changed. */
function severalQuery(names: Names, saves: readonly Save[], known: readonly Known[], isStable: boolean): Query {
  const { of } = names;
  const events = saves.some(({ digest }) => digest !== undefined);
  const items = saves.map((save, ord) => ({ save, ord, id: save.id, known: known[ord] as Known })).sort(byId);
  type Item = (typeof items)[number];
  const ofEvents: Columns<Item> = {
    digest: ["uuid", ({ save }) => save.digest?.uuid],
    bits: ["integer", ({ save }) => save.digest?.bits],
    buckets: ["text", ({ save }) => save.digest?.buckets],
  };
  const columns: Columns<Item> = {
    nth: ["bigint", ({ ord }) => ord],
    at_place: ["bigint", (item) => item.known.run.place],
    at_token: ["uuid", (item) => item.known.stamp],
    at_delivered: ["bigint", (item) => item.known.run.delivered],
    now: ["bigint", ({ save: { change } }) => change.now],
    new_state: ["text", ({ save: { change } }) => change.state],
    new_frame: ["text", ({ save: { change } }) => change.frame],
    new_looked: ["bigint", ({ save: { change } }) => change.looked],
    token: ["uuid", ({ save }) => save.token],
    ...(events ? ofEvents : {}),
  };
  const parameters = new Parameters();
  // What a join begins with is decided by statistics, and of a young table there are none: so each row is looked at by itself.
  const locked = saves.length === 1 ? `(${parameters.source(items, columns)})`
    : `(select c.* from (${parameters.source(items, columns)}) c cross join lateral (select from ${of("run")} where place = at_place and save_token = at_token for no key update) r offset 0)`;
  const rows = events ? `(select c.*, l.* from ${locked} c cross join lateral (${lookup(names, "c.at_place", "c", "c.digest is not null")}) l where not l.had)` : locked;
  const text = `update ${of("run")} u set version = u.version + 1, save_token = token, looked = new_looked, state = new_state, updated_at = now, frame = coalesce(convert_to(new_frame, 'UTF8'), u.frame)
    from ${rows} c where u.place = at_place and u.save_token = at_token and u.delivered = at_delivered returning nth as ord`;
  const put = (): string => putDigests(names, "select place, bucket, array[digest], array[now] from u where digest is not null");
  return parameters.query(events ? `with u as (${text}, u.place, digest, bucket, now), e as (${put()}) select ord from u` : text, isStable || saves.length === 1);
}
