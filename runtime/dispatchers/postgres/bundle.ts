// What is rung within a moment, as few payloads of NOTIFY: one ring for each queue and run, of the earliest time. What does not fit is left out, for
// a ring may say less than it could.

import type { Ring } from "../dispatcher.ts";

/** Bytes; Postgres takes less than 8,000. */
const longestPayload = 7_900;
/** Bytes, as JSON. */
const longestName = 1_500;
/** Beyond so many rings runs are not named, beyond twice as many queues neither: that bounds what is kept while the database is away. */
const mostNamed = 1_000;

export class Bundle {
  #rings = new Map<string, Ring>();

  add({ queue, run, at = Infinity, from }: Ring): void {
    const room = mostNamed - this.#rings.size;
    const names = { ...named("run", run, room > 0), ...named("queue", queue, room > -mostNamed), ...named("from", from, true) };
    if (!("run" in names) && !(at < Infinity)) return;
    const key = JSON.stringify([names.queue, names.run, names.from]);
    const least = Math.min(this.#rings.get(key)?.at ?? Infinity, at);
    this.#rings.set(key, { ...names, ...(least < Infinity ? { at: Math.max(0, least) } : {}) });
  }

  /** Empties it. */
  take(): readonly string[] {
    const texts = [...this.#rings.values()].map((ring) => JSON.stringify(ring));
    this.#rings = new Map();
    const payloads: string[] = [];
    for (let from = 0; from < texts.length;) {
      let [to, size] = [from, 2];
      while (to < texts.length && (size += Buffer.byteLength(texts[to] as string) + 1) <= longestPayload) to++;
      payloads.push(`[${texts.slice(from, to).join()}]`);
      from = to;
    }
    return payloads;
  }
}

function named(field: "queue" | "run" | "from", name: string | undefined, fits: boolean): Ring {
  return name !== undefined && fits && Buffer.byteLength(JSON.stringify(name)) <= longestName ? { [field]: name } : {};
}
