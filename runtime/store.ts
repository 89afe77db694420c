// The store: where runs live, and what decides that each of their transitions happens exactly once.
//
//   engine ── load ──► row, inbox          a row is a run: opaque texts plus the few columns a store needs
//          ── commit ► compare-and-swap    on `version`, which is also the fencing token of every effect
//   sender ── deliver► inbox               counted on the row, so that no message can be overlooked
//   worker ── claim, extend ► wake         a row there says: this run wants a turn at that time, or is leased until then
//
// A store never reads `frame`, `state`, a part or a message's `body`; all texts are well-formed Unicode without NUL,
// which Postgres refuses and node:sqlite 22 cuts off at. Eleven methods, and two that need not be there; the laws below are `describe`s of
// `storeSuite` in deflow/testing, which every store must pass. One contract, whose laws and fields stand in one place and are each said: so it is long.
//
//   1. Absence. Loading an unknown id gives undefined. A change with version 0 creates the run, only if the id is free.
//   2. Compare-and-swap. A change applies only to the version it names, and makes it one higher. Nobody else raises it.
//   3. All or nothing. Of a refused or failed change nothing is visible, of an applied one everything, and it is durable.
//   4. Each alone. The changes of one commit are judged one by one, in order; a refused one takes no other with it.
//   5. Messages are kept in the order of delivery until a change consumes them; `delivered` counts them on the row.
//   6. An event id counts once for a run, whether it came by `deliver` or with a change, until a change says `forget`.
//   7. No lost wake-up. After any order of deliveries and commits, a run without a lease whose `delivered` is above its
//      `looked` can be claimed at once.
//   8. A delivery to a leased run does not make it claimable; its holder learns of it from `commit` and `extend`.
//   9. A run that is due goes to one claimer only, higher priority first, then the longest due. A lease that ran out can
//      be claimed, and counts as a crash in `attempt`, until one is given back or is `anew`.
//  10. While a lease holds, only its owner's changes apply, save one that says `force`; only its owner extends it, and where a version is
//      named, only while the run is of it.
//  11. A message of the outbox is visible with the change that made it, and is gone with the delivery that names it.
//  12. Ended runs only are removed, with all that belongs to them; none with messages that no commit took into account.
//  13. Of a run's parts a change names those that it puts and drops; the others stay. What `load` gives, the row and all parts that
//      are asked for, is of one version.
//  14. Of a paused queue a claim takes nothing, of one with a `concurrency` nothing while so many of its runs are leased.
//      `withheld` says that a run was due and was kept back so.
//  15. `transactions`, where there are any: `transact` gives its work the store's own client inside a transaction. What the work writes there and
//      the change it gives are visible together or not at all: nothing is left if it throws, or if the change is refused.
//  16. `joined`, where there is one, is a store inside a transaction that the caller has begun on a client of its own. What it writes is
//      there for that transaction at once, and for everybody else from the caller's commit on, or never. What it refuses, or fails at, leaves
//      the rest of the transaction as it was.
//  17. A run is of the shape that a change named last, of none after null; `shapes` counts runs by it, to `upTo` at most. With `shapes` a claim takes runs of these
//      and of none. Of others it takes nothing and changes nothing: those of `unfit` are as if they were not there, and which others are
//      due is told in `unknown`.
//  18. `recall`, where there is one, gives a run as it once was, not ended, leased by nobody, and with no letter that no commit had taken into account. A change with its `mark` is
//      refused as stale unless the run is as it was then: no other change has been made, no message has come, and nobody holds it, or has lost it.
//
// Time: `now` is milliseconds of the caller's clock. A store shared by machines may use a clock of its own instead; that
// is why leases are given as durations.

/** How a run stands: the first four go on, the last four are the end. `queued`: its first turn has not begun. `compensating`: it undoes what it did. */
export type RunStatus =
  | "queued" | "running" | "waiting" | "compensating"
  | "completed" | "failed" | "cancelled" | "killed";

export const endedStatuses: readonly RunStatus[] = ["completed", "failed", "cancelled", "killed"];

/** What a run is found by. The engine's own keys begin with `deflow:`. */
export type Index = Readonly<Record<string, string | number | boolean>>;

/**
 * Where runs live: what decides that each of their transitions happens exactly once. The laws are at the head of this file, and `storeSuite` of
 * deflow/testing holds a store to them.
 */
export interface Store {
  /**
   * With `eventId`, `seen` says whether the run had it. With `only` the other texts may be missing: parts are called by what their keys have
   * before a slash; the frame, which is then empty, is called "frame" with its parts.
   */
  load(id: string, eventId?: string, only?: readonly string[]): Promise<StoredRun | undefined>;
  /**
   * A run as this store read or stored it last, without asking for it: it may be old, and so only a change that has its `mark` may be made from it. `only` as of
   * `load`. Undefined: it is to be loaded. Absent: to load costs little, or nothing is remembered.
   */
  recall?(id: string, only?: readonly string[]): StoredRun | undefined;
  /** Judges each change by itself, and applies it or says why not. Answers in the order of `changes`. */
  commit(changes: readonly Change[]): Promise<readonly Committed[]>;
  /** Puts messages into inboxes. Answers in the order of `deliveries`. */
  deliver(deliveries: readonly Delivery[]): Promise<readonly Delivered[]>;
  /** Leases runs that are due to `owner`. */
  claim(request: ClaimRequest): Promise<Claimed>;
  /** Answers in the order of `leases`. A duration of 0 gives them back: the runs can be claimed at once. */
  extend(leases: readonly LeaseOf[], time: LeaseTime): Promise<readonly Extended[]>;
  /** The oldest messages nobody has delivered yet, at most `limit`; with `after` only those with a higher id. */
  outbox(limit: number, after?: number): Promise<readonly OutboxRow[]>;
  /** In the order of `place`. */
  find(query: Query): Promise<readonly RunRow[]>;
  /** Removes ended runs, oldest first, and gives their ids; with `dryRun` only the ids. */
  remove(request: RemoveRequest): Promise<readonly string[]>;
  /** The queue as it is at `now`, and from now on with these settings, which hold for the claims of everybody. */
  queue(name: string, now: number, settings?: QueueSettings): Promise<QueueState>;
  /** The shapes that runs are of, by key, with how many are. */
  shapes(query: ShapesQuery): Promise<readonly ShapeCount[]>;
  /** Absent: the store has no transactions that others could write in. */
  readonly transactions?: StoreTransactions;
  /** Waits for writes under way. Every later call fails with StoreClosed. */
  close(): Promise<void>;
}

/** The transactions of a store that has some: for `step.tx`, and for calls with `client`. */
export interface StoreTransactions {
  /** `work` must give its change at once: a promise is refused with InvalidTx. */
  readonly synchronous: boolean;
  /** Throws what `work` throws, as it is; TxRefused when what it wrote is refused by the commit alone, as by a deferred constraint. */
  transact(work: (client: unknown) => Change | Promise<Change>): Promise<Committed>;
  /**
   * A store over the caller's client; used for `load`, `find`, `commit` and `deliver`. It never ends the transaction, and its `close` does
   * nothing. The same client may be given again, in another transaction. Throws InvalidClient for one that is not of this store's
   * database or is in no transaction; so does every write after the end of the transaction.
   */
  joined?(client: unknown): Store;
}

/** What is fixed when the run is created. */
export interface Origin {
  /** The name that the flow's runs are stored under. */
  readonly flow: string;
  /** Whose workers take it. */
  readonly queue: string;
  /** Higher is claimed first. */
  readonly priority: number;
}

/** A run without its frame. */
export interface RunRow extends Origin {
  /** At most 512 characters. */
  readonly id: string;
  /** The run's place in the order of creation; the cursor of `find`. Never that of another run, nor of one that was removed. */
  readonly place: number;
  /** As the last change said. */
  readonly status: RunStatus;
  /** 1 at first, one higher with each change that was applied. */
  readonly version: number;
  /** Opaque: what the engine answers about the run without reading its frame. */
  readonly state: string;
  /** The contexts it listens for. */
  readonly waits: readonly string[];
  /** As a change said last. */
  readonly index: Index;
  /** The key of its shape; null: it has none. */
  readonly shape: string | null;
  /** How many messages have come to it in all: the highest `seq`. */
  readonly delivered: number;
  /** The highest `seq` that a change took into account. */
  readonly looked: number;
  /** `now` of the change that created it, in milliseconds since the epoch. */
  readonly createdAt: number;
  /** `now` of the last change, in milliseconds since the epoch. */
  readonly updatedAt: number;
  /** When it can be claimed; null: not until something is delivered to it. */
  readonly wake: Wake | null;
}

/** `at` is when the run can be claimed: its next timer, or the end of `owner`'s lease. */
export interface Wake {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Who holds the lease; null: nobody does. */
  readonly owner: string | null;
  /** How many leases ran out, one after the other, since one was given back. */
  readonly attempt: number;
}

/** A run as it is loaded. */
export interface StoredRun extends RunRow {
  /** Opaque. */
  readonly frame: string;
  /** Texts that belong to `frame` and `state`, by key. */
  readonly parts: ReadonlyMap<string, string>;
  /** The messages not consumed yet, oldest first. */
  readonly inbox: readonly Message[];
  /** Whether the run had the event id that `load` was asked about. */
  readonly seen: boolean;
  /** Of a run that was recalled: what a change that is made from it says. */
  readonly mark?: unknown;
}

/** A message in a run's inbox. */
export interface Message {
  /** Its number in the inbox, from 1. */
  readonly seq: number;
  /** Opaque. */
  readonly kind: string;
  /** Under which it counts once; null: it has none. */
  readonly eventId: string | null;
  /** Opaque. */
  readonly body: string;
  /** `now` of its delivery, in milliseconds since the epoch. */
  readonly at: number;
}

/** What a commit makes of one run. */
export interface Change {
  /** The run's. */
  readonly id: string;
  /** The version it was made from; 0 creates the run. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Needed with version 0, ignored later. */
  readonly origin?: Origin;
  /** From now on. */
  readonly status: RunStatus;
  /** Absent: as it was. */
  readonly frame?: string;
  /** Opaque; from now on. */
  readonly state: string;
  /** Absent: as they were. */
  readonly parts?: PartsChange;
  /** The contexts that the run listens for, from now on. */
  readonly waits: readonly string[];
  /** Absent: as it was. */
  readonly index?: Index;
  /** What code the run needs from now on; null: none. Absent: as it was. */
  readonly shape?: Shape | null;
  /** The highest `seq` of the inbox this change took into account. */
  readonly looked: number;
  /** Messages it used up, by `seq`. */
  readonly consumed?: readonly number[];
  /** The id of an event that never was in the inbox. */
  readonly eventId?: string;
  /** The run's event ids that came before this time may come again. */
  readonly forget?: number;
  /** When the run wants a turn of itself; null: never. Ignored with `lease`. */
  readonly wake: number | null;
  /** Takes or keeps the lease for so long; absent: gives it back. `attempt` stays as it is until then, or until one is `anew`. */
  readonly lease?: Lease;
  /** The owner this change is made by, when it holds the lease. */
  readonly holder?: string;
  /** Applies in spite of another's lease, and ends it. */
  readonly force?: boolean;
  /** Of the run that was recalled for it: refused as stale unless that is how the run still is. */
  readonly mark?: unknown;
  /** Messages to other runs, visible with this change. */
  readonly outbox?: readonly OutboxMessage[];
}

/** Of two shapes with one key the first stays. */
export interface Shape {
  /** ASCII, at most 100 characters. */
  readonly key: string;
  /** The name that the flow's runs are stored under. */
  readonly flow: string;
  /** Opaque to a store. */
  readonly atoms: string;
}

/** A shape, and how many runs are of it. */
export interface ShapeCount extends Shape {
  /** More than none, and at most `upTo`. */
  readonly runs: number;
}

/** Which shapes to count. */
export interface ShapesQuery {
  /** Only shapes of these; absent: of any. */
  readonly flows?: readonly string[];
  /** Only these; absent: any. */
  readonly keys?: readonly string[];
  /** Only those with a higher key. */
  readonly after?: string;
  /** Runs of each are counted to this number, at least 1, and no further; absent: all are. With 1 a shape is told of at the cost of one run, however many there are. */
  readonly upTo?: number;
  /** At most so many. */
  readonly limit: number;
}

/** No key is in both, and none twice. Keys are of at most 1,000 characters. */
export interface PartsChange {
  /** Written, whether or not they are there. */
  readonly put: readonly (readonly [key: string, text: string])[];
  /** Keys that are gone, whether or not they are there. */
  readonly drop: readonly string[];
}

/** The right to take a run's turns, for a time. */
export interface Lease {
  /** A name that nobody else has. */
  readonly owner: string;
  /** Milliseconds. */
  readonly duration: number;
  /** Crashes before it do not count: `attempt` is 0. */
  readonly anew?: boolean;
}

/** From when, and for how long. */
export interface LeaseTime {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds. */
  readonly duration: number;
}

/** `delivered` above the change's `looked` says that the inbox holds more. */
export type Committed =
  | { readonly applied: true; readonly version: number; readonly delivered: number }
  | { readonly applied: false; readonly reason: Refusal };

/** `stale`: another version, or with version 0 a taken id; `leased`: another's lease; `duplicate`: `eventId` was there. */
export type Refusal = "missing" | "stale" | "leased" | "duplicate";

/** A message from one run to another, stored with the commit that sends it. */
export interface OutboxMessage {
  /** The run's id. */
  readonly to: string;
  /** Opaque. */
  readonly kind: string;
  /** Under which it counts once for that run. */
  readonly eventId: string;
  /** Opaque. */
  readonly body: string;
}

/** A message of the outbox that nobody has delivered yet. */
export interface OutboxRow extends OutboxMessage {
  /** From 1, in the order of the commits. */
  readonly id: number;
}

/** A message for a run's inbox. */
export interface Delivery {
  /** The run's id. */
  readonly to: string;
  /** Opaque. */
  readonly kind: string;
  /** Under which it counts once for that run. Absent: it counts in any case. */
  readonly eventId?: string;
  /** Opaque. */
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Asks for the lease of `to` too, so that the sender can run the turn; granted if nobody holds it. */
  readonly lease?: Lease;
  /** The outbox row this delivers; it is removed whatever the result. */
  readonly outbox?: number;
}

/** `duplicate`: its event id was there; `missing`: there is no such run. Nothing is stored then. */
export type Delivered =
  | { readonly result: "delivered"; readonly seq: number; readonly leased: boolean }
  | { readonly result: "duplicate" | "missing" };

/** Which runs that are due a worker takes. */
export interface ClaimRequest extends LeaseTime {
  /** Whose the leases are then. */
  readonly owner: string;
  /** At most so many; 0 asks for `nextAt` alone. */
  readonly limit: number;
  /** Only runs of these; absent: of any. */
  readonly flows?: readonly string[];
  /** Only runs of these; absent: of any. */
  readonly queues?: readonly string[];
  /** Keys: only runs of these, and of no shape; absent: of any. */
  readonly shapes?: readonly string[];
  /** Keys of shapes whose runs are not even looked at. */
  readonly unfit?: readonly string[];
}

/** The runs that were leased to who asked, and when to ask again. */
export interface Claimed {
  /** Higher priority first, then the longest due. `attempt`: as in `Wake`. */
  readonly runs: readonly { readonly id: string; readonly attempt: number }[];
  /**
   * When the next run that fits can be claimed, which is now when `limit` cut the answer short; null: none is in sight. Runs that
   * a queue keeps back are not counted, those of unknown shapes are.
   */
  readonly nextAt: number | null;
  /** A run that fits is due, and its queue does not give it now. */
  readonly withheld: boolean;
  /** Shapes that the request does not name, of runs that fit else, are due and would be given. */
  readonly unknown: readonly Shape[];
}

/** What is absent stays as it was. */
export interface QueueSettings {
  /** Claims take nothing of it. */
  readonly paused?: boolean;
  /** How many of its runs may be leased before a claim takes no more; null: any number. */
  readonly concurrency?: number | null;
}

/** A queue as it is. */
export interface QueueState {
  /** Claims take nothing of it. */
  readonly paused: boolean;
  /** How many of its runs may be leased before a claim takes no more; null: any number. */
  readonly concurrency: number | null;
  /** How many of its runs are leased. */
  readonly leased: number;
  /** How many can be claimed, but for these settings. */
  readonly due: number;
}

/** A lease, by its run and its owner. */
export interface LeaseOf {
  /** The run's. */
  readonly id: string;
  /** Who held it, as far as the asker knows. */
  readonly owner: string;
  /** Of the run when this was asked for. One that comes late, after a change has moved the lease, moves nothing. */
  readonly version?: number;
}

/** What became of a lease. */
export interface Extended {
  /** False: the lease is another's, or the run is gone. */
  readonly held: boolean;
  /** How many messages have come to the run in all; 0 if it is gone. */
  readonly delivered: number;
}

/** Which runs are found; what is absent does not limit the answer. */
export interface Query {
  /** The name that the flow's runs are stored under; absent: any. */
  readonly flow?: string;
  /** One of these; absent: any. */
  readonly status?: readonly RunStatus[];
  /** Every entry must be equal. */
  readonly index?: Index;
  /** Runs that listen for it. */
  readonly context?: string;
  /** Keys: runs of one of these shapes. */
  readonly shapes?: readonly string[];
  /** At most so many. */
  readonly limit: number;
  /** Only runs created after the one with this `place`. */
  readonly after?: number;
}

/** Which ended runs are removed. */
export interface RemoveRequest {
  /** Ended before this time. */
  readonly before: number;
  /** Of these; the default is every status that ends a run. */
  readonly status?: readonly RunStatus[];
  /** At most so many. */
  readonly limit: number;
  /** Removes nothing; absent: false. */
  readonly dryRun?: boolean;
}
