// The scans of the outbox, one at a time. What a second one that begins meanwhile would deliver twice, the first delivers; and of what is
// not delivered yet, no scan decides by what it read before another.

export class Scans {
  #current: Promise<void> | undefined;
  #following: Promise<void> | undefined;

  /** Whoever asks while one goes on gets one that begins after it, the same for all. */
  next(work: () => Promise<void>): Promise<void> {
    if (this.#current === undefined) return this.#current = work().finally(() => (this.#current = undefined));
    const follow = (): Promise<void> => {
      this.#following = undefined;
      return this.next(work);
    };
    return this.#following ??= this.#current.then(follow, follow);
  }
}
