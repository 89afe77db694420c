// A disk that is full under Postgres: a small file system in memory holds its tables. It takes the right to mount one; without it the tests are skipped aloud.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createEngine } from "deflow";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { postgresStore } from "../../runtime/stores/postgres.ts";
import { changeOf, loaded } from "../../runtime/testing/store-fixture.ts";
import { hello, word } from "../engine/flows.ts";
import { startServer, type Server } from "../postgres/server.ts";
import { describePostgres } from "../postgres/shared.ts";

const size = 8 * 1024 * 1024;

describePostgres("a disk that is full", () => {
  let server: Server;
  let pool: pg.Pool;
  let store: Store;
  let disk: string | undefined;
  beforeAll(async () => {
    server = await startServer();
    disk = mounted(join(server.folder, "disk"));
    if (disk === undefined) return;
    pool = new pg.Pool({ connectionString: server.url });
    await pool.query(`create tablespace small location '${disk}'`);
    await pool.query("create table ballast tablespace small as select repeat(md5(n::text), 40) as text from generate_series(1, 1_000) n");
    await pool.query("alter database postgres set default_tablespace = small");
    store = postgresStore({ connectionString: server.url, durable: false });
  });
  afterAll(async () => {
    await store?.close();
    await pool?.end();
    await server?.stop().catch(() => {});
    if (disk !== undefined) execFileSync("umount", ["-l", disk]);
    await server?.stop();
  });

  it("is reported as STORE_FULL, loses nothing, and when there is room again all goes on", async (context) => {
    if (disk === undefined) return context.skip();
    const engine = createEngine({ store, flows: { hello } });
    const run = await engine.start(hello, ["Ann"], { id: "a" });
    const filler = (Array.from({ length: 40_000 }, (_, n) => (n * 2654435761).toString(36))).join("");
    const kept: string[] = [];
    const full: unknown = await (async () => {
      for (let n = 0; n * filler.length < 4 * size; n++) {
        await store.commit([changeOf(`filler ${n}`, 0, { frame: `${n}${filler}` })]);
        kept.push(`filler ${n}`);
      }
    })().catch((error: unknown) => error);
    expect(full).toMatchObject({ code: "STORE_FULL", hint: expect.stringContaining("Make room") });
    expect(kept.length).toBeGreaterThan(3);
    // What is left of the last pages is used up too.
    for (let n = 0; n < 4_000; n++) if (await store.commit([changeOf(`small ${n}`, 0, { frame: filler.slice(0, 1_500) })]).then(() => false, () => true)) break;
    await expect(engine.start(hello, [filler.slice(0, 1_800)], { id: "b" })).rejects.toMatchObject({ code: "STORE_FULL" });
    expect(await engine.get(run)).toMatchObject({ status: "waiting", responses: ["Hello Ann"] });
    for (const id of kept) expect((await loaded(store, id)).frame).toHaveLength(filler.length + id.length - "filler ".length);
    // Somebody makes room.
    await pool.query("drop table ballast");
    await pool.query("checkpoint");
    expect(await engine.continue(run, word, "cheese", { eventId: "e" })).toMatchObject({ status: "completed", value: "cheese" });
    expect(await engine.start(hello, [filler.slice(0, 1_800)], { id: "b" })).toMatchObject({ status: "waiting" });
    await engine.close();
  });
});

/** Undefined: this user may not. */
function mounted(folder: string): string | undefined {
  mkdirSync(folder);
  const owner = process.getuid?.() === 0 ? ["u", "g"].map((flag) => `${flag}id=${execFileSync("id", [`-${flag}`, "nobody"], { encoding: "utf8" }).trim()}`) : [];
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", [`size=${size}`, "mode=700", ...owner].join(), "tmpfs", folder], { stdio: "ignore" });
    return folder;
  } catch {
    console.warn("SKIPPED: no file system can be mounted here, so the tests of a full disk under Postgres do not run");
    return undefined;
  }
}
