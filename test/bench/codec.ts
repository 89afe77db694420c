// What the codec costs beside JSON: encode and decode of one frame, in microseconds.
//
// Both sides are measured in turns within one process, so that whatever else the machine does falls on both; a row is the
// median of its rounds. The rich frame's floor is JSON of the same data with dates and bigints as texts, which JSON alone
// would not bring back.

import { decode, encode } from "../../runtime/codec/index.ts";

export interface Row {
  readonly name: string;
  /** Microseconds of the plain way. */
  readonly floor: number;
  readonly ours: number;
  readonly ratio: number;
  /** The ratio that must not be passed. */
  readonly limit: number;
}

export function codecRows(): Row[] {
  return [
    row("codec: plain frame, 300 bytes", 1.5, 2_000, plain, plain),
    row("codec: rich frame, 300 bytes", 4, 2_000, rich, richAsJson),
    row("codec: plain frame, 10 KB", 1.5, 100, large(40), large(40)),
    row("codec: rich frame, 10 KB", 4, 100, { ...rich, ...large(40) }, { ...richAsJson, ...large(40) }),
  ];
}

const frame = {
  turn: 3,
  strands: [
    {
      flow: "approve",
      point: "listen:decision",
      locals: {
        expense: { id: "e-1021", amount: 129.5, currency: "EUR", lines: [{ id: 1, price: 12.5 }, { id: 2, price: 117 }], manager: "ada@example.com" },
        reminders: 0,
        done: false,
      },
    },
  ],
  ops: [{ kind: "listen", context: "decision", state: "waiting" }],
};

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

function large(orders: number): Record<string, unknown> {
  return { strands: Array.from({ length: orders }, (_, index) => ({ ...structuredClone(frame.strands[0]), index })) };
}

const rounds = 41;

function row(name: string, limit: number, times: number, ours: Record<string, unknown>, floor: Record<string, unknown>): Row {
  const withCodec = (): unknown => decode(encode(ours));
  const withJson = (): unknown => JSON.parse(JSON.stringify(floor));
  for (let warm = 0; warm < 5; warm++) {
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
