// Flows for the engine's tests, as the compiler would emit them: the source stands above each.

import { z } from "zod";
import { callback } from "../../runtime/api/callback.ts";
import { compensate } from "../../runtime/api/compensate.ts";
import { context } from "../../runtime/api/context.ts";
import { deflow, type Flow } from "../../runtime/api/deflow.ts";
import { listen } from "../../runtime/api/listen.ts";
import { respond } from "../../runtime/api/respond.ts";
import { run } from "../../runtime/api/run.ts";
import { sleep } from "../../runtime/api/sleep.ts";
import { step } from "../../runtime/api/step.ts";
import { type ChildOptions, start } from "../../runtime/engine/family/children.ts";
import type { RunHandle } from "../../runtime/engine/family/handle.ts";
import * as $ from "../../runtime/internal.ts";
import type { Frame } from "../../runtime/strands/strand.ts";

export const decision = context("decision", z.object({ ok: z.boolean() }));
export const word = context("word", z.string());

type Step = (value: unknown, locals: Record<string, unknown>) => Stop | Promise<Stop> | End;
interface Stop { readonly at: string; readonly on: unknown; readonly locals: Record<string, unknown> }
interface End { readonly result: unknown }

/**
 * A flow of straight code between named points. `points[""]` gets the arguments, each other one the value of what was awaited
 * there, and the locals that were live: their names, if there are any, are in `slots`.
 */
export function flow<Args extends unknown[], Result>(id: string, points: Readonly<Record<string, Step>>, slots: Readonly<Record<string, string>> = {}): Flow<Args, Result> {
  const positions = Object.fromEntries(Object.keys(points).filter(Boolean).map((point, line) => [point, [line + 1, 1, slots[point] ?? ""] as const]));
  const meta = { contract: 2, id, name: id, length: 0, file: "flows.ts", points: positions };
  const machine = async ($f: Frame): Promise<void> => {
    try {
      let at = $f.point ?? "";
      // A copy: what is loaded is looked at only while the machine is entered.
      let locals = { ...$f.locals };
      let value: unknown = $f.args;
      let waits: unknown = at === "" ? undefined : $.again($f);
      for (;;) {
        if (at !== "") {
          value = await waits;
          $.in($f);
        }
        const go = points[at];
        if (go === undefined) return $.unknownPoint($f);
        const next = go(value, locals) as Stop | End;
        if ("result" in next) return $.done($f, next.result);
        ({ at, locals } = next);
        checkSlots(slots[at] ?? "", Object.keys(locals), `${id} at ${at}`);
        waits = $.durable(next.on) ? $.stop($f, at, next.on, locals) : $.out($f, at, next.on);
      }
    } catch (error) {
      $.in($f);
      $.fail($f, error);
    }
  };
  return deflow($.flow(meta, machine) as unknown as (...args: Args) => Promise<Result>);
}

/** What is not declared would be dropped when the frame is read. */
function checkSlots(declared: string, stored: readonly string[], place: string): void {
  const names = stored.toSorted().join(" ");
  if (names !== declared) throw new TypeError(`${place} stores "${names}" and declares "${declared}"`);
}

/** async (name) => { respond(`Hello ${name}`); const word = await listen(word); respond(`${name} said ${word}`); return word; } */
export const hello = flow<[name: string], string>("hello", {
  "": (args) => {
    const [name] = args as [string];
    respond(`Hello ${name}`);
    return { at: "listen:word", on: listen(word), locals: { name } };
  },
  "listen:word": (said, { name }) => {
    respond(`${String(name)} said ${String(said)}`);
    return { result: said };
  },
}, { "listen:word": "name" });

/** async () => { for (let n = 1;; n++) { const said = await listen(word); respond(n); if (said === "end") return n; } } */
export const loop = flow<[], number>("loop", {
  "": () => ({ at: "listen:word", on: listen(word), locals: { n: 1 } }),
  "listen:word": (said, { n }) => {
    respond(n);
    return said === "end" ? { result: n } : { at: "listen:word", on: listen(word), locals: { n: Number(n) + 1 } };
  },
}, { "listen:word": "n" });

export const paid: { key: string; attempt: number; fence: number }[] = [];
export const effects: { pay: () => unknown } = { pay: () => "paid" };

const pay = $.code("approve#pay", "", () => ((info: { key: string; attempt: number; fence: number }) => {
  paid.push({ key: info.key, attempt: info.attempt, fence: info.fence });
  return effects.pay();
}) as never);

/** async (amount) => { const { ok } = await listen(decision, { permit }); if (!ok) return "refused"; return await step("pay", pay); } */
export const approve = flow<[amount: number, permit?: string], string>("approve", {
  "": (args) => {
    const [amount, permit] = args as [number, string?];
    respond({ approve: amount });
    return { at: "listen:decision", on: listen(decision, permit === undefined ? {} : { permit }), locals: {} };
  },
  "listen:decision": (answer) =>
    (answer as { ok: boolean }).ok ? { at: "step:pay", on: step("pay", pay({}) as () => string), locals: {} } : { result: "refused" },
  "step:pay": (result) => ({ result }),
});

/** async (ms) => { await sleep(ms); return "awake"; } */
export const sleeper = flow<[ms: number], string>("sleeper", {
  "": (args) => ({ at: "sleep", on: sleep((args as [number])[0]), locals: {} }),
  sleep: () => ({ result: "awake" }),
});

/** async () => { throw new Error("no"); } */
export const failing = flow<[], never>("failing", {
  "": () => {
    throw new Error("no");
  },
});

export const gates: { open: () => void; promise: Promise<void> }[] = [];
export function gate(): { open: () => void; promise: Promise<void> } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => (open = resolve));
  const made = { open, promise };
  gates.push(made);
  return made;
}

export const works: { run: (info: { attempt: number; signal: AbortSignal; fence: number; key: string }) => unknown } = { run: () => "done" };
const work = $.code("worker#work", "", () => ((info: never) => works.run(info)) as never);

/** async () => { const [a, b] = await Promise.all([step("work", work, { retry }), listen(word)]); return `${a} ${b}`; } */
export const both = flow<[retry?: number], string>("both", {
  "": (args) => {
    const [retry] = args as [number?];
    const stepping = step("work", work({}) as () => string, retry === undefined ? {} : { retry: { attempts: retry, delay: 1000, jitter: false } });
    return { at: "all", on: $.all([stepping, listen(word)]), locals: {} };
  },
  all: (values) => ({ result: (values as string[]).join(" ") }),
});

/** async (n) => (await Promise.all(Array.from({ length: n }, () => step("work", work)))).length; */
export const fan = flow<[n: number], number>("fan", {
  "": (args) => ({ at: "all", on: $.all(Array.from({ length: (args as [number])[0] }, () => step("work", work({}) as () => string))), locals: {} }),
  all: (values) => ({ result: (values as unknown[]).length }),
});

/** async () => { const a = await step("work", work, { retry: 3 }); respond(a); return a; } */
export const worker = flow<[], string>("worker", {
  "": () => ({ at: "step", on: step("work", work({}) as () => string, { retry: { attempts: 3, delay: 1000, jitter: false } }), locals: {} }),
  step: (value) => {
    respond(value);
    return { result: value };
  },
});

/** async () => { const c = callback({ schema: decision }); respond(c.token); return await c; } */
export const caller = flow<[], { ok: boolean }>("caller", {
  "": () => {
    const promise = callback({ schema: decision, timeout: 60_000 });
    respond(promise.token);
    return { at: "callback", on: promise, locals: {} };
  },
  callback: (value) => ({ result: value }),
});

/** async (flow, args, options) => { const handle = await start(flow, args, options); respond(handle.id); return await handle.result(); } */
export const parent = flow<[child: Flow, args: unknown[], options?: ChildOptions], unknown>("parent", {
  "": (args) => {
    const [child, given, options] = args as [Flow, never[], ChildOptions?];
    return { at: "start", on: start(child, given, options ?? {}), locals: {} };
  },
  start: (handle) => {
    respond((handle as RunHandle).id);
    return { at: "result", on: (handle as RunHandle).result(), locals: {} };
  },
  result: (value) => ({ result: value }),
});

/** async () => { const socket = new Socket(); await listen(word); use(socket); } */
export const unstorable = flow<[], never>("unstorable", {
  "": () => ({ at: "first", on: listen(word), locals: {} }),
  first: () => ({ at: "second", on: listen(word), locals: { socket: new WeakMap() } }),
}, { second: "socket" });

/** async () => { await listen(word); for (;;) await never; } */
export const holding = flow<[], never>("holding", {
  "": () => ({ at: "listen", on: listen(word), locals: {} }),
  listen: () => ({ at: "never", on: new Promise(() => {}), locals: {} }),
});

/** async () => { run.index({ stage: 1 }); try { await listen(word); } finally { respond("cleaned up"); } } */
export const cleaning = flow<[], never>("cleaning", {
  "": () => {
    run.index({ stage: 1 });
    return { at: "listen", on: listen(word), locals: {} };
  },
  listen: () => ({ result: undefined as never }),
});

const undoing: string[] = [];
export { undoing as undone };
const undo = $.code("saga#undo", "", () => (() => void undoing.push("undone")) as never);

/** async () => { compensate(undo); await listen(word); throw new Error("too late"); } */
export const saga = flow<[], never>("saga", {
  "": () => {
    compensate(undo({}) as () => void);
    return { at: "listen", on: listen(word), locals: {} };
  },
  listen: () => {
    throw new Error("too late");
  },
});
