// While one run is written or read, and only then: which durable promise has which place in its record. Encoding and decoding
// are synchronous, so one variable is enough.

import { newDurable, type DurablePromise } from "./durable.ts";
import type { AsyncActivation } from "./generators/async.ts";
import type { LiveRun } from "./step.ts";

/** The durable promises of a run in the order of the record's `ops`; grows as they are met. */
export class Places {
  readonly run: LiveRun;
  readonly list: DurablePromise[] = [];
  readonly #places = new Map<DurablePromise, number>();

  constructor(run: LiveRun) {
    this.run = run;
  }

  of(promise: DurablePromise): number {
    let place = this.#places.get(promise);
    if (place === undefined) this.#places.set(promise, (place = this.list.push(promise) - 1));
    return place;
  }

  has(promise: DurablePromise): boolean {
    return this.#places.has(promise);
  }
}

let writing: Places | undefined;
let reading: Reading | undefined;

interface Reading {
  readonly run: LiveRun;
  readonly list: (DurablePromise | undefined)[];
  readonly generators: AsyncActivation[];
}

export function whileWriting<T>(places: Places, encode: () => T): T {
  const outer = writing;
  writing = places;
  try {
    return encode();
  } finally {
    writing = outer;
  }
}

/** Whether a run is written, rather than a value on its own. */
export function isWriting(): boolean {
  return writing !== undefined;
}

/** Whether this run is the one that is written. */
export function isWritingRun(run: LiveRun): boolean {
  return writing?.run === run;
}

/** Undefined for a promise of another run, or where no run is written. */
export function placeOfDurable(promise: DurablePromise): number | undefined {
  return writing === undefined || promise.run !== writing.run ? undefined : writing.of(promise);
}

interface Read<T> {
  /** What `decode` gave. */
  readonly value: T;
  /** The promises that were met, by place. */
  readonly promises: (DurablePromise | undefined)[];
  readonly generators: readonly AsyncActivation[];
}

export function whileReading<T>(run: LiveRun, decode: () => T): Read<T> {
  const outer = reading;
  const session: Reading = { run, list: [], generators: [] };
  reading = session;
  try {
    return { value: decode(), promises: session.list, generators: session.generators };
  } finally {
    reading = outer;
  }
}

export function readingRun(): LiveRun | undefined {
  return reading?.run;
}

/** An async generator was met. */
export function noteGenerator(generator: AsyncActivation): void {
  reading?.generators.push(generator);
}

/** The promise of a place, made when it is first met. */
export function durableAt(place: number): DurablePromise | undefined {
  if (reading === undefined || !Number.isInteger(place) || place < 0 || place > 1_000_000) return undefined;
  return (reading.list[place] ??= newDurable(reading.run, undefined));
}
