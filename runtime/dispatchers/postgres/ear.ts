// Who listens on a channel, for as long as somebody does: one connection, made again when it breaks.
//
//   connect ─► LISTEN ─► does a notification of its own come back? ─► all that listen look once, for what was missed ─► hear … ask again, now and then
//                └──────────────── no, or it breaks: said to all, and after a while again ◄───────────────────────────────┘

import { randomUUID } from "node:crypto";
import { hostTimer } from "../../realm/clock.ts";
import { deflowError } from "../../errors/classes.ts";
import { ask, listenTo, type PgClient, type PgPool } from "../../stores/postgres/connection.ts";
import { failure } from "../../stores/postgres/failures.ts";
import type { Ring } from "../dispatcher.ts";

interface Listener {
  readonly heard: (ring: Ring) => void;
  readonly failed: ((error: unknown) => void) | undefined;
}

/** Milliseconds. How long its own notification may take; how often it asks whether the connection still hears; between two that failed. */
export const patience = { echo: 5_000, again: 30_000, least: 500, most: 30_000 };

export class Ear {
  readonly #pool: PgPool;
  readonly #channel: string;
  readonly #where: string;
  readonly #listeners = new Set<Listener>();
  /** Its own notifications that are not back yet. */
  readonly #echoes = new Map<string, () => void>();
  #stop: (() => void) | undefined;
  #over: Promise<void> = Promise.resolve();

  constructor(pool: PgPool, channel: string, where: string) {
    this.#pool = pool;
    this.#channel = channel;
    this.#where = where;
  }

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#stop === undefined) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#end();
    await this.#over;
  }

  #begin(): void {
    const stopped = new Promise<void>((resolve) => (this.#stop = resolve)).then(() => "stopped" as const);
    const before = this.#over;
    this.#over = before.then(() => this.#sessions(stopped));
  }

  #end(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  async #sessions(stopped: Promise<"stopped">): Promise<void> {
    for (let wait = patience.least; ; wait = Math.min(2 * wait, patience.most)) {
      try {
        await this.#session(stopped, () => (wait = patience.least));
        return;
      } catch (error) {
        for (const { failed } of this.#listeners) failed?.(failure(error, this.#where, ""));
      }
      if (await within(wait, stopped) === "stopped") return;
    }
  }

  /** Ends when it is stopped, throws when nothing is heard any more. */
  async #session(stopped: Promise<"stopped">, well: () => void): Promise<void> {
    const client = await this.#pool.connect();
    try {
      listenTo(client);
      const broken = new Promise<never>((_, reject) => {
        client.on("error", reject);
        client.on("end", () => reject(new Error("The connection that listened has ended")));
      });
      broken.catch(() => {});
      client.on("notification", ({ channel, payload }) => this.#notified(channel, payload));
      await ask(client, { text: `listen "${this.#channel.replaceAll("\"", "\"\"")}"` });
      for (let isFirst = true; ; isFirst = false) {
        await Promise.race([this.#echo(client), broken]);
        well();
        if (isFirst) this.#tell({ at: 0 });
        if (await Promise.race([within(patience.again, stopped), broken]) === "stopped") return;
      }
    } finally {
      client.release(true);
    }
  }

  async #echo(client: PgClient): Promise<void> {
    const id = randomUUID();
    let cancel = (): void => {};
    try {
      const back = new Promise<void>((resolve, reject) => {
        this.#echoes.set(id, resolve);
        cancel = hostTimer(patience.echo, () => reject(deflowError("NOT_NOTIFIED", { path: this.#where })));
      });
      back.catch(() => {});
      await ask(client, { text: "select pg_notify($1, $2)", values: [this.#channel, JSON.stringify({ echo: id })] });
      await back;
    } finally {
      cancel();
      this.#echoes.delete(id);
    }
  }

  #notified(channel: string, payload = ""): void {
    if (channel !== this.#channel) return;
    const said = parsed(payload);
    if (Array.isArray(said)) for (const ring of said) this.#tell(ring as Ring);
    else this.#echoes.get((said as { echo?: string } | undefined)?.echo ?? "")?.();
  }

  #tell(ring: Ring): void {
    for (const { heard } of this.#listeners) heard(ring);
  }
}

/** Anybody may notify a channel. */
function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

async function within(milliseconds: number, stopped: Promise<"stopped">): Promise<"stopped" | "over"> {
  let cancel = (): void => {};
  const over = new Promise<"over">((resolve) => (cancel = hostTimer(milliseconds, () => resolve("over"))));
  return await Promise.race([stopped, over]).finally(() => cancel());
}
