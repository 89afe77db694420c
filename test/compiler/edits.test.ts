// Pass 7: what a frame of an earlier build says of itself means the same in a later one, whatever was edited elsewhere.
//
//   ids, slots and region chains of the points and functions that an edit does not touch are the same before it and after it;
//   of those that it touches none takes over the key of another

import { describe, expect, test } from "vitest";
import { compiled, flow } from "./source.ts";

/** Each point as the meta data says it, by its id: `listen:a {n* x ~it1} for-of/try`. */
function shapes(body: string): Map<string, string> {
  const { points } = compiled(flow(body));
  return new Map(points.map(({ unit, point, slots, regions, fingerprint }) =>
    [`${unit} ${point}`, `{ ${slots.map(({ key, cell }) => key + (cell ? "*" : "")).toSorted().join(" ")} } ${regions.join("/")} @${fingerprint}`]));
}

const slots = (body: string, point = "listen:p"): string => /^\{ (.*?) ?\}/.exec(shapes(body).get(`f ${point}`) ?? "")?.[1] ?? "";
const regions = (body: string, point = "listen:p"): string => /\} (.*) @/.exec(shapes(body).get(`f ${point}`) ?? "")?.[1] ?? "";

/** The factories of closures and classes with their environments: `f#bump` → `n*`. */
function environments(body: string): Record<string, string> {
  const { code } = compiled(flow(body));
  return Object.fromEntries([...code.matchAll(/\$\.(?:code|class)\("([^"]*)", "([^"]*)"/g)].map(([, id, env]) => [id as string, env as string]));
}

describe("an edit elsewhere moves nothing", () => {
  const body = `
  let total = 0;
  const bump = (by: number) => { total += by; };
  for (const line of a.lines) {
    for (const part of line.parts) {
      try {
        const ok = await listen("approve");
        if (!ok) break;
        bump(part.size() + await price(part));
      } catch (error) {
        await listen("mend");
        await step("tell", () => a.tell(error));
      } finally {
        await listen("close");
        bump(1);
      }
    }
    const inner = async (x: number) => { await listen("inner"); return x + line.n; };
    await Promise.all([inner(1), inner(2)]);
  }
  const { left = await other("left") } = a;
  await listen("end");
  return [total, left];`;
  const before = shapes(body);
  const functions = environments(body);

  test.each<[string, (body: string) => string]>([
    ["a statement before", (s) => `console.log("begin"); ${s}`],
    ["a statement with an await before", (s) => `const first = await another(1); console.log(first); ${s}`],
    ["a loop with awaits before", (s) => `for (const x of a) { for (const y of x) await more(y); } ${s}`],
    ["a try with a finally that waits before", (s) => `while (a.busy) { try { if (a.x) break; await more(1); } finally { await more(2); } } ${s}`],
    ["a block with resources before", (s) => `{ await using lock = a.lock(); await more(lock); } ${s}`],
    ["an expression that holds operands before", (s) => `console.log(a.one() + await more(1) + a.two()); ${s}`],
    ["two variables of one name before", (s) => `{ const total = a.x; await more(total); } { const total = a.y; await more(total); } ${s}`],
    ["a closure before", (s) => `const check = (n: number) => n > a.limit; if (!check(1)) return; ${s}`],
    ["a closure of the same variables after", (s) => s.replace("return [total", "const reset = () => { total = 0; }; reset(); return [total")],
    ["a class", (s) => `class Extra { n = a.n; } console.log(new Extra()); ${s}`],
    ["comments", (s) => s.replaceAll(";", "; // why\n").replaceAll("await ", "await /* here */ ")],
    ["layout", (s) => s.replaceAll(/\s+/g, " ").replaceAll("; ", ";\n\n\t")],
    ["types", (s) => s.replace("let total = 0", "let total: number = 0").replace("const ok =", "const ok: unknown =").replace("(by: number)", "(by: number): void")],
    ["an if around all", (s) => `if (a) { ${s} }`],
    ["a block and a label around all", (s) => `all: { ${s} }`],
    ["a switch around all", (s) => `switch (a.kind) { default: { ${s} } }`],
    ["statements between that need nothing more", (s) => s.replace("if (!ok) break;", "if (!ok) { console.log(1); break; }")],
    ["an await behind the end", (s) => s.replace("return [total, left]", "await more(3); return [total, left]")],
    ["arguments", (s) => s.replace("price(part)", "price(part, { currency: 'EUR' })").replace("a.tell(error)", "a.tell(error, 1)")],
    ["the order of the functions", (s) => s.replace("const bump =", "const other2 = () => a.z; const bump =").replace("bump(1);", "bump(other2());").replace("bump(other2());", "bump(1);")],
  ])("%s", (_, edit) => {
    const edited = body === edit(body) ? "" : edit(body);
    const after = shapes(edited);
    for (const [id, shape] of before) {
      // An unlabelled wait carries the branches around it in its id; what it keeps is the same all the same.
      if (/~/.test(id) && !after.has(id)) expect([...after.values()]).toContain(shape);
      else expect([id, after.get(id)]).toEqual([id, shape]);
    }
    const made = environments(edited);
    for (const [id, env] of Object.entries(functions)) expect([id, made[id]]).toEqual([id, env]);
  });
});

describe("variables of one name", () => {
  const both = 'const x = a.x; { const x = a.y; await listen("p"); a(x); } return x;';

  test("each has its place among those that are declared around the point, live or not", () => {
    expect(slots(both)).toBe("a x~1/2 x~2/2");
    expect(slots('const x = a.x; { const x = a.y; await listen("p"); a(x); }')).toBe("a x~2/2");
    expect(slots('const x = a.x; { const x = a.y; await listen("p"); a(); } return x;')).toBe("a x~1/2");
  });

  test("the one that is left when the other goes has a key that the frame does not have", () => {
    expect(slots('{ const x = a.y; await listen("p"); a(x); }')).toBe("a x");
    expect(slots('const x = a.x; await listen("p"); return x;')).toBe("x");
    expect(slots('const x = a.x; { const x = a.y; { const x = a.z; await listen("p"); a(x); } } return x;')).toBe("a x~1/3 x~3/3");
  });

  test("in blocks beside each other each is alone", () => {
    expect(slots('{ const x = a.x; await more(x); a(x); } { const x = a.y; await listen("p"); return x; }')).toBe("x");
  });

  test("a closure's environment tells them apart in the same way, whatever it captures first", () => {
    expect(environments('let x = 0; { let x = 1; const g = () => ++x; await listen("p"); g(); } x++;')).toEqual({ "f#g": "x~2/2*" });
    const [first, second] = ["{ const h = () => ++y; const g = () => { h(); return ++x + y; }; }", "{ const h = () => ++y; const g = () => ++x + y + h(); }"]
      .map((inner) => environments(`let x = 0, y = 0; await listen("p"); ${inner}`));
    expect((first?.["f#g"] ?? "").split(" ").toSorted()).toEqual(["h", "x*", "y*"]);
    expect((second?.["f#g"] ?? "").split(" ").toSorted()).toEqual(["h", "x*", "y*"]);
  });
});

describe("operands that are held", () => {
  test("are known by what they are, not by their number", () => {
    expect(slots('return a(a.one(), two(), await listen("p"));')).toBe("a ~(a.one()) ~(two())");
    expect(slots('return a(two(), await listen("p"));')).toBe("a ~(two())");
    expect(slots('return a(two(), a.one(), await listen("p"));')).toBe("a ~(a.one()) ~(two())");
    expect(slots('let n = 0; n += a.one(); n += await listen("p"); return n;')).toBe("~(n)");
  });

  test("a switch around them is no operand", () => {
    expect(slots('switch (a.kind()) { default: return a(two(), await listen("p")); }')).toBe("a ~(two())");
  });

  test("equal ones differ by their text", () => {
    const [one, two] = [slots('return a(get(1), get(2), await listen("p"));'), slots('return a(get(2), get(1), await listen("p"));')];
    expect(one).toMatch(/^a ~\(get\(\)~\w{5}\) ~\(get\(\)~\w{5}\)$/);
    expect(two.split(" ").toSorted()).toEqual(one.split(" ").toSorted());
    expect(slots("return a(get( 1 ) /* first */,\n get(2 as number), await listen('p'),);")).toBe(one);
  });

  test("of those with one text the number is part of the chain", () => {
    const [two, three] = ['return a(next(), next(), await listen("p"));', 'return a(next(), next(), next(), await listen("p"));'];
    expect(regions(two)).toMatch(/^2×next\(\)~\w{5}$/);
    expect(regions(three)).toMatch(/^3×next\(\)~\w{5}$/);
    expect(regions('return a(next(), await listen("p"));')).toBe("");
  });
});

describe("what a region keeps", () => {
  test("is numbered along the chain", () => {
    const alone = 'for (const x of a) { for (const y of x) { await listen("p"); } }';
    expect(slots(alone)).toBe("~it1 ~it2");
    expect(slots(`for (const z of a) { for (const y of z) await more(y); } ${alone}`)).toBe("~it1 ~it2");
    // The iterator of a for-in that is always left is dead; it is counted all the same.
    expect(slots('for (const k in a) { for (const y of a[k]) await listen("p"); return 1; }')).toBe("~it2");
  });

  test("the chain says what is around the point, and nothing of branches", () => {
    expect(regions('if (a) { switch (a) { case 1: { await listen("p"); } } }')).toBe("");
    expect(regions('for (;;) while (a) do { for (const k in a) await listen("p"); } while (a);')).toBe("for/while/do/for-in(k)");
    expect(regions('try { await listen("p"); } finally {}')).toBe("try");
    expect(regions('try {} catch { await listen("p"); } finally {}')).toBe("catch");
    expect(regions('try { a(); } finally { await listen("p"); }')).toBe("finally");
    expect(regions('{ using x = a(); await listen("p"); }')).toBe("using");
    expect(regions('for await (const x of a) await listen("p");')).toBe("for-await(x)");
    expect(regions('const [x = await listen("p")] = a; return x;')).toBe("pattern([x])");
    expect(regions('for (const x of await listen("p") as any) a(x);')).toBe("");
    expect(regions('for (let i = await listen("p") as number; i < 3; i++) a(i);')).toBe("");
    expect(regions('while (await listen("p")) a();')).toBe("while");
  });

  test("a `yield` and an `await` of one thing are two things", () => {
    const generator = (word: string): string => `const g = async function* () { ${word} more(1); }; for await (const x of g()) a(x);`;
    const of = (word: string): string | undefined => [...shapes(generator(word))].find(([id]) => id.startsWith("f#g more~"))?.[1];
    expect(of("await")).toMatch(/^\{ {2}\} async-generator @/);
    expect(of("yield")).toMatch(/^\{ {2}\} async-generator\/yield @/);
    expect(of("yield*")).toMatch(/^\{ {2}\} async-generator\/yield\* @/);
  });
});

describe("jumps that a `finally` interrupts", () => {
  const jumps = (body: string): unknown => {
    const [, text = "{}"] = /"listen:p": \[\d+, \d+, "[^"]*", "\w+", (\{.*?\})\]/.exec(compiled(flow(body)).code) ?? [];
    return JSON.parse(text);
  };
  const waits = 'finally { await listen("p"); }';

  test("are named after the loop in the chain that they lead to", () => {
    expect(jumps(`for (const x of a) { while (x) { try { if (a.b) break; if (a.c) continue; if (a.d) return 1; } ${waits} } }`))
      .toEqual({ "~c1": ["break while 2", "continue while 2", "return"] });
    expect(jumps(`outer: for (const x of a) { while (x) { try { if (a.b) break outer; if (a.c) continue outer; } ${waits} } }`))
      .toEqual({ "~c1": ["break for-of 1", "continue for-of 1"] });
  });

  test("a switch and a labelled block are no loops, and keep their own names", () => {
    expect(jumps(`for (const x of a) { switch (x) { case 1: try { if (a.b) break; if (a.c) continue; } ${waits} } }`))
      .toEqual({ "~c1": ["break switch 1", "continue for-of 1"] });
    expect(jumps(`for (const x of a) { switch (x) { case 1: switch (a.y) { case 1: try { if (a.b) break; a(); } ${waits} } } }`)).toEqual({ "~c1": ["break switch 2"] });
    expect(jumps(`done: { try { if (a.b) break done; a(); } ${waits} }`)).toEqual({ "~c1": ["break done"] });
  });

  test("their order in the source says nothing", () => {
    const [one, two] = ["if (a.b) break; if (a.d) return 1;", "if (a.d) return 1; if (a.b) break;"].map((inner) => jumps(`while (a) { try { ${inner} } ${waits} }`));
    expect((one as { "~c1": string[] })["~c1"].toSorted()).toEqual((two as { "~c1": string[] })["~c1"].toSorted());
  });
});
