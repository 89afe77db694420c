// The server that the tests of the Postgres store run on.

import { existsSync } from "node:fs";
import pg from "pg";
import { expect, it } from "vitest";
import { startServer } from "./server.ts";
import { describePostgres, sharedServer } from "./shared.ts";

describePostgres("a Postgres of the tests' own", () => {
  async function ask(url: string, sql: string): Promise<unknown[]> {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it("is one for all test files", async () => {
    const urls = await Promise.all([sharedServer(), sharedServer()]);
    expect(urls[0]).toBe(urls[1]);
    expect(await ask(urls[0], "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("has after a crash what was committed, at the same address, and leaves nothing when it is stopped", async () => {
    const server = await startServer();
    const { url } = server;
    try {
      await ask(url, "create table kept as select 7 as n");
      await server.restart();
      expect(server.url).toBe(url);
      expect(await ask(url, "select n from kept")).toEqual([{ n: 7 }]);
    } finally {
      await server.stop();
    }
    expect(existsSync(server.folder)).toBe(false);
    await expect(ask(url, "select 1")).rejects.toThrow("ECONNREFUSED");
  });
});
