// Turns that begin from what the store remembers: the answer is always that of the run as it is, whatever others have made of it meanwhile.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listen } from "../../runtime/api/listen.ts";
import type { Store } from "../../runtime/store.ts";
import { memory } from "../../runtime/stores/memory.ts";
import type { Engine } from "../../runtime/engine/engine.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";
import { remembering } from "../stores/remembering.ts";
import { Bench } from "./engines.ts";
import { decision, flow, word } from "./flows.ts";
import { remote } from "./remote.ts";

/** async () => { const words = [(await listen(decision)).ok]; while (words.at(-1) !== "end") words.push(await listen(word)); return words; } */
const words = flow<[], unknown[]>("words", {
  "": () => ({ at: "decision", on: listen(decision), locals: {} }),
  decision: (said) => ({ at: "word", on: listen(word), locals: { words: [(said as { ok: boolean }).ok] } }),
  word: (said, { words }) => {
    const before = words as unknown[];
    const all = [...before, said];
    if (said === "throw") throw new Error("as it was told to");
    if (said === "hoard") hoarded++;
    // What is hoarded cannot be stored.
    if (said === "hoard" && !before.includes("sober")) all.push(new WeakMap());
    return said === "end" ? { result: all } : { at: "word", on: listen(word), locals: { words: all } };
  },
}, { word: "words" });

const flows = { words };
/** How often a flow was told to hoard. */
let hoarded = 0;

/** Each of `open` is another process's store, with a memory of its own. */
function tests(benches: () => { readonly bench: Bench; open(): Store }): void {
  let bench: Bench;
  let stores: Store[];
  let ours: Engine;
  let theirs: Engine;
  let id: string;
  /** The calls of our store that ask for a run. */
  let loads: number;
  beforeEach(async () => {
    const { bench: made, open } = benches();
    bench = made;
    loads = hoarded = 0;
    stores = [open(), open()];
    ours = bench.engine({ store: counting(stores[0] as Store) });
    theirs = bench.engine({ store: stores[1] as Store });
    ({ id } = await ours.start(words, []));
  });
  afterEach(async () => {
    await bench.close();
    for (const store of stores) await store.close();
  });

  function counting(store: Store): Store {
    return new Proxy(store, {
      get(target, name: keyof Store) {
        if (name === "load") loads++;
        const value = target[name];
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  it("nobody else has touched it: nothing is loaded", async () => {
    await ours.continue(id, decision, { ok: true });
    await ours.continue(id, word, "one");
    expect(await ours.continue(id, word, "end")).toMatchObject({ status: "completed", value: [true, "one", "end"] });
    expect(loads).toBe(0);
  });

  it("another has moved it on: it takes what it listens for, and refuses what it listened for", async () => {
    await theirs.continue(id, decision, { ok: false });
    await expect(ours.continue(id, decision, { ok: true })).rejects.toMatchObject({ code: "NOT_LISTENING" });
    await ours.continue(id, word, "one");
    await theirs.continue(id, word, "two");
    await ours.continue(id, word, "three");
    expect(await theirs.continue(id, word, "end")).toMatchObject({ value: [false, "one", "two", "three", "end"] });
  });

  it("what is wrong with the input is told by what it listens for", async () => {
    await expect(ours.continue(id, decision, { ok: 1 } as never)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    expect(loads).toBe(1);
    await theirs.continue(id, decision, { ok: false });
    await expect(ours.continue(id, decision, { ok: 1 } as never)).rejects.toMatchObject({ code: "NOT_LISTENING" });
  });

  it("another has ended it, failed it, killed it", async () => {
    const ends: Record<string, (run: string) => Promise<unknown>> = {
      completed: (run) => theirs.continue(run, word, "end"), failed: (run) => theirs.continue(run, word, "throw"), killed: (run) => theirs.kill(run),
    };
    for (const [status, end] of Object.entries(ends)) {
      const run = await ours.start(words, []);
      await ours.continue(run.id, decision, { ok: true });
      await end(run.id);
      await expect(ours.continue(run.id, word, "late")).rejects.toMatchObject({ code: "RUN_ENDED" });
      expect(await ours.get(run.id)).toMatchObject({ status });
    }
  });

  it("a letter that came before goes first", async () => {
    await ours.continue(id, decision, { ok: true });
    await stores[1]?.deliver([{ to: id, kind: "event", body: JSON.stringify({ v: 1, context: "word", data: "first" }), now: bench.clock.now() }]);
    await ours.continue(id, word, "second");
    expect(await theirs.continue(id, word, "end")).toMatchObject({ value: [true, "first", "second", "end"] });
  });

  it("another holds it: the input is left to it", async () => {
    await ours.continue(id, decision, { ok: true });
    const lease = { owner: "another", duration: 30_000 };
    await stores[1]?.deliver([{ to: id, kind: "event", body: JSON.stringify({ v: 1, context: "nobody", data: 1 }), now: bench.clock.now(), lease }]);
    expect(await ours.continue(id, word, "one", { wait: 0 })).toMatchObject({ accepted: true });
  });

  it("an event counts once, whoever took it, and whatever the run listens for since", async () => {
    await ours.continue(id, decision, { ok: true }, { eventId: "e0" });
    expect(await ours.continue(id, decision, { ok: true }, { eventId: "e0" })).toMatchObject({ duplicate: true });
    await theirs.continue(id, word, "one", { eventId: "e1" });
    expect(await ours.continue(id, word, "again", { eventId: "e1" })).toMatchObject({ duplicate: true });
    expect(await ours.continue(id, word, "end")).toMatchObject({ value: [true, "one", "end"] });
  });

  it("of an event that comes again nothing runs", async () => {
    await ours.continue(id, decision, { ok: true });
    await ours.continue(id, word, "hoard", { eventId: "e1" }).catch(() => {});
    await theirs.continue(id, word, "sober");
    hoarded = 0;
    for (const engine of [ours, ours, theirs]) await engine.continue(id, word, "hoard", { eventId: "e1" });
    expect(hoarded).toBe(1);
  });

  it("the run is gone, or another has come under its id", async () => {
    await theirs.kill(id);
    await bench.clock.advance(10_000);
    await theirs.prune({ before: 1 });
    await expect(ours.continue(id, decision, { ok: true })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await theirs.start(words, [], { id });
    await theirs.continue(id, decision, { ok: false });
    expect(await ours.continue(id, word, "end")).toMatchObject({ value: [false, "end"] });
  });

  it("a turn that cannot be stored is made once, unless another has moved the run on", async () => {
    await ours.continue(id, decision, { ok: true });
    await expect(ours.continue(id, word, "hoard")).rejects.toMatchObject({ code: "NOT_SERIALIZABLE" });
    expect([hoarded, loads]).toEqual([1, 1]);
    await theirs.continue(id, word, "sober");
    await ours.continue(id, word, "hoard");
    expect(hoarded).toBe(3);
  });

  it("a failure of the store is told, and the turn is not made twice", async () => {
    let commits = 0;
    const broken = new Proxy(stores[0] as Store, {
      get(target, name: keyof Store) {
        const value = target[name];
        if (name === "commit") return () => Promise.reject(new Error(`lost ${++commits}`));
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const failing = bench.engine({ store: broken });
    await expect(failing.continue(id, decision, { ok: true })).rejects.toThrow("lost 1");
    expect(commits).toBe(1);
  });
}

describe("memory", () => {
  tests(() => {
    const inner = memory();
    return { bench: new Bench(inner, flows, false), open: () => remembering(inner) };
  });
});

describePostgres("postgres", () => {
  let schema: Schema;
  beforeAll(async () => {
    schema = await newSchema();
  });
  beforeEach(() => schema.empty());
  afterAll(() => schema?.drop());
  tests(() => {
    const { store, clock } = remote(schema.open(), 1_700_000_000_000);
    return { bench: new Bench(store, flows, false, clock), open: () => schema.open() };
  });
});
