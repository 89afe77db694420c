// While one run is written or read, and only then: which durable promise has which place in its record. Encoding and decoding
// are synchronous, so one variable is enough.

import type { Numbers } from "../codec/numbers.ts";
import { newDurable, type DurablePromise } from "../promises/durable.ts";
import type { AsyncActivation } from "../values/generators/async.ts";
import { Few } from "../run/few.ts";
import type { LiveRun } from "../run/step.ts";
import { type Renamed, renamedId } from "../versions/frozen.ts";

/** The durable promises of a run in the order of the record's `ops`; grows as they are met. */
export class Places {
  readonly run: LiveRun;
  readonly list: DurablePromise[] = [];
  /** Those with a resolving function that was met. */
  readonly resolvable = new Few<DurablePromise>();
  /** Those that only ordinary code could settle: they are refused where they are met. */
  readonly refused = new Few<DurablePromise>();
  /** Above the numbers of all strands: among those who wait, promises are counted on from here. */
  readonly afterStrands: number;
  readonly #places = new Map<DurablePromise, number>();
  readonly #numbers: Numbers<DurablePromise> | undefined;

  /** `numbers`: those that promises keep from commit to commit; absent: a promise's place is that in the list. */
  constructor(run: LiveRun, afterStrands: number, numbers?: Numbers<DurablePromise>) {
    this.run = run;
    this.afterStrands = afterStrands;
    this.#numbers = numbers;
  }

  of(promise: DurablePromise): number {
    const known = this.#places.get(promise);
    if (known !== undefined) return known;
    const index = this.list.push(promise) - 1;
    const place = this.#numbers?.of(promise) ?? index;
    this.#places.set(promise, place);
    return place;
  }

  /** The places of `list`, in its order. */
  get all(): readonly number[] {
    return [...this.#places.values()];
  }

  has(promise: DurablePromise): boolean {
    return this.#places.has(promise);
  }
}

let writing: Places | undefined;
let reading: Reading | undefined;

interface Reading {
  readonly run: LiveRun;
  readonly promises: Map<number, DurablePromise>;
  readonly generators: AsyncActivation[];
  readonly resolvable: Few<DurablePromise>;
  readonly renamed: Renamed;
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

/** Whether only ordinary code could settle it. */
export function isRefused(promise: DurablePromise): boolean {
  return writing?.refused.has(promise) === true;
}

/** A resolving function of `promise` is written, or read. */
export function noteResolver(promise: DurablePromise): void {
  (writing ?? reading)?.resolvable.add(promise);
}

interface Read<T> {
  /** What `decode` gave. */
  readonly value: T;
  /** The promises that were met, by place. */
  readonly promises: Map<number, DurablePromise>;
  readonly generators: readonly AsyncActivation[];
  /** Those with a resolving function. */
  readonly resolvable: Iterable<DurablePromise>;
}

export function whileReading<T>(run: LiveRun, renamed: Renamed, decode: () => T): Read<T> {
  const outer = reading;
  const session: Reading = { run, promises: new Map(), generators: [], resolvable: new Few(), renamed };
  reading = session;
  try {
    return { value: decode(), promises: session.promises, generators: session.generators, resolvable: session.resolvable };
  } finally {
    reading = outer;
  }
}

/** The id of a function or a class, as this run is read. */
export function readId(id: string): string {
  return reading === undefined ? id : renamedId(id, reading.renamed);
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
  if (reading === undefined || !Number.isSafeInteger(place) || place < 0) return undefined;
  const { run, promises } = reading;
  let promise = promises.get(place);
  if (promise === undefined) promises.set(place, (promise = newDurable(run, undefined)));
  return promise;
}
