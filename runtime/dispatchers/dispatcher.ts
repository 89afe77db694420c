// The dispatcher: a doorbell between the processes that share a store.
//
//   an engine stores ─► ring ─► … a channel, a broker, a socket … ─► listen ─► engines of other processes look at the store
//
// It may lose a ring, repeat it, give it late, out of order, to some only, or with less in it than there was. Then things happen later, at the
// latest when workers poll, and nothing else: what is true is in the store. `dispatcherSuite` of deflow/testing tests one.

/** Hints, each of which may be absent. Plain JSON, and no secrets: names and a time. */
export interface Ring {
  /** It is about runs of this queue; absent: of any. */
  readonly queue?: string;
  /** It is about this run; absent: any. */
  readonly run?: string;
  /** Milliseconds since the epoch: from then on there may be something to do; 0 is at once. Absent: there is not, the run was stored, and who waits for that looks. */
  readonly at?: number;
  /** Who rings: an engine passes over its own rings when they come back. */
  readonly from?: string;
}

/**
 * A doorbell between the processes that share a store. It may lose, repeat and reorder rings: what is due is in the store, and is found by polling
 * too. `dispatcherSuite` of deflow/testing proves one.
 */
export interface Dispatcher {
  /** Tells those who listen, in all processes. An engine does not wait for it; what it throws, or rejects with, is logged once and changes nothing. */
  ring(ring: Ring): void | Promise<void>;
  /**
   * Calls `heard`, which never throws, for each ring from soon after until the result is called; for rings of this object too, or not. `failed` is for
   * saying why nothing is heard, for now or at all: it is logged once.
   */
  listen(heard: (ring: Ring) => void, failed?: (error: unknown) => void): () => void;
}
