// How Postgres carries the statements out: by indexes, whatever a table was like when the plan was made, and however many runs there are since. The plan of a
// statement with a name is made once for each connection, often when there is nothing yet, and of a young table there are no statistics.

import pg from "pg";
import { afterAll, expect, it, vi } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { postgresStore } from "../../runtime/stores/postgres.ts";
import { storeSettings } from "../../runtime/stores/postgres/connection.ts";
import { changeOf, delivered, now } from "../../runtime/testing/store-fixture.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";

interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly name?: string;
}

/** Rows of the tables that a statement of the script may look at. The one that takes most is a claim among twenty kinds of runs. */
const few = 400;
const runs = 20_000;
/** Several of them in one statement read all runs, and all their wake rows, where it was told of a table of ten, until the server looks at it again. */
const ofDeliveries = /^with d as materialized \(select \* from unnest/;

/** What EXPLAIN says of a step, as far as it is asked. */
interface Step {
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly Step[];
}

function looked(step: Step): number {
  const rows = step["Actual Rows"] + (step["Rows Removed by Filter"] ?? 0) + (step["Rows Removed by Index Recheck"] ?? 0);
  return (step["Relation Name"] === undefined ? 0 : rows * step["Actual Loops"]) + (step.Plans ?? []).reduce((sum, one) => sum + looked(one), 0);
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map((one) => (one === null ? "null" : JSON.stringify(String(one)))).join(",")}}`);
  return pg.escapeLiteral(String(value));
}

const planner = "planner";

/** A connection with the settings of the store's own, whose plans are of the time when they were asked for. */
class Planner {
  readonly #client: pg.Client;
  readonly #names = new Map<string, string>();

  constructor(url: string) {
    const options = Object.entries(storeSettings).map(([name, value]) => `-c ${name}=${value}`).join(" ");
    this.#client = new pg.Client({ connectionString: url, options, application_name: planner });
  }

  async plan(texts: Iterable<readonly [text: string, statement: Statement]>): Promise<void> {
    await this.#client.connect();
    for (const [text, { values = [] }] of texts) {
      const name = `p${this.#names.size}`;
      this.#names.set(text, name);
      await this.#client.query(`prepare ${name} as ${text}`);
      await this.#client.query(`explain execute ${name}${values.length > 0 ? `(${values.map(literal).join(",")})` : ""}`);
    }
  }

  /** How many rows it looks at, and the plan. Nothing is changed. */
  async looked({ text, values = [] }: Statement): Promise<{ readonly rows: number; readonly plan: string } | undefined> {
    const name = this.#names.get(text);
    if (name === undefined) return undefined;
    await this.#client.query("begin");
    try {
      const { rows } = await this.#client.query(`explain (analyze, timing off, format json) execute ${name}${values.length > 0 ? `(${values.map(literal).join(",")})` : ""}`);
      const [{ "QUERY PLAN": [{ Plan: plan }] }] = rows as [{ "QUERY PLAN": [{ Plan: Step }] }];
      return { rows: looked(plan), plan: JSON.stringify(plan, (key, value: unknown) => (/^(?:Plan(?:s|Rows)?|Node Type|Relation Name|Index Name|Index Cond|Filter|Join Filter|Actual (?:Rows|Loops)|Rows Removed.*|Subplan Name|\d+)?$/.test(key) ? value : undefined), 1) };
    } finally {
      await this.#client.query("rollback");
    }
  }

  end(): Promise<void> {
    return this.#client.end();
  }
}

/** All kinds of statements that a store sends, for one run and for several. `name` begins their ids. */
async function script(store: Store, name: string): Promise<void> {
  const of = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => `${name} ${from + at}`);
  const ids = of(0, 40);
  const shape = { key: "shape 1", flow: "flow", atoms: "" };
  const lease = { owner: "w", duration: 100 };
  const each = (some: readonly string[], change: (id: string) => Parameters<typeof changeOf>[2], version = 1) => store.commit(some.map((id) => ({ ...changeOf(id, version, change(id)), id })));
  for (const some of [ids.slice(0, 1), ids.slice(1)]) {
    await each(some, () => ({ waits: ["word"], frame: "f", index: { a: 1, b: "x" }, shape, parts: { put: [["frame/1", "text"]], drop: [] } }), 0);
    await Promise.all(some.map((id) => store.load(id)));
  }
  for (const some of [of(0, 1), of(1, 6)]) {
    await each(some, () => ({ waits: ["word"] }));
    await Promise.all(some.map((id) => store.load(id, "e1")));
    await each(some, () => ({ waits: ["word"], eventId: "e2" }), 2);
    await each(some, () => ({ waits: ["other"], frame: "g", index: { a: 2 }, shape: null, parts: { put: [["frame/2", "text"]], drop: ["frame/1"] }, eventId: "e3", forget: now - 5 }), 3);
    await store.deliver(some.map((id) => delivered(id)));
    await store.deliver(some.map((id) => delivered(id, "e4")));
    await store.deliver(some.map((id) => ({ ...delivered(id, "e5"), lease })));
    await store.extend(some.map((id) => ({ id, owner: "w" })), { now, duration: 100 });
    await Promise.all(some.map((id) => store.load(id, undefined, ["state"])));
    await each(some, (id) => ({ consumed: [1, 2], looked: 3, holder: "w", waits: ["word"], outbox: [{ to: id, kind: "k", eventId: `o ${id}`, body: "" }], wake: now }), 4);
    for (const row of await store.outbox(10)) await store.deliver([{ ...delivered(row.to, row.eventId), outbox: row.id }]);
    await store.extend(some.map((id) => ({ id, owner: "nobody" })), { now, duration: 0 });
  }
  const claims = [{}, { flows: ["flow"], queues: ["default"] }, { shapes: ["shape 1"], flows: ["flow"] }, { unfit: ["shape 2"] }];
  for (const [at, claim] of claims.entries()) await store.claim({ owner: `claim ${name} ${at}`, now, duration: 100, limit: 3, ...claim });
  await each(ids.slice(20), () => ({ status: "completed", waits: [] }));
  const queries = [
    {}, { status: ["waiting"] as const }, { flow: "flow" }, { flow: "flow", status: ["completed"] as const }, { context: "word" }, { index: { a: 2 } }, { index: { a: 2, b: "x" }, context: "word" },
  ];
  for (const query of queries) await store.find({ limit: 5, ...query });
  await store.shapes({ limit: 2, upTo: 3 });
  await store.remove({ before: now + 1, limit: 3, dryRun: true });
  await store.remove({ before: now + 1, limit: 3 });
}

describePostgres("plans", () => {
  const schemas: Schema[] = [];
  afterAll(async () => {
    for (const schema of schemas) await schema.drop();
  });

  async function opened({ url, name }: Schema): Promise<Store> {
    const store = postgresStore({ connectionString: url, schema: name, durable: false, leaseClock: "caller" });
    await store.load("x");
    return store;
  }

  /** Rows that nobody has told the planner of: of twenty shapes, each due at a time far off. */
  async function fill(where: Schema, from: number, to: number): Promise<void> {
    const tables: Record<string, string> = {
      run: `(id, flow, queue, priority, status, version, save_token, waits, tags, state, frame, created_at, updated_at) select 'many ' || n, 'flow', 'default', 0, 'waiting', 1, gen_random_uuid(), '["far"]', '{}', '', '', 0, 0`,
      wake: `(run, queue, flow, priority, at, shape) select n + 1000000, 'default', 'flow', 0, ${now + 1e10} + n, 'shape ' || n % 20`,
      status: "(run, flow, status) select n + 1000000, 'flow', 'waiting'",
      tag: "(run, key, value) select n + 1000000, 'a', '1'",
      wait: "(run, context) select n + 1000000, 'far'",
      inbox: "(run, seq, kind, body, at) select n + 1000000, 1, 'event', '', 0",
      seen: "(run, bucket, ids, ats) select n + 1000000, 4, array[gen_random_uuid()], array[0]",
      part: "(run, name, body) select n + 1000000, '=frame/1', ''",
    };
    for (const [table, values] of Object.entries(tables)) await where.pool.query(`insert into ${where.name}.deflow_${table} ${values} from generate_series(${from}, ${to - 1}) n`);
  }

  it.each([
    // One without a name is planned each time: by the statistics of then, which a server renews within a minute or two.
    ["nothing was told of any", { analyzed: undefined, ofAll: true }],
    ["it was told when there were ten runs", { analyzed: 10, ofAll: false }],
  ] as const)("look at few rows of many, whenever they were made, where %s", async (_, { analyzed, ofAll }) => {
    const [first, second] = [await newSchema(), await newSchema()];
    schemas.push(first, second);
    for (const one of [first, second]) await (await opened(one)).close();
    const texts = new Map<string, Statement>();
    await asked(first, async (statement) => {
      if (ofAll || statement.name !== undefined) texts.set(statement.text.replaceAll(first.name, second.name), statement);
    });
    for (const { table } of (await second.pool.query<{ table: string }>("select tablename as table from pg_tables where schemaname = $1", [second.name])).rows) {
      await second.pool.query(`alter table ${second.name}.${table} set (autovacuum_enabled = off)`);
    }
    const sizes = { "of an empty table": 0, "of ten runs": 10, "of a hundred": 100, "of a thousand": 1_000, "of all": runs };
    const planners = new Map<string, Planner>();
    let before = 0;
    for (const [when, size] of Object.entries(sizes)) {
      await fill(second, before, before = size);
      if (size === analyzed) await second.pool.query("analyze");
      const one = new Planner(second.url);
      planners.set(when, one);
      await one.plan([...texts].filter(([, { name }]) => name !== undefined || size === runs));
    }
    const tried = new Set<string>();
    const worst = new Map<string, { readonly when: string; readonly rows: number; readonly plan: string }>();
    await asked(second, async (statement) => {
      for (const [when, one] of planners) {
        const found = await one.looked(statement);
        if (found === undefined) continue;
        tried.add(statement.text);
        if (found.rows > (worst.get(statement.text)?.rows ?? few)) worst.set(statement.text, { when, ...found });
      }
    });
    for (const one of planners.values()) await one.end();
    expect([...texts.keys()].filter((text) => !tried.has(text))).toEqual([]);
    expect([...texts.values()].filter(({ name }) => name !== undefined).length).toBeGreaterThan(25);
    if (analyzed !== undefined) for (const text of worst.keys()) if (ofDeliveries.test(text) && (worst.get(text)?.rows ?? 0) < 2 * runs + few) worst.delete(text);
    expect([...worst].map(([text, { when, rows, plan }]) => `${rows} rows by the plan ${when}: ${text}\n${plan}`)).toEqual([]);
  }, 120_000);

  /** What the script asks for on connections of the store's own, before each is sent. Not what it asks for in transactions: what those have locked would keep others waiting. */
  async function asked(where: Schema, before: (statement: Statement) => Promise<void>): Promise<void> {
    const store = await opened(where);
    const send = pg.Client.prototype.query as (this: unknown, statement: unknown) => Promise<unknown>;
    const apart = new WeakSet<object>();
    // One after the other, as what looks at them is a transaction on a connection of its own.
    let last = Promise.resolve();
    const spy = vi.spyOn(pg.Client.prototype, "query").mockImplementation(async function passing(this: { readonly connectionParameters: pg.ClientConfig }, statement: unknown): Promise<unknown> {
      if (this.connectionParameters.application_name !== planner) {
        if (typeof statement !== "string" && !apart.has(this)) await (last = last.then(() => before(statement as Statement)));
        else if (statement === "begin") apart.add(this);
        else apart.delete(this);
      }
      return await send.call(this, statement);
    } as never);
    await script(store, "run").finally(() => spy.mockRestore());
    await store.close();
  }
});
