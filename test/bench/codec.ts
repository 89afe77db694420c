// What the codec costs beside JSON: encode and decode of one frame, in microseconds.
//
// Both sides are measured in turns within one process, so that whatever else the machine does falls on both; a row is the
// median of its rounds. The rich frame's floor is JSON of the same data with dates and bigints as texts, which JSON alone
// would not bring back.

import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";
import type { Row } from "./row.ts";

export function codecRows(): Row[] {
  return [
    row("codec: plain frame, 300 bytes", 1.5, 100, plain, plain),
    row("codec: rich frame, 300 bytes", 4, 50, rich, richAsJson),
    row("codec: plain frame, 10 KB", 2, 10, large(22), large(22)),
    row("codec: rich frame, 10 KB", 4, 5, { ...rich, ...large(22) }, { ...richAsJson, ...large(22) }),
  ];
}

// What the README's flow is stored as while it waits for the decision.
const frame = {
  id: "0b7e9f0c-8a51-4d6e-9a55-2f1f0a3f5c11",
  turn: 3,
  next: 4,
  strands: [
    {
      flow: "approve",
      point: "listen:decision",
      locals: {
        expense: { id: "e-1021", amount: 129.5, currency: "EUR", purpose: "Train to Lyon", manager: "ada@example.com", paid: false },
        reminders: 0,
      },
      on: 0,
    },
  ],
  ops: [{ listen: "decision", seq: 3 }],
};

/** As runs are written: their record, lists and entries are the runtime's own (`own` of encode). */
const asRuns = { own: ["strands", "ops"] };

const plain: Record<string, unknown> = frame;

const rich: Record<string, unknown> = {
  ...frame,
  since: new Date("2024-05-01T08:00:00.000Z"),
  until: new Date("2024-05-03T08:00:00.000Z"),
  seen: new Set(["ada", "bob"]),
  total: 12_950n,
  answer: undefined,
};

const richAsJson: Record<string, unknown> = {
  ...frame,
  since: "2024-05-01T08:00:00.000Z",
  until: "2024-05-03T08:00:00.000Z",
  seen: ["ada", "bob"],
  total: "12950",
  answer: null,
};

/** Orders with lines: small objects, so there are more objects per byte than in the small frames. */
function large(orders: number): Record<string, unknown> {
  const lines = (order: number): unknown[] => Array.from({ length: 8 }, (_, index) => ({ sku: `A-${order}-${index}`, count: index + 1, price: 12.5 * index }));
  return { ...frame, orders: Array.from({ length: orders }, (_, order) => ({ id: `o-${order}`, at: "2024-05-01T08:00:00.000Z", note: "Leave it at the door, please", lines: lines(order) })) };
}

// A round of either side takes about a millisecond, less than a turn of the system's scheduler, so that the median is of
// rounds that nothing interrupted.
const rounds = 801;
const warmUp = 200;

function row(name: string, limit: number, times: number, ours: Record<string, unknown>, floor: Record<string, unknown>): Row {
  const withCodec = (): unknown => decode(encode(ours, asRuns));
  const withJson = (): unknown => JSON.parse(JSON.stringify(floor));
  for (let warm = 0; warm < warmUp; warm++) {
    timed(withJson, times);
    timed(withCodec, times);
  }
  const pairs = Array.from({ length: rounds }, () => [timed(withJson, times), timed(withCodec, times)] as const);
  const floorTime = median(pairs.map(([json]) => json));
  const ourTime = median(pairs.map(([, codec]) => codec));
  return { name, floor: floorTime, ours: ourTime, ratio: median(pairs.map(([json, codec]) => codec / json)), limit };
}

function timed(work: () => unknown, times: number): number {
  const start = process.hrtime.bigint();
  for (let index = 0; index < times; index++) work();
  return Number(process.hrtime.bigint() - start) / 1_000 / times;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? NaN;
}

if (process.argv[1] !== undefined && import.meta.filename === process.argv[1]) {
  for (const { name, floor, ours, ratio, limit } of codecRows()) {
    const verdict = ratio <= limit ? "ok" : "too slow";
    console.log(`${name.padEnd(32)} JSON ${floor.toFixed(2)} µs   codec ${ours.toFixed(2)} µs   ratio ${ratio.toFixed(2)} of ${limit}   ${verdict}`);
  }
}
