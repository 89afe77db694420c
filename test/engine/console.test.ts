// What a run's code says on the console, kept with its logs: that, and nothing else.

import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { context, deflow, listen, run, step } from "deflow";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { onEachStore } from "./engines.ts";

const word = context<string>("word");
const native = { ...console };

async function helper(): Promise<void> {
  console.log("helper begins");
}

async function work(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  console.error("deep in the step");
}

const speaking = deflow(async function speaking(name: string) {
  console.log("begins", { name });
  await helper();
  const print = console.info;
  await step("work", async ({ log }) => {
    console.warn("in the step");
    log("by log");
    await work();
  });
  print("printed", await listen(word));
  console.debug("in detail");
  const again = await listen(word);
  console.log(await Promise.resolve("after"), again);
});

const outer = deflow(async function outer() {
  console.log("outer");
  await step("inner", async () => {
    await inside?.();
  });
});
const twice = deflow(async function twice() {
  await step("first", async () => inside?.());
  await step("second", () => {
    says?.();
  });
});
let says: (() => void) | undefined;
const warning = deflow(async function warning() {
  run.log.warn("go");
});
let inside: (() => Promise<unknown>) | undefined;

let printed: unknown[][] = [];

onEachStore({ speaking, outer, twice, warning }, (bench) => {
  beforeEach(() => {
    printed = [];
    for (const name of ["debug", "log", "info", "warn", "error"] as const) console[name] = (...values) => void printed.push([name, ...values]);
  });
  afterEach(() => {
    Object.assign(console, native);
  });

  it("of a flow, its helpers and its steps, with level and step; printed as before", async () => {
    const before = { ...console };
    const engine = bench().engine({ logs: { console: true, level: "debug" } });
    const { id } = await engine.start(speaking, ["ann"]);
    console.log("between");
    const other = bench().engine({ logs: { console: true, level: "debug" } });
    await other.continue(id, word, "x");
    await other.continue(id, word, "y");
    const lines = (await engine.logs(id)).map(({ at: _, ...line }) => line);
    expect(lines).toEqual([
      { level: "info", message: "begins", fields: { name: "ann" }, console: true },
      { level: "info", message: "helper begins", console: true },
      { level: "warn", message: "in the step", step: "work", attempt: 1, console: true },
      { level: "info", message: "by log", step: "work", attempt: 1 },
      { level: "error", message: "deep in the step", step: "work", attempt: 1, console: true },
      { level: "info", message: "printed x", console: true },
      { level: "debug", message: "in detail", console: true },
      { level: "info", message: "after y", console: true },
    ]);
    expect(printed.map(([name, text]) => `${String(name)} ${String(text)}`)).toEqual([
      "log begins", "log helper begins", "warn in the step", "error deep in the step", "log between", "info printed", "debug in detail", "log after",
    ]);
    expect({ ...console }).toEqual(before);
  });

  it("nothing of other code that runs meanwhile, of loggers, listeners and other engines; and only on request", async () => {
    const said: string[] = [];
    const logger = { ...bench().logger, info: (message: string) => console.log(`logger: ${message}`) };
    const engine = bench().engine({ logs: { console: true }, logger });
    const plain = bench().engine();
    engine.on("commit", ({ runId }) => console.log(`observer: ${runId}`));
    inside = async () => {
      console.log("in the step");
      await plain.start(speaking, ["bob"], { id: "plain" });
      await engine.start(speaking, ["eve"], { id: "eve" });
      new AsyncLocalStorage().exit(() => console.log("still the step"));
      await beside(said);
    };
    const elsewhere = (async () => {
      await vi.waitFor(() => expect(said).toEqual(["waiting"]));
      console.log("somebody else");
      go();
    })();
    await engine.start(outer, [], { id: "r" });
    await elsewhere;
    expect((await engine.logs("r")).map(({ message }) => message)).toEqual(["outer", "in the step", "still the step"]);
    expect((await engine.logs("eve")).map(({ message }) => message)).toEqual(["begins", "helper begins", "in the step", "by log", "deep in the step"]);
    expect((await engine.logs("plain")).map(({ message }) => message)).toEqual(["by log"]);
    expect(printed.map(([, text]) => text)).toEqual(expect.arrayContaining(["somebody else", "logger: by log", "observer: r"]));
  });

  it("of a turn that a listener or a logger sets off", async () => {
    const logger = { ...bench().logger, warn: (message: string) => void (message === "go" && later.push(engine.start(speaking, ["cid"], { id: "logged" }))) };
    const later: Promise<unknown>[] = [];
    const engine = bench().engine({ logs: { console: true }, logger });
    const forget = engine.on("commit", ({ runId }) => {
      if (runId !== "first") return;
      forget();
      later.push(engine.continue("waiting", word, "x"), engine.start(speaking, ["bob"], { id: "second" }));
    });
    await engine.start(speaking, ["ann"], { id: "waiting" });
    inside = async () => engine.start(speaking, ["eve"], { id: "first" });
    await engine.start(outer, []);
    await engine.start(warning, []);
    await Promise.all(later);
    const said = async (id: string): Promise<string[]> => (await engine.logs(id)).map(({ message }) => message);
    const beginning = ["begins", "helper begins", "in the step", "by log", "deep in the step"];
    expect(await said("waiting")).toEqual([...beginning, "printed x"]);
    expect(await said("second")).toEqual(beginning);
    expect(await said("logged")).toEqual(beginning);
  });

  it("not of what outlives the step that made it, which keeps nothing of the turn", async () => {
    const engine = bench().engine({ logs: { console: true } });
    inside = async () => {
      const born = new AsyncResource("connection");
      says = () => born.runInAsyncScope(() => console.log("by the connection"));
      says();
    };
    await engine.start(twice, [], { id: "r" });
    expect((await engine.logs("r")).map(({ message }) => message)).toEqual(["by the connection"]);
    expect(printed).toHaveLength(2);
  });

  it("what is printed may throw when it is read: the console prints it as before", async () => {
    const engine = bench().engine({ logs: { console: true } });
    inside = async () => console.log("read", { get broken(): never { throw new Error("no getter"); } });
    await engine.start(outer, [], { id: "r" });
    expect(printed).toEqual([["log", "outer"], ["log", "read", expect.anything()]]);
    expect((await engine.logs("r")).at(-1)).toMatchObject({ message: "read", fields: { broken: "[Getter]" } });
  });

  it("a console that somebody else took over stays theirs", async () => {
    const engine = bench().engine({ logs: { console: true } });
    const theirs = vi.fn();
    inside = async () => {
      console.log = theirs;
    };
    await engine.start(outer, [], { id: "r" });
    expect(console.log).toBe(theirs);
    console.log("x");
    expect(theirs).toHaveBeenCalledWith("x");
  });

  it("one that was put over ours prints once, then and later", async () => {
    const engine = bench().engine({ logs: { console: true } });
    inside = async () => {
      const ours = console.log;
      console.log = (...values) => ours("over", ...values);
    };
    await engine.start(outer, [], { id: "r" });
    printed = [];
    console.log("x");
    inside = async () => console.log("y");
    await engine.start(outer, [], { id: "q" });
    expect(printed).toEqual([["log", "over", "x"], ["log", "over", "outer"], ["log", "over", "y"]]);
    expect((await engine.logs("q")).map(({ message }) => message)).toEqual(["outer", "y"]);
  });
});

let go: () => void = () => {};
function beside(said: string[]): Promise<void> {
  said.push("waiting");
  return new Promise((resolve) => (go = resolve));
}
