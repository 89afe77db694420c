// What most commits are: a run that was read, has no timer, no lease and nobody else's letter, waits for what it waited for. Then its own row
// is all that changes, and a statement of three nodes does it if the rows are as they were read; the one of commit.ts has a dozen, which cost
// twice as much to begin and end as to carry out.
//
// Of a run without timer and lease the wake row changes only with the run's own: there is nothing for a claim to take. So it is looked at and
// not locked. Whatever the statement does not change is judged by the other one, and so is everything if its answer was lost.

import { endedStatuses } from "../../store.ts";
import type { Row } from "../rows.ts";
import type { Save } from "./commit.ts";
import type { Query } from "./connection.ts";
import type { Names } from "./names.ts";
import { byId, type Columns, Parameters } from "./source.ts";

export interface Read {
  readonly version: number;
  readonly delivered: number;
  readonly status: string;
  /** JSON. */
  readonly waits: string;
}

/** Rows that were read are remembered up to this number. */
const most = 4_096;

/** Of runs without timer and lease, by id. What is here may be old: the statement looks. */
export class ReadRuns {
  readonly #runs = new Map<string, Read>();

  add(row: Row): void {
    if (row["wake_at"] !== null || row["wake_owner"] !== null || row["wake_attempt"] !== 0) return;
    if (this.#runs.size >= most) this.#runs.clear();
    const { id, version, delivered, status, waits } = row as unknown as Read & { readonly id: string };
    this.#runs.set(id, { version, delivered, status, waits });
  }

  /** What is stored, as far as it is known; each is told once. Undefined: one of them changes more than its run's row. */
  take(saves: readonly Save[]): readonly Read[] | undefined {
    const found = saves.map(({ id }) => this.#runs.get(id));
    for (const { id } of saves) this.#runs.delete(id);
    return saves.every((save, at) => isOfRowAlone(save, found[at])) ? found as Read[] : undefined;
  }
}

function isOfRowAlone({ change }: Save, read: Read | undefined): boolean {
  const { version, status, waits, wake, looked, force, lease, holder, eventId, forget, shape, index, parts, consumed = [], outbox = [] } = change;
  return read !== undefined && version === read.version && status === read.status && !endedStatuses.includes(status as never) && wake === null
    && read.delivered <= looked && !force && lease === undefined && holder === undefined && eventId === undefined && forget === undefined && shape === undefined
    && index === undefined && parts === undefined && consumed.length === 0 && outbox.length === 0 && JSON.stringify(waits) === read.waits;
}

/** Gives the `ord` of each that it has changed, in the order of the saves. */
export function asReadQuery({ of }: Names, saves: readonly Save[], read: readonly Read[], isStable: boolean): Query {
  const items = saves.map((save, ord) => ({ save, ord, id: save.id, read: read[ord] as Read })).sort(byId);
  const columns: Columns<(typeof items)[number]> = {
    nth: ["bigint", ({ ord }) => ord],
    id: ["text", ({ id }) => id],
    at_version: ["bigint", (item) => item.read.version],
    at_delivered: ["bigint", (item) => item.read.delivered],
    now: ["bigint", ({ save: { change } }) => change.now],
    new_state: ["text", ({ save: { change } }) => change.state],
    new_frame: ["text", ({ save: { change } }) => change.frame],
    new_looked: ["bigint", ({ save: { change } }) => change.looked],
    token: ["uuid", ({ save }) => save.token],
  };
  const parameters = new Parameters();
  // The locks of several are taken in the order of their ids.
  const rows = saves.length === 1 ? `(${parameters.source(items, columns)})`
    : `(select c.* from (${parameters.source(items, columns)}) c cross join lateral (select from ${of("run")} where id = c.id and version = at_version for no key update) r offset 0)`;
  const text = `update ${of("run")} u set version = u.version + 1, save_token = token, looked = new_looked, state = new_state, updated_at = now, frame = coalesce(convert_to(new_frame, 'UTF8'), u.frame)
    from ${rows} c, ${of("wake")} w where u.id = c.id and u.version = at_version and u.delivered = at_delivered
      and w.run = u.place and w.at is null and w.owner is null and w.attempt = 0
    returning nth as ord`;
  return parameters.query(text, isStable || saves.length === 1);
}
