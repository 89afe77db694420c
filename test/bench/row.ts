// A row of a benchmark: a plain way to do something, ours, and how much more ours may cost.

export interface Row {
  readonly name: string;
  /** Of the plain way, in the unit that the name says. */
  readonly floor: number;
  readonly ours: number;
  readonly ratio: number;
  /** The ratio that must not be passed; Infinity: a figure to know, no promise. */
  readonly limit: number;
}

/** Both sides in turns, so that whatever else the machine does falls on both; medians once both are warm, in milliseconds. */
export function interleaved(name: string, limit: number, rounds: number, floor: () => unknown, ours: () => unknown, warmUp = 12): Row {
  for (let warm = 0; warm < warmUp; warm++) {
    floor();
    ours();
  }
  const pairs = Array.from({ length: rounds }, () => [timed(floor), timed(ours)] as const);
  return rowOf(name, limit, pairs);
}

/** The same of what takes long: the least of each side, for what else the machine does only adds to both. In 12 rounds one of each is spared. */
export function leastInterleaved(name: string, limit: number, floor: () => unknown, ours: () => unknown): Row {
  const pairs = Array.from({ length: 12 }, () => [timed(floor), timed(ours)] as const);
  const [plain, own] = [Math.min(...pairs.map(([floor]) => floor)), Math.min(...pairs.map(([, ours]) => ours))];
  return { name, floor: plain, ours: own, ratio: own / plain, limit };
}

export function rowOf(name: string, limit: number, pairs: readonly (readonly [floor: number, ours: number])[]): Row {
  return { name, floor: median(pairs.map(([floor]) => floor)), ours: median(pairs.map(([, ours]) => ours)), ratio: median(pairs.map(([floor, ours]) => ours / floor)), limit };
}

/** In milliseconds. */
export function timed(work: () => unknown): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? Number.NaN;
}

export function printed(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ name }) => name.length));
  console.log(`${"".padEnd(width)} ${"plain".padStart(10)} ${"ours".padStart(10)} ${"ratio".padStart(7)} ${"limit".padStart(7)}`);
  for (const { name, floor, ours, ratio, limit } of rows) {
    const verdict = ratio <= limit ? "" : "   too much";
    console.log(`${name.padEnd(width)} ${figure(floor).padStart(10)} ${figure(ours).padStart(10)} ${figure(ratio).padStart(7)} ${(limit === Infinity ? "-" : figure(limit)).padStart(7)}${verdict}`);
  }
}

function figure(number: number): string {
  return number >= 100 ? number.toFixed(0) : number.toPrecision(3);
}
