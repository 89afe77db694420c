// What a transaction of the caller's stores is rung for before it can be found. It is begun soon after the commit all the same, long before anybody polls.

import { randomBytes } from "node:crypto";
import { createEngine, type Engine } from "deflow";
import { postgresDispatcher } from "deflow/postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sleeper } from "../engine/flows.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";

describePostgres("a call with a client, over Postgres", () => {
  let schema: Schema;
  let near: Engine;
  let far: Engine;
  const closed: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    schema = await newSchema();
    const channel = randomBytes(6).toString("hex");
    const open = (): Engine => {
      const [store, dispatcher] = [schema.open({ leaseClock: "database" }), postgresDispatcher({ connectionString: schema.url, channel })];
      const engine = createEngine({ store, flows: { sleeper }, dispatcher, logger: { debug() {}, info() {}, warn() {}, error: console.error } });
      closed.push(engine, dispatcher, store);
      return engine;
    };
    [near, far] = [open(), open()];
    await near.ready();
    far.work({ poll: "1 minute" });
  });
  afterAll(async () => {
    for (const one of closed) await one.close();
    await schema.drop();
  });

  it.each([0, 200])("whose transaction goes on for %s ms", async (milliseconds) => {
    const caller = await schema.begin();
    const run = await near.start(sleeper, [1], { queue: "mail", client: caller.client });
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    const begun = performance.now();
    await caller.end("commit");
    expect(await near.get(run.id)).toMatchObject({ id: run.id });
    expect(await run.result()).toBe("awake");
    expect(performance.now() - begun).toBeLessThan(20_000);
  }, 40_000);
});
