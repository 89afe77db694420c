// Numbers that objects keep for as long as they live: what a stored text refers to by number then says the same at every
// commit, though other objects come and go.

export class Numbers<T extends object> {
  readonly #numbers = new WeakMap<T, number>();
  #next = 0;

  /** Its number; the next one if it has none yet. */
  of(value: T): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    this.#numbers.set(value, this.#next);
    return this.#next++;
  }

  /** The numbers of all, each higher than the one before: a value whose own is not gets the next. */
  rising(values: Iterable<T>): Map<T, number> {
    const numbers = new Map<T, number>();
    let last = -1;
    for (const value of values) {
      let number = this.of(value);
      if (number <= last) this.set(value, (number = this.#next));
      numbers.set(value, (last = number));
    }
    return numbers;
  }

  /** Gives it the number that it had when it was stored. */
  set(value: T, number: number): void {
    this.#numbers.set(value, number);
    this.#next = Math.max(this.#next, number + 1);
  }
}
