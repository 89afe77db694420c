// The dispatcher over Postgres: it keeps to the suite, comes back when its connection breaks, and is silent where LISTEN does not work.

import { createEngine, memory } from "deflow";
import { dispatcherSuite } from "deflow/testing";
import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Ring } from "../../runtime/dispatchers/dispatcher.ts";
import { Bundle } from "../../runtime/dispatchers/postgres/bundle.ts";
import { patience } from "../../runtime/dispatchers/postgres/ear.ts";
import { postgresDispatcher, type PostgresDispatcher, type PostgresDispatcherOptions } from "../../runtime/dispatchers/postgres.ts";
import { sleeper } from "../engine/flows.ts";
import { describePostgres, sharedServer } from "../postgres/shared.ts";

const usual = { ...patience };
const newChannel = (): string => `Bell "${randomBytes(6).toString("hex")}"`;

describePostgres("the dispatcher over Postgres", () => {
  let url = "";
  let pool: pg.Pool;
  const open: PostgresDispatcher[] = [];
  const dispatcher = (options: PostgresDispatcherOptions): PostgresDispatcher => {
    const made = postgresDispatcher(options);
    open.push(made);
    return made;
  };
  beforeAll(async () => {
    url = await sharedServer();
    pool = new pg.Pool({ connectionString: url });
    pool.on("error", () => {});
  });
  afterEach(async () => {
    Object.assign(patience, usual);
    await Promise.all(open.splice(0).map((one) => one.close()));
  });
  afterAll(() => pool?.end());

  describe("keeps to the suite", async () => {
    await dispatcherSuite("of two processes", {
      open() {
        const channel = newChannel();
        const [first, second] = [postgresDispatcher({ connectionString: url, channel }), postgresDispatcher({ pool, channel })];
        return { first, second, close: async () => void await Promise.all([first.close(), second.close()]) };
      },
    });
  });

  /** Rings until `isHeard`: rings before LISTEN are lost. */
  async function ringUntil(bell: PostgresDispatcher, ring: Ring, isHeard: () => boolean): Promise<void> {
    await vi.waitFor(async () => {
      await bell.ring(ring);
      expect(isHeard()).toBe(true);
    }, { timeout: 10_000 });
  }

  it("listens again when its connection breaks, says so, and has all look for what was missed", async () => {
    const channel = newChannel();
    const mine = new URL(url);
    mine.searchParams.set("application_name", "the one that listens");
    const [here, there] = [dispatcher({ connectionString: mine.href, channel }), dispatcher({ connectionString: url, channel })];
    const heard: Ring[] = [];
    const failed: unknown[] = [];
    here.listen((ring) => heard.push(ring), (error) => failed.push(error));
    await ringUntil(there, { run: "before" }, () => heard.some(({ run }) => run === "before"));
    const looks = heard.filter(({ at }) => at === 0).length;
    await pool.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'the one that listens'");
    await ringUntil(there, { run: "after" }, () => heard.some(({ run }) => run === "after"));
    expect(failed).toMatchObject([{ code: "STORE_UNREACHABLE" }]);
    expect(heard.filter(({ at }) => at === 0).length).toBeGreaterThan(looks);
  });

  it("sends what is rung together as one statement", async () => {
    const channel = newChannel();
    let statements = 0;
    const counting = {
      async connect() {
        const client = await pool.connect();
        return { query: (query: unknown) => (statements++, client.query(query as string)), on: client.on.bind(client), release: (error?: Error) => client.release(error) };
      },
    };
    const [here, there] = [dispatcher({ pool: counting, channel }), dispatcher({ pool, channel })];
    const heard = new Set<string>();
    there.listen(({ run }) => run !== undefined && heard.add(run));
    await ringUntil(here, { run: "there" }, () => heard.has("there"));
    statements = 0;
    for (let round = 0; round < 4; round++) await Promise.all(Array.from({ length: 200 }, (_, n) => here.ring({ run: `r${round}.${n}`, at: 1 })));
    expect(statements).toBe(4);
    await vi.waitFor(() => expect(heard.size).toBe(801));
  });

  it("behind a pooler that gives each transaction another connection it says so once, and runs go on by polling", async () => {
    Object.assign(patience, { echo: 50, least: 20, most: 20 });
    let connected = 0;
    const deaf = {
      async connect() {
        connected++;
        const client = await pool.connect();
        return { query: client.query.bind(client), on: (event: string, listener: () => void) => event === "notification" || client.on(event as "error", listener), release: (error?: Error) => client.release(error) };
      },
    };
    const warn = vi.fn();
    const store = memory();
    const engine = createEngine({ store, flows: { sleeper }, dispatcher: dispatcher({ pool: deaf as never, channel: newChannel() }), logger: { debug() {}, info() {}, warn, error() {} } });
    const caller = createEngine({ store, flows: { sleeper } });
    engine.work({ poll: 20 });
    expect(await (await caller.start(sleeper, [1], { queue: "mail" })).result()).toBe("awake");
    await vi.waitFor(() => expect(connected).toBeGreaterThan(4));
    expect(warn.mock.calls).toEqual([[expect.stringContaining("LISTEN does not work there"), { error: expect.objectContaining({ code: "NOT_NOTIFIED" }) }]]);
    await engine.close();
    await caller.close();
  });

  it("refuses what it cannot use", () => {
    const refused = (options: PostgresDispatcherOptions): unknown => {
      try {
        return postgresDispatcher(options);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect([{}, { connectionString: url, pool }, { connectionString: "http://x" }, { pool, channel: "" }, { pool, channel: "x".repeat(64) }, { pool, delay: "soon" as never }].map(refused)).toEqual(Array(6).fill("INVALID_ARGUMENT"));
  });
});

describe("a bundle", () => {
  const ringsIn = (payloads: readonly string[]): Ring[] => payloads.flatMap((payload) => JSON.parse(payload) as Ring[]);

  it("has one ring for each queue and run, of the earliest time, and none that says nothing", () => {
    const bundle = new Bundle();
    for (const ring of [{ queue: "a", at: 9 }, { queue: "a", at: 4 }, { queue: "a", at: 6 }, { run: "r" }, { run: "r", at: -5 }, {}, { queue: "b" }, { at: Infinity }]) bundle.add(ring);
    expect(ringsIn(bundle.take())).toEqual([{ queue: "a", at: 4 }, { run: "r", at: 0 }]);
    expect(bundle.take()).toEqual([]);
  });

  it("is in payloads that Postgres takes, whatever is rung", () => {
    const bundle = new Bundle();
    for (let n = 0; n < 30_000; n++) bundle.add({ queue: `queue ${n}`, run: `${"Ω\u0001".repeat(n % 500)}${n}`, at: n });
    bundle.add({ run: "x".repeat(100_000), at: 1 });
    const payloads = bundle.take();
    expect(payloads.every((payload) => Buffer.byteLength(payload) < 8_000)).toBe(true);
    expect(ringsIn(payloads).length).toBeLessThanOrEqual(2_002);
    expect(ringsIn(payloads)).toContainEqual({ at: 1 });
  });
});
