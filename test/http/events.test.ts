// A run as server-sent events: in order, from where the client was, and ended with the client, the run, the engine or its time.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { context, createEngine, deflow, type Engine, listen, memory, respond, run, step, type Store } from "deflow";
import { handler } from "deflow/http";
import { SimulatedClock } from "deflow/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";

const word = context("http word", z.string());
let release: (text: string) => void = () => {};

const talk = deflow(async function httpTalk() {
  respond("hello");
  for (let n = 1; ; n++) {
    const said = await listen(word);
    if (said === "bye") return n;
    run.progress(`${n} done`);
    respond(`${n}: ${said}`);
    if (said === "work") respond(await step("work", () => new Promise<string>((resolve) => (release = resolve))));
  }
});

let store: Store;
let clock: SimulatedClock;
let engine: Engine;
let handle: (request: Request) => Promise<Response>;
let failures: unknown[];
let subscribed: number;

beforeEach(async () => {
  clock = new SimulatedClock(Date.UTC(2026, 0, 1));
  store = memory();
  engine = createEngine({ store, clock, flows: { talk }, dev: true });
  failures = [];
  subscribed = 0;
  const counted: Engine = {
    ...engine,
    on(name, listener) {
      subscribed++;
      const stop = engine.on(name, listener);
      return () => { subscribed--; stop(); };
    },
  };
  handle = handler(counted, { flows: { talk }, authorize: (request) => !request.headers.has("x-stranger"), clock: clock, onError: (error) => void failures.push(error) });
  await engine.start(talk, [], { id: "talk" });
});

afterEach(async () => {
  await engine.close();
  expect([failures, subscribed, clock.pending]).toEqual([[], 0, 0]);
});

class Listener {
  readonly abort = new AbortController();
  readonly response: Promise<Response>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(lastEventId?: string, headers: Record<string, string> = {}) {
    this.response = handle(new Request("http://h/runs/talk/events", { signal: this.abort.signal, headers: { ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }), ...headers } }));
  }

  /** The next chunk, by event: name, id, data. Undefined: the stream is over. */
  async next(): Promise<unknown[] | undefined> {
    this.#reader ??= ((await this.response).body as ReadableStream<Uint8Array>).getReader();
    const { done, value } = await this.#reader.read();
    if (done) return undefined;
    return new TextDecoder().decode(value).trimEnd().split("\n\n").map((text) => {
      const fields = Object.fromEntries(text.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
      return "event" in fields ? [fields["event"], fields["id"], JSON.parse(fields["data"] ?? "")] : text;
    });
  }

  /** Names and ids alone. */
  async heads(): Promise<unknown[][] | undefined> {
    return (await this.next())?.map((event) => (event as unknown[]).slice(0, 2));
  }

  async close(): Promise<void> {
    await this.#reader?.cancel();
  }
}

/** Until a stream waits for what comes. */
const waits = async (): Promise<void> => await vi.waitFor(() => expect(clock.pending).toBe(1), 20_000);

const waiting = { id: "talk", flow: "talk", status: "waiting", waits: [{ context: "http word", jsonSchema: expect.anything() }] };

describe("a stream", () => {
  it("tells responses, progress and status as they come, and ends with the run", async () => {
    const listener = new Listener();
    expect(Object.fromEntries((await listener.response).headers)).toEqual({
      "cache-control": "no-store, no-transform", "content-type": "text/event-stream", "x-accel-buffering": "no", "x-content-type-options": "nosniff",
    });
    expect(await listener.next()).toEqual([["response", "1.1", "hello"], ["status", "1.1", { turn: 1, ...waiting }]]);
    const turn = engine.continue("talk", word, "work");
    expect(await listener.next()).toEqual([["response", "2.1", "1: work"], ["progress", "2.1", "1 done"], ["status", "2.1", { turn: 2, id: "talk", flow: "talk", status: "running", waits: [] }]]);
    release("worked");
    await turn;
    expect(await listener.next()).toEqual([["response", "2.2", "worked"], ["status", "2.2", { turn: 2, ...waiting }]]);
    await engine.continue("talk", word, "bye");
    expect(await listener.next()).toEqual([["status", "3.0.end", { turn: 3, id: "talk", flow: "talk", status: "completed", value: 2, waits: [] }]]);
    expect(await listener.next()).toBeUndefined();
  });

  it("goes on after the last event that the client had", async () => {
    await engine.continue("talk", word, "one");
    const listener = new Listener("2.0");
    expect(await listener.next()).toEqual([["response", "2.1", "1: one"], ["progress", "2.1", "1 done"], ["status", "2.1", { turn: 2, ...waiting }]]);
    await listener.close();
    const later = new Listener("2.1");
    expect(await later.heads()).toEqual([["progress", "2.1"], ["status", "2.1"]]);
    await later.close();
  });

  it("says so when turns went by that the store has no more", async () => {
    await engine.continue("talk", word, "one");
    await engine.continue("talk", word, "two");
    const listener = new Listener("1.1");
    expect(await listener.next()).toEqual([["missed", "3.0", { from: 1, to: 3 }], ["response", "3.1", "2: two"], ["progress", "3.1", "2 done"], ["status", "3.1", expect.anything()]]);
    await listener.close();
  });

  it("is not opened again by a client that saw the end", async () => {
    await engine.continue("talk", word, "bye");
    const listener = new Listener("2.0");
    expect(await listener.next()).toMatchObject([["status", "2.0.end", { status: "completed" }]]);
    expect(await listener.next()).toBeUndefined();
    expect((await new Listener("2.0.end").response).status).toBe(204);
  });

  it("takes an id that it never gave for none", async () => {
    for (const id of ["x", "1", "-1.0", "1.1.1", "9".repeat(20) + ".1", "1e3.0"]) {
      const listener = new Listener(id);
      expect(await listener.heads()).toEqual([["response", "1.1"], ["status", "1.1"]]);
      await listener.close();
    }
  });

  it("says something every 15 seconds, and is over after ten minutes", async () => {
    const listener = new Listener();
    await listener.next();
    for (let beats = 1; ; beats++) {
      const next = listener.next();
      await waits();
      await clock.advance(15_000);
      const said = await next;
      if (said === undefined) break;
      expect(said).toEqual([":"]);
      expect(beats).toBeLessThanOrEqual(40);
    }
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1) + 600_000);
  });

  it("finds what another process did by looking", async () => {
    const listener = new Listener();
    await listener.next();
    const next = listener.heads();
    const elsewhere = createEngine({ store, clock, flows: { talk } });
    await waits();
    await elsewhere.continue("talk", word, "one");
    await clock.advance(5_000);
    expect(await next).toEqual([["response", "2.1"], ["progress", "2.1"], ["status", "2.1"]]);
    await listener.close();
  });

  it("ends with the engine, and with a run that is removed", async () => {
    const listener = new Listener();
    await listener.next();
    const next = listener.next();
    await engine.kill("talk");
    expect(await next).toMatchObject([["status", "1.1.end", { status: "killed" }]]);
    await engine.start(talk, [], { id: "other" });
    const response = await handle(new Request("http://h/runs/other/events"));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await engine.close();
    expect(await reader.read()).toEqual({ done: true, value: undefined });
  });
});

describe("a client that goes away", () => {
  const endings: Record<string, (listener: Listener) => Promise<void>> = {
    "closes the stream": (listener) => listener.close(),
    "aborts the request": async (listener) => listener.abort.abort(),
  };

  it.each(Object.entries(endings))("%s, while it waits: nothing of it is left", async (_, end) => {
    const listener = new Listener();
    await listener.next();
    const next = listener.next();
    await waits();
    await end(listener);
    expect(await next).toBeUndefined();
    await vi.waitFor(() => expect([subscribed, clock.pending]).toEqual([0, 0]), 20_000);
  });

  it.each(Object.entries(endings))("%s, when it has stopped reading: nothing of it is left", async (_, end) => {
    const listener = new Listener();
    await listener.next();
    await end(listener);
    await vi.waitFor(() => expect(subscribed).toBe(0), 20_000);
  });

  it("and never read: nothing was begun", async () => {
    const listener = new Listener();
    await listener.response;
    expect(subscribed).toBe(0);
    listener.abort.abort();
  });

  it("leaves the others, however many", async () => {
    const listeners = Array.from({ length: 50 }, () => new Listener());
    for (const listener of listeners) await listener.next();
    expect(subscribed).toBe(1);
    for (const listener of listeners.slice(1)) await listener.close();
    const [last] = listeners as [Listener];
    const next = last.heads();
    await engine.continue("talk", word, "one");
    expect(await next).toEqual([["response", "2.1"], ["progress", "2.1"], ["status", "2.1"]]);
    await last.close();
    await vi.waitFor(() => expect(subscribed).toBe(0), 20_000);
  });

  it("over a real connection", async () => {
    const server = createServer(getRequestListener(handle)).listen(0, "127.0.0.1");
    await vi.waitFor(() => expect(server.listening).toBe(true), 20_000);
    const { port } = server.address() as AddressInfo;
    const gone = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/runs/talk/events`, { signal: gone.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain("event: response\nid: 1.1\ndata: \"hello\"\n\n");
    await vi.waitFor(() => expect(subscribed).toBe(1), 20_000);
    gone.abort();
    await vi.waitFor(() => expect([subscribed, clock.pending]).toEqual([0, 0]), 20_000);
    await new Promise((resolve) => server.close(resolve));
  });
});

it("a stranger is told that there is nothing", async () => {
  const response = await new Listener(undefined, { "x-stranger": "1" }).response;
  expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
});
