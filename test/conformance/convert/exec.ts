// A test that runs by itself and says what it `expect`s (Babel's `exec.js`), or throws (`assert`): its body as the flow's.

import { readFileSync } from "node:fs";

const prelude = `
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const fail = (text) => { throw new Error("expected " + text); };
const expectation = (value, not) => {
  const check = (right, text) => { if (right === not) fail(text); };
  return {
    toBe: (other) => check(Object.is(value, other), "toBe " + String(other)),
    toEqual: (other) => check(same(value, other), "toEqual " + JSON.stringify(other)),
    toStrictEqual: (other) => check(same(value, other), "toStrictEqual " + JSON.stringify(other)),
    toMatchObject: (other) => check(Object.keys(other).every((key) => same(value[key], other[key])), "toMatchObject"),
    toBeUndefined: () => check(value === undefined, "undefined"),
    toBeDefined: () => check(value !== undefined, "defined"),
    toBeNull: () => check(value === null, "null"),
    toBeNaN: () => check(Number.isNaN(value), "NaN"),
    toBeTruthy: () => check(!!value, "truthy"),
    toBeFalsy: () => check(!value, "falsy"),
    toHaveLength: (length) => check(value.length === length, "length " + length),
    toHaveProperty: (key, ...other) => check(key in value && (other.length === 0 || same(value[key], other[0])), "property " + key),
    toContain: (part) => check(value.includes(part), "part " + part),
    toBeInstanceOf: (type) => check(value instanceof type, "instance of " + type.name),
    toThrow: () => {
      let threw = false;
      try { value(); } catch { threw = true; }
      check(threw, "a throw");
    },
  };
};
function expect(value) { return { ...expectation(value, false), not: expectation(value, true) }; }
const assert = Object.assign((value) => { if (!value) fail("truth"); }, {
  ok: (value) => { if (!value) fail("truth"); },
  equal: (a, b) => { if (a != b) fail(String(b)); },
  strictEqual: (a, b) => { if (!Object.is(a, b)) fail(String(b)); },
  deepEqual: (a, b) => { if (!same(a, b)) fail(JSON.stringify(b)); },
  isTrue: (value) => { if (value !== true) fail("true"); },
  isFalse: (value) => { if (value !== false) fail("false"); },
});
`;

export function fromExec(root: string, path: string): { text: string } | { skipped: string } {
  const source = readFileSync(path, "utf8");
  const unable = /\beval\b|\bimport\b|\bexport\b|\brequire\b|transform\(|globalThis|\bFunction\(/.exec(source);
  if (unable !== null) return { skipped: unable[0] };
  // A test that is a promise itself is returned.
  const body = source.replace(/^return\b/m, "return await");
  return { text: `// converted: ${path.slice(root.length + 1)}\n${prelude}\nasync function f() {\n${body}\nreturn "ok";\n}\n` };
}
