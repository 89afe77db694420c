// Microtask order: the same program natively and compiled, interleaved with a ticking witness.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/index.ts";
import { deflow } from "../../runtime/api/deflow.ts";
import * as $ from "../../runtime/internal.ts";
import { startRun } from "../../runtime/run/start.ts";

type Program = (log: unknown[], tick: (name: string) => void) => Promise<unknown>;

const imports = "import { deflow } from \"deflow\";\n";

function native(source: string): Program {
  return evaluate(source.replaceAll("export const", "const"), (fn: unknown) => fn, {});
}

function compiled(source: string): Program {
  const result = compile(imports + source, { fileName: "order.js" });
  const code = (result?.code ?? "").replace(/^import .*$/gm, "").replaceAll("export const", "const");
  const main = evaluate(code, deflow, $) as unknown as $.CompiledFlow;
  return async (log, tick) => {
    const run = startRun(main, [log, tick], { now: () => 0, random: (size) => new Uint8Array(size) });
    await rounds(1);
    if (run.root.state === 2) throw run.root.value;
    return run.root.value;
  };
}

function evaluate(code: string, deflow: unknown, runtime: object): Program {
  // oxlint-disable-next-line no-new-func -- the program under test
  return new Function("deflow", "$", `${code}\nreturn main;`)(deflow, runtime) as Program;
}

/** Rounds of the event loop: in each, all microtasks run that there are. Nothing here waits for time. */
async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round++) await new Promise((resolve) => setImmediate(resolve));
}

async function trace(program: Program): Promise<unknown[]> {
  const log: unknown[] = [];
  let ticks = 0;
  const witness = (): void => {
    if (ticks++ < 40) {
      log.push(`-${ticks}-`);
      queueMicrotask(witness);
    }
  };
  const tick = (name: string): void => void log.push(name);
  queueMicrotask(witness);
  const result = await Promise.race([program(log, tick), rounds(3).then(() => "pending")]);
  await rounds(1);
  return [...log.map((entry) => (typeof entry === "function" ? "fn" : entry)), result];
}

const programs: Record<string, string> = {
  "await of values, promises and flows": `
    const child = deflow(async function child(tick, n) { tick("c" + n); await n; tick("d" + n); return n; });
    export const main = deflow(async function main(log, tick) {
      tick("a"); await 1; tick("b"); await Promise.resolve(2); tick("c");
      const p = child(tick, 5); tick("d"); await p; tick("e"); await p; tick("f");
      return await child(tick, 6);
    });`,
  "return of a promise takes three ticks": `
    const inner = deflow(async function inner() { return 1; });
    const outer = deflow(async function outer() { return inner(); });
    const ordinary = deflow(async function ordinary() { return Promise.resolve(2); });
    const both = deflow(async function both(tick, name, f) { tick(name + await f()); });
    export const main = deflow(async function main(log, tick) {
      await Promise.all([both(tick, "a", inner), both(tick, "b", outer), both(tick, "c", ordinary), both(tick, "d", async () => outer())]);
    });`,
  "then, catch, finally": `
    const good = deflow(async function good() { return 1; });
    const bad = deflow(async function bad() { await 0; throw new Error("x"); });
    export const main = deflow(async function main(log, tick) {
      const ps = [
        good().then((v) => tick("then " + v)),
        good().then((v) => good()).then((v) => tick("chained " + v)),
        bad().catch((e) => tick("catch " + e.message)),
        bad().then(() => tick("no"), (e) => tick("second " + e.message)),
        good().finally(() => tick("finally")).then((v) => tick("after finally " + v)),
        good().finally(() => good()).then((v) => tick("after durable finally " + v)),
        good().finally(() => Promise.resolve()).then((v) => tick("after ordinary finally " + v)),
        bad().finally(() => tick("finally of bad")).catch((e) => tick("passes " + e.message)),
        good().finally(() => { throw new Error("y") }).catch((e) => tick("replaced " + e.message)),
        good().then().then((v) => tick("through " + v)),
        good().then(() => ({ then(f) { tick("thenable"); f(7); } })).then((v) => tick("thenable gave " + v)),
      ];
      for (const p of ps) { await p; tick("awaited"); }
    });`,
  "combinators": `
    const after = deflow(async function after(n, value) { for (let i = 0; i < n; i++) await i; return value; });
    const fails = deflow(async function fails(n) { for (let i = 0; i < n; i++) await i; throw new Error("f" + n); });
    export const main = deflow(async function main(log, tick) {
      await Promise.all([
        Promise.all([after(1, "a"), 2, Promise.resolve(3)]).then((v) => tick("all " + v)),
        Promise.all([after(3, "a"), fails(1)]).catch((e) => tick("all " + e.message)),
        Promise.race([after(3, "a"), after(2, "b")]).then((v) => tick("race " + v)),
        Promise.race([after(3, "a"), 5]).then((v) => tick("race " + v)),
        Promise.any([fails(0), after(2, "b")]).then((v) => tick("any " + v)),
        Promise.any([fails(0), fails(1)]).catch((e) => tick("any " + e.errors.map((x) => x.message) + e.message)),
        Promise.allSettled([fails(1), after(2, "b"), 3]).then((v) => tick("settled " + JSON.stringify(v.map((x) => x.status)))),
      ]);
    });`,
  "settled promises awaited late, rejections caught": `
    const good = deflow(async function good() { return 1; });
    const bad = deflow(async function bad() { throw new Error("x"); });
    export const main = deflow(async function main(log, tick) {
      const g = good(), b = bad(); b.catch(() => {});
      await 0; await 0;
      tick("late"); tick(await g); try { await b } catch (e) { tick(e.message) } finally { await g; tick("end"); }
    });`,
  "ordinary code holds a strand": `
    const child = deflow(async function child(tick) { await 1; tick("child"); return 2; });
    const plain = (p, tick) => (0, eval)("(async (p, tick) => { tick('in'); const v = await p; tick('got ' + v); return v; })")(p, tick);
    export const main = deflow(async function main(log, tick) {
      const p = child(tick);
      const r = plain(p, tick);
      tick("main"); await p; tick("main again");
      return await r;
    });`,
  "strands side by side": `
    export const main = deflow(async function main(log, tick) {
      const loop = async (name, n) => { for (let i = 0; i < n; i++) { tick(name + i); await i; } return name; };
      const a = loop("a", 3), b = loop("b", 2);
      tick(await b); tick(await a);
      await Promise.all([1, 2, 3].map(async (n) => { await loop("m" + n, n); tick("m" + n); }));
    });`,
};

describe.each(Object.entries(programs))("%s", (_, source) => {
  test("is as natively", async () => {
    expect(await trace(compiled(source))).toEqual(await trace(native(source)));
  });
});
