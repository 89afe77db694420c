// Pass 7: ids stay what they are while the code around them changes.

import { describe, expect, test } from "vitest";
import { compiled, flow, imports } from "./source.ts";

/** Points of all units in source order, as `unit point`. */
function points(source: string): string[] {
  return compiled(source).points.toSorted((a, b) => a.start - b.start).map(({ unit, point }) => `${unit} ${point}`);
}

const ids = (body: string): string[] => points(flow(body)).map((id) => id.replace(/^f /, ""));

describe("an id says what is waited for", () => {
  test.each<[string, string[]]>([
    ["await listen(decision);", ["listen:decision"]],
    ["await listen('decision');", ["listen:decision"]],
    ["await listen(contexts.decision);", ["listen:decision"]],
    ["await listen();", ["listen"]],
    ["await listen(decision, { label: 'manager' });", ["manager"]],
    ["await step('pay', () => 1);", ["step:pay"]],
    ["await step(pay);", ["step:pay"]],
    ["await sleep('1 day');", ["sleep"]],
    ["await (listen('x'));", ["listen:x"]],
    ["await listen('x')!;", ["listen:x"]],
    ["const x = await listen('x') as number;", ["listen:x"]],
  ])("%s", (body, expected) => {
    expect(ids(body)).toEqual(expected);
  });

  test("else the callee, with a hash of the structure around it", () => {
    const [plain, inLoop, inTry, method] = ids("await price(a); for (const x of a) await price(x); try { await price(a); } finally {} await a.shop.price(a);");
    expect(plain).toMatch(/^price~[0-9a-v]{5}$/);
    expect(inLoop).toMatch(/^price~[0-9a-v]{5}$/);
    expect(new Set([plain, inLoop, inTry]).size).toBe(3);
    expect(method).toBe(`${plain}.2`);
  });

  test("equal ones are numbered in source order", () => {
    expect(ids("await listen('x'); if (a) await listen('x'); await listen('x');")).toEqual(["listen:x", "listen:x.2", "listen:x.3"]);
    expect(ids("await listen('x.2'); await listen('x'); await listen('x');")).toEqual(["listen:x.2.1", "listen:x", "listen:x.2"]);
    expect(ids("await listen(x, { label: 'x.2' }); await listen('x'); await listen('x');")).toEqual(["x.2", "listen:x", "listen:x.2"]);
  });

  test("nested functions have their path, and points of their own", () => {
    expect(points(flow("const inner = async () => { await listen('x'); }; await inner(); await Promise.all(a.map(async () => { await listen('x'); }));"))).toEqual([
      "f#inner listen:x", expect.stringMatching(/^f inner~/), expect.stringMatching(/^f all~/), expect.stringMatching(/^f#map~.* listen:x$/),
    ]);
  });
});

describe("functions in functions", () => {
  const nested = (n: number): string[] => {
    const units = new Set(points(flow(`${"await (async () => { ".repeat(n)}await listen('x');${" })();".repeat(n)}`)).map((id) => id.split(" ")[0] as string));
    return [...units];
  };

  test("an id has its whole path where that is not long", () => {
    expect(nested(8).at(-1)).toMatch(/^f#call~[^/]*(\/call~[^/]*){7}$/);
  });

  test("a long path is a hash of it: 100 functions in each other have 101 ids, none of them long, always the same", () => {
    const ids = nested(100);
    expect(ids.length).toBe(101);
    expect(Math.max(...ids.map((id) => id.length))).toBeLessThan(180);
    expect(nested(100)).toEqual(ids);
    expect(nested(90)).toEqual(ids.slice(0, 91));
  });
});

describe("an id stays", () => {
  const body = `
  const total = a.total;
  for (const line of a.lines) {
    try {
      await price(line);
    } finally {
      await audit(line);
    }
  }
  const inner = async (x) => { await check(x); };
  await Promise.all([inner(1), inner(2)]);
  return [await a.approve(), await listen(decision)];`;
  const before = ids(body);

  test.each<[string, (body: string) => string]>([
    ["when the file is laid out differently", (s) => s.replace(/\s+/g, " ").replace(/; /g, ";\n\n\n   ")],
    ["when comments come", (s) => s.replace(/;/g, "; // why\n").replace(/await/g, "await /* here */")],
    ["when statements come before it", (s) => `console.log(1); await other(); for (const x of a) await more(x); ${s}`],
    ["when statements go on after it", (s) => s.replace("return", "await other(); const x = 1; return")],
    ["when variables are renamed", (s) => s.replace(/\bline\b/g, "row").replace(/\btotal\b/g, "sum")],
    ["when arguments change", (s) => s.replace("price(line)", "price(line, { currency: 'EUR' }, a)")],
    ["when types come", (s) => s.replace("(x)", "(x: number): Promise<void>").replace("decision)", "decision as never)")],
    ["when a block is put around it", (s) => `{ ${s} }`],
    ["when the value is used", (s) => s.replace("await price(line)", "const p = await price(line); a(p)")],
  ])("%s", (_, edit) => {
    const after = new Set(ids(edit(body)));
    expect(before.filter((id) => !after.has(id))).toEqual([]);
  });

  test("when the flows of the file change places", () => {
    const f = 'export const f = deflow(async function f(a: any) { await a(); await listen("x"); });\n';
    const g = 'export const g = deflow(async function g(a: any) { await a(); await listen("x"); });\n';
    expect(points(imports + f + g).toSorted()).toEqual(points(imports + g + f).toSorted());
  });

  test("when two awaits of different things change places", () => {
    expect(ids("await price(a); await audit(a);").toSorted()).toEqual(ids("await audit(a); await price(a);").toSorted());
  });

  test("R26 S18 from build to build: the same source gives the same text, ids and map", () => {
    const source = flow(body);
    const [one, two] = [compiled(source), compiled(source)];
    expect([two.code, two.points, two.map.toString()]).toEqual([one.code, one.points, one.map.toString()]);
  });
});

test("a point moved into another structure gets another id", () => {
  const [plain] = ids("await price(a);");
  expect(ids("if (a) await price(a);")).not.toContain(plain);
  expect(ids("while (a) await price(a);")).not.toContain(plain);
  expect(ids("try { await price(a); } catch {}")).not.toContain(plain);
});
