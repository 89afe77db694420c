// What large runs cost: a megabyte that does not change, and fans of steps. All on SQLite, as shipped.
//
//   npm run bench large

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Root from "../../runtime/index.ts";
import type * as Internal from "../../runtime/internal.ts";
import type * as Sqlite from "../../runtime/stores/sqlite.ts";
import { countWritten, sum, type Written } from "../engine/written.ts";
import { flowsOf } from "./flows.ts";
import { median, type Row, rowOf, timed } from "./row.ts";
import { shipped } from "./shipped.ts";

const modules = await shipped({ root: "runtime/index.ts", internal: "runtime/internal.ts", sqlite: "runtime/stores/sqlite.ts" });
const root = modules["root"] as typeof Root;
const { createEngine } = root;
const { sqlite } = modules["sqlite"] as typeof Sqlite;

const rowsOf = `(count) => Array.from({ length: count }, (_, id) => ({ id, name: "row number " + id, price: id * 1.5, tags: ["a", "b", "some longer tag " + id], ok: id % 2 === 0 }))`;
const rows = new Function(`return (${rowsOf})(10_000)`)() as unknown[];

/** What the steps of `fanInTurn` wait for. */
const ends: (() => void)[] = [];
const wait = (n: number): Promise<void> => new Promise((resolve) => (ends[n] = resolve));

const flows = flowsOf(root, modules["internal"] as typeof Internal, `
  const unchanged = deflow(async function unchanged(commits) {
    const rows = (${rowsOf})(10_000);
    let sum = 0;
    for (let n = 0; n < commits; n++) sum += await step("add", () => 1);
    return rows.length + sum;
  });
  const fan = deflow(async function fan(count) {
    const one = async (item) => await step("work", async () => "result " + item.n);
    return (await Promise.all(Array.from({ length: count }, (_, n) => one({ n, name: "item " + n })))).length;
  });
  const fanInTurn = deflow(async function fanInTurn(count) {
    const one = async (item) => await step("work", async () => { await wait(item.n); return "result " + item.n; });
    return (await Promise.all(Array.from({ length: count }, (_, n) => one({ n, name: "item " + n })))).length;
  });`, { wait });

export async function largeRows(): Promise<Row[]> {
  return [...await unchangedRows(), ...await fanRows(), await inTurnRow()];
}

/**
 * Its text is a megabyte; the plain way is to make that text anew, in turns with the commits. Of the second run, as a server is after its first
 * seconds: in the first one half of the commits take twice as long, for the code that looks at a megabyte is being optimized meanwhile. The
 * limit is 20 ms, and three and a half such texts where the machine has less time than that.
 */
async function unchangedRows(): Promise<Row[]> {
  const commits = 25;
  await played("unchanged", [commits]);
  const text: number[] = [];
  const { written, times } = await played("unchanged", [commits], () => text.push(timed(() => JSON.stringify(rows))));
  const pairs = times.map((time, at) => [text[at] as number, time] as const).slice(3, -1);
  return [
    { name: "bytes of a commit beside 1 MB that is as it was, of 1,024", floor: 1_024, ours: Math.max(...written.commits.slice(1, -1)), ratio: Math.max(...written.commits.slice(1, -1)) / 1_024, limit: 1 },
    rowOf("a commit beside 1 MB that is as it was, and JSON.stringify of it, ms", Math.max(3.5, 20 / median(text)), pairs),
  ];
}

async function fanRows(): Promise<Row[]> {
  const pairs: [number, number][] = [];
  let widest: Written | undefined;
  for (let round = 0; round < 12; round++) {
    let small = 0;
    // As many steps of narrow fans as the wide one has a hundredth of, so that both are timed over about the same.
    for (let time = 0; time < 10; time++) small += (await played("fan", [10])).total / 100;
    const { written, total } = await played("fan", [1_000]);
    if (round >= 2) pairs.push([small, total / 1_000]);
    widest = written;
  }
  const { commits, largest } = widest as Written;
  return [
    { name: "bytes of a fan of 1,000 steps beside its largest state", floor: largest, ours: sum(commits), ratio: sum(commits) / largest, limit: 20 },
    rowOf("a step of a fan of 1,000 beside one of a fan of 10, ms", 2, pairs),
  ];
}

/** The worst case: no two of its steps end together, so each has a commit of its own. */
async function inTurnRow(): Promise<Row> {
  const { written } = await played("fanInTurn", [1_000], (commits) => setImmediate(() => ends[commits - 1]?.()));
  return { name: "the same, each step a commit of its own", floor: written.largest, ours: sum(written.commits), ratio: sum(written.commits) / written.largest, limit: 20 };
}

interface Played {
  readonly written: Written;
  /** From commit to commit, in milliseconds. */
  readonly times: readonly number[];
  readonly total: number;
}

async function played(name: string, args: unknown[], committed?: (commits: number) => void): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), "deflow-bench-"));
  const store = sqlite(join(folder, "runs.db"));
  const written = countWritten(store, "r");
  const quiet = (): void => {};
  const times: number[] = [];
  const counted = store.commit.bind(store);
  const start = process.hrtime.bigint();
  let last = start;
  store.commit = async (changes) => {
    const results = await counted(changes);
    times.push(Number(process.hrtime.bigint() - last) / 1e6);
    committed?.(written.commits.length);
    last = process.hrtime.bigint();
    return results;
  };
  const engine = createEngine({ store, flows, logger: { debug: quiet, info: quiet, warn: quiet, error: console.error } });
  const run = await engine.start(flows[name] as Root.Flow<unknown[], unknown>, args, { id: "r" });
  const total = Number(process.hrtime.bigint() - start) / 1e6;
  if (run.status !== "completed") throw new Error(`${name}: ${run.status}`);
  await engine.close();
  await store.close();
  rmSync(folder, { recursive: true });
  return { written, times, total };
}
