// Promises made by `new Promise` in flows, which a strand settles in a later turn: beside step.tx, after a crash, in a frame of parts, in a fork.

import { context, deflow, isDeflowError, listen, step } from "deflow";
import { expect, it, vi } from "vitest";
import { onEachStore } from "./engines.ts";

const word = context<string>("word");
const second = 1_000;
const rowsOf = (count: number) => Array.from({ length: count }, (_, id) => ({ id, name: `row number ${id}`, tags: ["a", "b", `tag ${id}`] }));

/** What the step does; while it is pending, its process is as good as dead. */
let hang: Promise<string> | undefined;

/** "a=1" settles a; whoever waits for all of them hears of it. */
const gathering = deflow(async function gathering(size: number) {
  const rows = rowsOf(size);
  const settlers = new Map<string, { resolve: (value: string) => void; reject: (reason: string) => void }>();
  const parts = ["a", "b", "c"].map((name) => new Promise<string>((resolve, reject) => {
    settlers.set(name, { resolve, reject });
  }));
  const hears = (async () => {
    for (let left = 3; left > 0; left--) {
      const [name = "", value = ""] = (await listen(word)).split("=");
      if (value === "no") settlers.get(name)?.reject(name);
      else settlers.get(name)?.resolve(value);
    }
  })();
  const first = await Promise.race(parts);
  const all = (await Promise.allSettled(parts)).map((part) => (part.status === "fulfilled" ? part.value : `not ${String(part.reason)}`));
  await hears;
  return [first, ...all, rows.length];
});

const working = deflow(async function working() {
  let done!: (value: string) => void;
  const result = new Promise<string>((resolve) => {
    done = resolve;
  });
  const works = (async () => done(await step("work", () => hang ?? Promise.resolve("again"))))();
  const seen = [await result];
  await works;
  done("too late");
  seen.push(await listen(word), await result);
  return seen;
});

const booking = deflow(async function booking() {
  const seats: ((seat: string) => void)[] = [];
  const passengers = ["Ann", "Bo"].map(async (name) => `${name} in ${await new Promise<string>((resolve) => seats.push(resolve))}`);
  const books = (async () => {
    for (const assign of seats) assign(await step.tx("book", () => `seat ${seats.indexOf(assign)}`));
  })();
  try {
    await books;
  } catch (error) {
    return isDeflowError(error) ? error.code : "another";
  }
  return [...await Promise.all(passengers), await listen(word)];
});

onEachStore({ gathering, working, booking }, (bench) => {
  const says = async (id: string, text: string) => await bench().engine().continue(id, word, text);

  it("are settled in another process, whole or in parts", async () => {
    for (const [id, size] of [["small", 1], ["large", 2_000]] as const) {
      await bench().engine().start(gathering, [size], { id });
      await says(id, "b=2");
      expect((await bench().store.load(id))?.parts.size ?? 0)[size === 1 ? "toBe" : "toBeGreaterThan"](0);
      await says(id, "c=no");
      expect(await says(id, "a=1")).toMatchObject({ status: "completed", value: ["2", "1", "2", "not c", size] });
    }
  });

  it("are a fork's own", async () => {
    const engine = bench().engine();
    const run = await engine.start(gathering, [300]);
    await engine.continue(run, word, "a=1");
    const fork = await engine.fork(run);
    await says(run.id, "b=original");
    await says(fork.id, "b=no");
    await says(run.id, "c=3");
    expect(await engine.get(run.id)).toMatchObject({ status: "completed", value: ["1", "1", "original", "3", 300] });
    expect(await says(fork.id, "c=fork")).toMatchObject({ status: "completed", value: ["1", "1", "not b", "fork", 300] });
  });

  it("are settled by a step that a crash cut off, once it was made again", async () => {
    let late = (_: string): void => {};
    hang = new Promise((resolve) => (late = resolve));
    const dying = bench().engine();
    const lost = dying.start(working, [], { id: "r" });
    await vi.waitFor(async () => expect((await bench().store.load("r"))?.wake?.owner).toBeTruthy());
    const extend = bench().store.extend.bind(bench().store);
    bench().store.extend = () => new Promise(() => {});
    hang = undefined;
    await bench().clock.advance(31 * second);
    bench().store.extend = extend;
    const next = bench().engine();
    await next.tick();
    await next.idle();
    expect(await next.get("r")).toMatchObject({ status: "waiting", waits: [{ context: "word" }] });
    late("from the dead");
    expect(await lost).toMatchObject({ accepted: true });
    expect(await says("r", "end")).toMatchObject({ status: "completed", value: ["again", "end", "again"] });
  });

  it("are settled with what step.tx gives", async () => {
    const run = await bench().engine().start(booking, []);
    if (bench().store.transactions === undefined) return expect(run).toMatchObject({ status: "completed", value: expect.any(String) as string });
    expect(run).toMatchObject({ status: "waiting" });
    expect(await says(run.id, "end")).toMatchObject({ status: "completed", value: ["Ann in seat 0", "Bo in seat 1", "end"] });
  });
});
