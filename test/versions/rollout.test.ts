// Ten thousand runs that sleep while their code changes: a fix, a build that needs what they have not, the same with a migration, back, and forward again.

import { expect, it } from "vitest";
import { createEngine, type Engine, type Flow, memory, type Run } from "../../runtime/index.ts";
import { fingerprint } from "../../runtime/versions/fingerprint.ts";
import { type Release, release } from "./builds.ts";

const many = 10_000;
const day = 24 * 60 * 60 * 1000;

interface Program {
  readonly subscribe: Flow<[number], string>;
}

/** Run n sleeps for one to four days, and ends with what finished it. */
const flow = (before: string, after: string, more = ""): string =>
  `export const subscribe = deflow(async function subscribe(n) {\n  ${before}\n  await sleep((1 + n % 4) * ${day});\n  ${after}\n});\n${more}`;
const asleep = `sleep@${fingerprint("", [{ key: "n" }])}`;
const needsPrice = ["const price = 12;", `await sleep(${day / 2});\n  return n + " v3 at " + price;`] as const;

/** What somebody who looks at the store sees of a run: another version is another commit. */
interface Row {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly frame: string;
  readonly owner: string | null | undefined;
  readonly attempt: number | undefined;
}

const quarter = (row: { readonly id: string }): number => Number(row.id.slice(1)) % 4;
const isNew = ({ id }: { readonly id: string }): boolean => id.startsWith("n");
const isOpen = ({ status }: Row): boolean => status !== "completed";

it("each build takes on what it can continue, and touches nothing else", async () => {
  const v1 = release<Program>(flow("", 'return n + " v1";'));
  const v2 = release<Program>(flow("", 'return n + " v2";'));
  const v3 = release<Program>(flow(...needsPrice));
  const migrating = release<Program>(flow(...needsPrice, `migrate(subscribe, ${JSON.stringify(asleep)}, (locals) => ({ ...locals, price: 10 }));`));

  const store = memory();
  const ids: string[] = [];
  let now = 0;
  const clock = { now: () => now, after: () => () => {} };
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  /** What one process of a build does on a day: all that is due and that it can go on with. */
  const onDay = async (at: number, { exports: { subscribe }, use }: Release<Program>, work: (engine: Engine, subscribe: Program["subscribe"]) => Promise<unknown> = (engine) => engine.tick({ limit: 2 * many })): Promise<void> => {
    use();
    now = at * day;
    const engine = createEngine({ store, clock, flows: { subscribe }, logger });
    await work(engine, subscribe);
    await engine.close();
  };
  const signUp = (prefix: string, count: number) => async (engine: Engine, subscribe: Program["subscribe"]): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const id = `${prefix}${n}`;
      ids.push(id);
      await engine.start(subscribe, [n], { id });
    }
  };
  const rows = (): Promise<Row[]> => Promise.all(ids.map(async (id) => {
    const { version, status, frame, wake } = await store.load(id) ?? expect.unreachable(`the run ${id} is gone`);
    return { id, version, status, frame, owner: wake?.owner, attempt: wake?.attempt };
  }));
  /** Those of `before` that were stored since. */
  const moved = async (before: readonly Row[]): Promise<Row[]> => {
    const after = await rows();
    return before.flatMap((row, index) => (after[index]?.version === row.version ? [] : [after[index] as Row]));
  };
  const stranded = async (engine: Engine): Promise<string[]> => {
    const found: string[] = [];
    for (let page = await engine.find({ status: "stranded", limit: 1000 }); ; page = await engine.find({ status: "stranded", limit: 1000, cursor: page.cursor as string })) {
      found.push(...page.runs.map(({ id }) => id));
      if (page.cursor === undefined) return found.sort();
    }
  };
  const idsOf = (some: readonly { readonly id: string }[]): string[] => some.map(({ id }) => id).sort();

  await onDay(0, v1, signUp("r", many));
  let before = await rows();
  expect(before.filter(({ status }) => status === "waiting")).toHaveLength(many);

  // The fix: a quarter is due, and ends with it.
  await onDay(1, v2);
  let after = await moved(before);
  expect(after.map((row) => [quarter(row), row.status])).toEqual(Array.from({ length: many / 4 }, () => [0, "completed"]));

  // The build that needs a price: all are stranded for it, those that are due as well, and stay as they are.
  before = await rows();
  await onDay(2, v3, async (engine) => {
    expect((await engine.tick({ limit: many })).done).toBe(0);
    expect(await stranded(engine)).toEqual(idsOf(before.filter(isOpen)));
    expect(await engine.get("r1")).toMatchObject({ status: "stranded", stranded: { error: { code: "LOCALS_MISFIT", message: expect.stringContaining("`price`") as string } } });
  });
  expect(await rows()).toEqual(before);

  // The same with a migration: a quarter moves on, to a point that no earlier build has. New runs come.
  await onDay(2, migrating);
  after = await moved(before);
  expect(after.map((row) => [quarter(row), row.status])).toEqual(Array.from({ length: many / 4 }, () => [1, "waiting"]));
  const movedOn = idsOf(after);
  await onDay(2, migrating, signUp("n", 400));

  // Back: what fits goes on, what moved on is due and stranded, and is not touched.
  before = await rows();
  await onDay(3, v2, async (engine) => {
    await engine.tick({ limit: 2 * many });
    expect(await stranded(engine)).toEqual(movedOn);
  });
  after = await moved(before);
  expect(idsOf(after)).toEqual(idsOf(before.filter((row) => isOpen(row) && quarter(row) === (isNew(row) ? 0 : 2))));
  expect(after.every(({ status }) => status === "completed")).toBe(true);

  // Forward again: all finish.
  for (let at = 3; at <= 7; at += 0.5) await onDay(at, migrating);
  const outcome = (row: { readonly id: string }): string => {
    const price = isNew(row) ? 12 : 10;
    const byFix = isNew(row) ? quarter(row) === 0 : quarter(row) % 2 === 0;
    return `${row.id.slice(1)} ${byFix ? "v2" : `v3 at ${price}`}`;
  };
  await onDay(8, migrating, async (engine) => {
    const ended = await Promise.all(ids.map((id) => engine.get(id) as Promise<Run<string>>));
    expect(ended.map((run) => [run.id, run.status === "completed" ? run.value : run.status])).toEqual(ids.map((id) => [id, outcome({ id })]));
  });
  await store.close();
}, 120_000);
