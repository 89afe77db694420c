// Text that no encoder wrote. Whatever it says, reading ends quickly, in a value or in an error of the table, and leaves
// no trace in the process.

import { describe, expect, test, vi } from "vitest";
import { decode } from "../../runtime/codec/decode.ts";
import { encode } from "../../runtime/codec/encode.ts";
import { isDeflowError } from "../../runtime/errors/error.ts";
import { random } from "./random.ts";
import { all } from "./values.ts";

const frame = (value: string, heap = "[]"): string => `{"v":1,"value":${value},"heap":${heap}}`;

function codeOf(text: unknown): string {
  try {
    decode(text as string);
    return "read";
  } catch (error) {
    if (isDeflowError(error)) return error.code;
    throw error;
  }
}

describe("corrupt", () => {
  test.each([
    ["no text", undefined], ["empty", ""], ["no JSON", "{"], ["no object", "[]"], ["null", "null"], ["no version", "{}"],
    ["version text", '{"v":"1"}'], ["version twice", '{"v":1,"v":1}'], ["newer version", '{"v":2,"a":1}'], ["heap of no kind", '{"v":1,"heap":{}}'],
    ["null heap", '{"v":1,"heap":null}'],
    ["unknown tag", frame('{"$nope":1}')], ["constructor as tag", frame('{"$constructor":1}')], ["empty tag", frame('{"$":1}')],
    ["tag with company", frame('{"$d":null,"x":1}')], ["two tags", frame('{"$d":null,"$u":0}')], ["tag later", frame('{"a":1,"$d":null}')],
    ["ref to a name", frame('{"$ref":"__proto__"}')], ["float ref", frame('{"$ref":0.5}', "[{}]")], ["negative ref", frame('{"$ref":-1}', "[{}]")],
    ["ref out of range", frame('{"$ref":1}', "[{}]")], ["huge ref", frame('{"$ref":1e300}', "[{}]")], ["null ref", frame('{"$ref":null}', "[{}]")],
    ["ref to itself", frame('{"$ref":0}', '[{"$ref":0}]')], ["refs in a circle", frame('{"$ref":0}', '[{"$ref":1},{"$ref":0}]')],
    ["ref to a scalar", frame('{"$ref":0}', "[1]")], ["a value to create itself", frame('{"$ref":0}', '[{"$z":["frozen",{"$ref":0}]}]')],
    ["boxed in a circle", frame('{"$ref":0}', '[{"$o":{"$ref":0}}]')], ["views in a circle", frame('{"$ref":0}', '[{"$t":["Uint8Array",{"$ref":0}]}]')],
    ["undefined", frame('{"$u":1}')], ["number", frame('{"$n":"1"}')], ["number constructor", frame('{"$n":"constructor"}')],
    ["bigint number", frame('{"$b":1}')], ["bigint text", frame('{"$b":"1e5"}')], ["bigint hex", frame('{"$b":"0x10"}')], ["bigint -0", frame('{"$b":"-0"}')],
    ["symbol", frame('{"$y":1}')], ["unique symbol", frame('{"$yu":1}')], ["unique symbol of a value", frame('{"$yu":{"$u":0}}')], ["unique symbol of a list", frame('{"$yu":["a"]}')], ["no well-known symbol", frame('{"$w":"prototype"}')], ["symbol constructor", frame('{"$w":"constructor"}')],
    ["date number", frame('{"$d":0}')], ["date words", frame('{"$d":"tomorrow"}')], ["date of a zone", frame('{"$d":"2024-01-01T00:00:00"}')], ["no date", frame('{"$d":"2024-13-01T00:00:00.000Z"}')],
    ["regexp flags", frame('{"$r":["a","gg",0]}')], ["regexp source", frame('{"$r":["(","",0]}')], ["regexp index", frame('{"$r":["a","",-1]}')], ["regexp parts", frame('{"$r":["a","",0,1]}')],
    ["url", frame('{"$l":"no url"}')], ["url number", frame('{"$l":1}')], ["search params", frame('{"$q":{}}')],
    ["map", frame('{"$m":{}}')], ["map entry", frame('{"$m":[1]}')], ["short map entry", frame('{"$m":[[1]]}')], ["long map entry", frame('{"$m":[[1,2,3]]}')], ["key twice", frame('{"$m":[[1,2],[1,3]]}')],
    ["set", frame('{"$s":1}')], ["value twice", frame('{"$s":[1,1]}')],
    ["boxed null", frame('{"$o":null}')], ["boxed undefined", frame('{"$o":{"$u":0}}')], ["boxed object", frame('{"$o":{"a":1}}')],
    ["base64", frame('{"$a":"%%%%"}')], ["base64 length", frame('{"$a":"AAA"}')], ["base64 number", frame('{"$a":1}')],
    ["view name", frame('{"$t":["constructor",{"$a":""}]}')], ["view of a global", frame('{"$t":["Function",{"$a":""}]}')], ["view without buffer", frame('{"$t":["Uint8Array",[]]}')],
    ["view too long", frame('{"$t":["Uint8Array",{"$a":"AAAA"},0,4]}')], ["view too far", frame('{"$t":["Uint8Array",{"$a":"AAAA"},4,0]}')], ["view between", frame('{"$t":["Uint16Array",{"$a":"AAAA"},1,1]}')], ["view of odd length", frame('{"$t":["Uint16Array",{"$a":"AAAA"}]}')], ["view of 2 GB", frame('{"$t":["Uint8Array",{"$a":""},0,2147483648]}')],
    ["sparse text", frame('{"$sp":["9",[]]}')], ["sparse index", frame('{"$sp":[2,[[2,1]]]}')], ["sparse index text", frame('{"$sp":[2,[["length",1]]]}')], ["sparse negative", frame('{"$sp":[-1,[]]}')], ["sparse too long", frame('{"$sp":[4294967296,[]]}')], ["more entries than places", frame('{"$sp":[0,[[0,1]]]}')],
    ["null prototype", frame('{"$0":[]}')], ["bad key inside", frame('{"$0":{"$x":1}}')],
    ["mark", frame('{"$z":["constructor",{}]}')], ["mark of a scalar", frame('{"$z":["frozen",1]}')], ["mark alone", frame('{"$z":["frozen"]}')],
    ["error class", frame('{"$e":{"class":"Function"}}')], ["error constructor", frame('{"$e":{"class":"constructor"}}')], ["error list", frame('{"$e":[]}')], ["error fields", frame('{"$e":{"class":"Error","own":[]}}')],
    ["class id", frame('{"$c":["test.Money",{}]}')], ["class version", frame('{"$c":["test.Money@0",{}]}')], ["class fields", frame('{"$c":["test.Money@1",[]]}')], ["class parts", frame('{"$c":["test.Money@1",{},1]}')],
    ["creation nested too deep", frame('{"$z":["frozen",'.repeat(200) + "{}" + "]}".repeat(200))],
    ["creation nested through the heap", frame('{"$ref":0}', `[${Array.from({ length: 5_000 }, (_, index) => `{"$o":{"$ref":${index + 1}}}`).join()},{}]`)],
  ])("%s", (_name, text) => {
    expect(codeOf(text)).toBe("CORRUPT_FRAME");
  });

  test.each([
    ["class of no kind", frame('{"$c":["constructor@1",{}]}')],
    ["unknown class", frame('{"$c":["__proto__@1",{}]}')],
    ["newer class", frame('{"$c":["test.Money@2",{}]}')],
    ["huge version", frame('{"$c":["test.Money@999999999",{}]}')],
  ])("%s", (_name, text) => {
    expect(codeOf(text)).toBe("UNKNOWN_CLASS");
  });

  test.each([
    ["sparse of 2³²-1", frame('{"$sp":[4294967295,[]]}')],
    ["many sparse", frame(`[${Array.from({ length: 100 }, () => '{"$sp":[100000,[]]}').join()}]`)],
    ["bigint of 10,001 digits", frame(`{"$b":"1${"0".repeat(10_000)}"}`)],
    ["text of 8 MB", frame(`"${"x".repeat(8 * 1024 * 1024)}"`)],
    ["too many values", frame(`[${"[],".repeat(1_000_001)}[]]`)],
  ])("%s", (_name, text) => {
    expect(codeOf(text)).toBe("TOO_LARGE");
  });

  // What is not there is not allocated, however much of it is declared.
  test.each([
    ["a view of 8 PB", frame('{"$t":["Float64Array",{"$a":""},0,1125899906842624]}')], ["a view beyond all numbers", frame('{"$t":["Uint8Array",{"$a":""},0,1e300]}')],
    ["a view far into nothing", frame('{"$t":["Uint8Array",{"$a":""},9007199254740991,0]}')], ["views of one small buffer, each of 1 GB", frame(`[${Array.from({ length: 1_000 }, () => '{"$t":["Uint8Array",{"$ref":0},0,1073741824]}').join()}]`, '[{"$a":"AAAA"}]')],
    ["a sparse array of 1e9", frame('{"$sp":[1000000000,[]]}')], ["a sparse array beyond all", frame('{"$sp":[1e300,[]]}')], ["sparse arrays in each other", frame(`${'{"$sp":[900000,[[0,'.repeat(50)}1${"]]]}".repeat(50)}`)],
    ["an entry at 1e9 of ten places", frame('{"$sp":[10,[[1000000000,1]]]}')], ["a length that is a text", frame('{"$sp":["1e9",[]]}')],
    ["parts that are not there", '{"v":1,"apart":1000000000,"heap":[]}'], ["a bigint of 1e9 digits, said in another way", frame('{"$b":"1e1000000000"}')],
  ])("declared: %s", (_name, text) => {
    const before = process.memoryUsage();
    expect(["CORRUPT_FRAME", "TOO_LARGE"]).toContain(codeOf(text));
    const after = process.memoryUsage();
    expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(100_000_000);
  });

  test("errors say where", () => {
    const text = '{"v":1,"strands":[{"locals":{"cache":{"$m":[["a",{"list":[1,{"$ref":0}]}]]}}}],"heap":[{"deep":{"$nope":1}}]}';
    expect(() => decode(text)).toThrow("Corrupt frame: at `strands[0].locals.cache.values()[0].list[1].deep`: the tag `$nope` is not known");
    expect(() => decode(text, { root: "run" })).toThrow("`run.strands[0]");
  });

  test("a newer format says so", () => {
    expect(() => decode('{"v":7,"x":1}')).toThrow("it has format 7, which a newer version of deflow wrote");
  });
});

describe("harmless", () => {
  test.each([
    ["nested 100,000 deep", frame("[".repeat(100_000) + "]".repeat(100_000))],
    ["nested without heap", `{"v":1,"value":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["the same key twice", frame('{"a":1,"a":2}')],
    ["the same tag twice", frame('{"$u":0,"$u":0}')],
    ["1e400", frame("1e400")],
    ["-0", frame("-0")],
    ["never referred to", frame("1", '[{"a":1}]')],
    ["odd keys", frame('{"$$ref":0,"$$":1,"":2,"toJSON":3,"then":4,"0":5,"constructor":6}')],
  ])("%s", (_name, text) => {
    expect(codeOf(text)).toBe("read");
  });

  test("`__proto__` is data everywhere", () => {
    const part = '{"__proto__":{"polluted":{"$u":0}}}';
    for (const text of [part, `{"$0":${part}}`, `{"$c":["test.Money@1",${part}]}`, `{"$e":{"class":"Error","own":${part}}}`, `{"$$x":1,"__proto__":{"polluted":1}}`]) {
      const value = decode(frame(text))["value"] as object;
      expect(Object.hasOwn(value, "__proto__"), text).toBe(true);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect(() => (value as { polluted: unknown }).polluted, text).not.toThrow();
      expect("polluted" in value, text).toBe(false);
    }
    const record = decode('{"v":1,"__proto__":{"polluted":{"$u":0}},"heap":[]}');
    expect(Object.hasOwn(record, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
  });

  test("a billion laughs is small until somebody walks it", () => {
    const heap = Array.from({ length: 30 }, (_, index) => `[${Array.from({ length: 10 }, () => (index < 29 ? `{"$ref":${index + 1}}` : "0")).join()}]`);
    const text = frame('{"$ref":0}', `[${heap.join()}]`);
    const back = decode(text);
    // Equal to it, written again: every list is one object.
    expect(encode(back).length).toBeLessThan(4_000);
  });

  test.each([
    ["alone", '{"$r":["^(a+)+$","",0]}'], ["beside what it would hang on", `[{"$r":["^(a+)+$","",0]},"${"a".repeat(60)}!"]`],
    ["sticky, somewhere in the midst", '{"$r":["^(a+)+$","gy",1073741823]}'], ["as a key", `{"$m":[[{"$r":["^(a+)+$","",0]},"${"a".repeat(60)}!"]]}`],
    ["of 100,000 groups", `{"$r":["${"(a+)+".repeat(100_000)}","",0]}`], ["nested 1,000 deep", `{"$r":["${"(".repeat(1_000)}a+${")+".repeat(1_000)}","",0]}`],
    ["with a thousandfold of a thousandfold", '{"$r":["((a{1000}){1000}){1000}","",0]}'],
  ])("a regular expression is not run: %s", (_name, text) => {
    expect(codeOf(frame(text))).toMatch(/^(?:read|CORRUPT_FRAME)$/);
  });

  test("nor is one that a method of the language would call on", () => {
    const spies = (["exec", "test", Symbol.match, Symbol.replace, Symbol.search, Symbol.split, Symbol.matchAll] as const).map((name) => vi.spyOn(RegExp.prototype, name as "test"));
    const value = decode(frame('[{"$r":["^(a+)+$","",0]},"aaa"]'))["value"] as [RegExp, string];
    const run = spies.flatMap((spy) => spy.mock.contexts).filter((context) => context === value[0] || (context as RegExp).source.includes("a+"));
    for (const spy of spies) spy.mockRestore();
    expect(run).toEqual([]);
    expect(value[0]).toEqual(/^(a+)+$/);
  });
});

test("changed at random, a frame is read or refused, never worse", () => {
  const { integer } = random(7);
  const texts = all.map(([, make]) => encode({ value: make() })).filter((text) => text.length < 2_000);
  const counts: Record<string, number> = {};
  for (let round = 0; round < 20_000; round++) {
    const text = texts[integer(texts.length)] as string;
    const at = integer(text.length);
    const other = texts[integer(texts.length)] as string;
    const changed = [
      () => text.slice(0, at) + text.slice(at + 1 + integer(4)),
      () => text.slice(0, at) + '"{}[]:,$0123-e'[integer(14)] + text.slice(at + integer(2)),
      () => text.slice(0, at) + other.slice(integer(other.length)),
    ][integer(3)]?.();
    const code = codeOf(changed);
    counts[code] = (counts[code] ?? 0) + 1;
  }
  expect(Object.keys(counts).toSorted()).toEqual(expect.arrayContaining(["CORRUPT_FRAME", "read"]));
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
