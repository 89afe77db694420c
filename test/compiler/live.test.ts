// Pass 6: a frame holds what may be read after its resume point, and nothing else.

import { describe, expect, test } from "vitest";
import { keptAndLive } from "./liveness.ts";
import { after, flow } from "./source.ts";

/** What each resume point of the flow keeps, by its id. */
function kept(body: string, head?: string): Record<string, string> {
  const [printed = ""] = after("name", flow(body, head)).slice(-1);
  return Object.fromEntries([...printed.matchAll(/await (\S+): .*keeps \{ (.*) \}/g)].map(([, point, keys]) => [point as string, (keys as string).trim().replaceAll(/\S+ as /g, "")]));
}

describe("keeps", () => {
  test.each<[string, string, Record<string, string>]>([
    ["nothing that is not read again", "const x = a(); const y = x.b; await listen('1'); return y;", { "listen:1": "y" }],
    ["no argument that is done with", "const x = a; await listen('1'); return x;", { "listen:1": "x" }],
    ["nothing that is assigned before it is read", "let x = a(); await listen('1'); x = a(); return x;", { "listen:1": "a" }],
    ["nothing that a pattern assigns before it is read", "const { x, y: [z] } = await listen('1') as any; await listen('2'); return [x, z];", { "listen:1": "", "listen:2": "x, z" }],
    ["nothing that an assignment to a pattern assigns first", "let x = a.x, y = a.y; [x, { y }] = await listen('1') as any; return [x, y];", { "listen:1": "" }],
    ["nothing of the last round", "for (const x of a) { const [y] = await listen('1') as any; await listen('2'); a(x, y); }", { "listen:1": "a, x, ~it1", "listen:2": "a, x, y, ~it1" }],
    ["what either branch reads", "const x = a.x, y = a.y; await listen('1'); if (a.z) return x; return y;", { "listen:1": "a, x, y" }],
    ["what the next round reads", "let n = 0; while (n < 3) { await listen('1'); n++; } return n;", { "listen:1": "n" }],
    ["what the handler reads", "const x = a.x; try { await listen('1'); } catch { return x; } return 1;", { "listen:1": "x" }],
    ["what `finally` reads", "const x = a.x; try { await listen('1'); } finally { a.done(x); }", { "listen:1": "a, x" }],
    ["what a closure captured, by its closure alone", "const x = a.x; const g = () => x; await listen('1'); return g();", { "listen:1": "g" }],
    ["a cell, where its content is assigned", "let n = 0; const g = () => n; await listen('1'); n = 1; return g();", { "listen:1": "n, g" }],
    ["operands that were evaluated before", "return a.x() + await listen('1') + a.y();", { "listen:1": "a, ~(a.x())" }],
    ["the iterator of the loop", "for (const x of a) await listen('1');", { "listen:1": "~it1" }],
    ["how a `finally` was entered, while it waits", "try { return a(); } finally { await listen('1'); }", { "listen:1": "~c1" }],
    ["nothing at an end that nothing follows", "const x = a(); await x; await listen('1');", { "await~ntfan": "", "listen:1": "" }],
    ["variables of one name in two blocks under one key", "{ const x = a.x; await listen('1'); a(x); } { const x = a.y; await listen('2'); a(x); }", { "listen:1": "a, x", "listen:2": "a, x" }],
  ])("%s", (_, body, expected) => {
    expect(kept(body)).toEqual(expected);
  });
});

describe("agrees with paths counted one by one", () => {
  test.each([
    "let x = a.x, y = a.y; if (x) { await listen('1'); y = x; } else { await listen('2'); x = y; } return [x, y];",
    "let x = 0; for (const y of a) { if (y) continue; await listen('1'); x = y; if (x) break; } return x;",
    "let x = 0, y = 1; try { x = await listen('1') as number; y = await listen('2') as number; } catch (e) { return [x, e]; } return y;",
    "let x = 0; try { try { await listen('1'); x = 1; } finally { await listen('2'); x = 2; } } catch { await listen('3'); return x; } return 5;",
    "const x = a.x; const y = a.y; outer: for (const i of a) { for (const j of i) { await listen('1'); if (j) continue outer; if (x) break outer; a(y); } } return 1;",
    "let x = a.x, y = 2; do { await listen('1'); x = y; y = await listen('2') as number; } while (x < y); return y;",
    "switch (a.kind) { case 1: { const x = await listen('1'); a(x); } case 2: await listen('2'); break; default: return a; } return 2;",
    "const x = a.x(); const y = await listen('1') as any; const z = x + y.a(await listen('2'), await listen('3')); return z;",
    "let n = 0; const inc = () => n++; while (inc() < 3) { try { await listen('1'); } finally { inc(); } } return n;",
    "const x = a.x || await listen('1'); const y = x ? await listen('2') : a.y ?? await listen('3'); return [x, y];",
    "for (let i = 0; i < 3; i++) { const g = () => i; await listen('1'); if (g()) return g; } return null;",
    "let x; for (;;) { try { x = await listen('1'); break; } catch (e) { if (await listen('2')) continue; throw e; } finally { a(); } } return x;",
    "const { x, y } = a; try { return await listen('1'); } catch { a(x); } finally { if (y) await listen('2'); } await listen('3'); return x;",
    "let [p, q] = a; while (p) { [p] = await listen('1') as any; q = p; await listen('2'); } return q;",
  ])("%s", (body) => {
    const source = flow(body);
    const [printed = ""] = after("name", source);
    const points = keptAndLive(printed, after("scope", source).join("\n"));
    expect(points.length).toBeGreaterThan(0);
    for (const { point, kept, live } of points) expect(kept, `${point}\n${printed}`).toEqual(live);
  });
});
