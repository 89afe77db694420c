// The two programs as processes of their own, on one database. Each step prints what it does, so it shows in whose output that is.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { newSchema, type Schema } from "../../test/postgres/schema.ts";
import { describePostgres } from "../../test/postgres/shared.ts";
import { Workplace } from "../console.ts";

describePostgres("an API and its workers", () => {
  const workplace = new Workplace();
  const processes: ChildProcess[] = [];
  const said = { api: "", worker: "" };
  let schema: Schema;
  let api: string;

  function begin(program: "api" | "worker"): ChildProcess {
    const url = new URL(schema.url);
    url.searchParams.set("options", `-c search_path=${schema.name}`);
    const env = { ...process.env, DATABASE_URL: String(url), DEFLOW_SCHEMA: schema.name, PORT: "0" };
    const child = spawn(process.execPath, [`${program}.js`], { cwd: workplace.folder, env });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said[program] += String(text)));
    processes.push(child);
    return child;
  }

  beforeAll(async () => {
    schema = await newSchema();
    await schema.pool.query(`create schema ${schema.name}`);
    await workplace.build(["api", "worker"].map((name) => new URL(`${name}.ts`, import.meta.url)));
    await once(begin("api").stdout!, "data");
    api = said.api.trim();
  });

  afterAll(async () => {
    for (const child of processes) child.kill("SIGKILL");
    await schema?.drop();
    workplace.remove();
  });

  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${api}/${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    return await response.json();
  }
  const becomes = (id: string, status: string): Promise<void> => vi.waitFor(async () => expect(await ask("GET", `orders/${id}`)).toEqual({ status }), 20_000);

  it("what the API stores, a worker does; no step is made in the API", async () => {
    expect(await ask("POST", "orders", { id: "A", total: 10 })).toEqual({ status: "queued" });
    expect(await ask("POST", "orders", { id: "B", total: 5_000 })).toEqual({ status: "queued" });
    expect(await ask("POST", "orders", { id: "A", total: 10 })).toEqual({ code: "INTERNAL" });
    const worker = begin("worker");
    await becomes("A", "waiting");
    await becomes("B", "waiting");
    expect(await ask("POST", "parcels", { id: "A", tracking: "P1" })).toEqual({});
    await becomes("A", "completed");
    expect((await schema.pool.query(`select id, tracking from ${schema.name}.orders order by id`)).rows).toEqual([{ id: "A", tracking: "P1" }, { id: "B", tracking: null }]);
    const [, token] = /^token (\S+) approves B$/m.exec(said.worker) ?? [];
    expect(await ask("POST", "approvals", { token: "guessed", ok: true })).toEqual({ code: "UNKNOWN_TOKEN" });
    expect(await ask("POST", "approvals", { token, ok: true })).toEqual({});
    await becomes("B", "waiting");
    expect(await ask("DELETE", "orders/C")).toEqual({ code: "NOT_FOUND" });
    expect(await ask("DELETE", "orders/B")).toEqual({});
    await becomes("B", "cancelled");
    expect(said.worker.replace(token as string, "…").trim().split("\n").toSorted()).toEqual(["parcel P1 is A", "release B", "reserve A", "reserve B", "token … approves B", "works"]);
    expect(said.api.trim()).toBe(api);
    worker.kill("SIGTERM");
    expect(await once(worker, "exit")).toEqual([0, null]);
  });
});
