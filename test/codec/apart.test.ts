// A frame in parts is the same graph as in one text, whatever is in it and wherever it is cut; a damaged one is told.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Stored } from "../../runtime/codec/cut.ts";
import { decode, decodeApart } from "../../runtime/codec/decode.ts";
import { encode, encodeApart } from "../../runtime/codec/encode.ts";
import { Numbers } from "../../runtime/codec/numbers.ts";
import { difference } from "./same.ts";
import { all } from "./values.ts";

const folder = fileURLToPath(new URL("../../fixtures/frames/v1-parts/", import.meta.url));

const filler = "x".repeat(2_000);
const rows = (count: number): unknown[] => Array.from({ length: count }, (_, id) => ({ id, name: `row ${id}`, tags: ["a", `b${id}`] }));

function apart(record: Record<string, unknown>, numbers: Readonly<Record<string, readonly number[]>> = {}, heap = new Numbers<object>()): Stored {
  return encodeApart(record, { name: "f", tables: new Map(Object.entries(numbers)), heap });
}

const bytes = ({ text, parts }: Stored): number => text.length + [...parts.values()].join("").length;

function changed(before: Stored, after: Stored): string[] {
  return [...after.parts].filter(([key, text]) => before.parts.get(key) !== text).map(([key]) => key)
    .concat([...before.parts.keys()].filter((key) => !after.parts.has(key)).map((key) => `-${key}`));
}

test.each(all)("%s", (_name, make) => {
  const value = make();
  const record = { value, again: [value, filler, [[value, ...rows(30)]], { filler }] };
  const stored = apart(record);
  expect(stored.parts.size).toBeGreaterThan(2);
  const { record: read, heap } = decodeApart(stored, "f");
  expect(difference(read, record)).toBeUndefined();
  expect(apart(read, {}, heap)).toEqual(stored);
});

test("what is stored shows where it belongs", () => {
  const { text, parts } = apart({ strands: [{ locals: { note: filler, list: rows(40), few: 1 } }], "odd key": { at: filler } }, { strands: [7] });
  expect(JSON.parse(text)).toEqual({ v: 1, apart: 4, strands: { 7: { locals: { note: null, list: [40, 16], few: 1 } } }, "odd key": { at: filler }, heap: {} });
  expect([...parts.keys()]).toEqual(["f/strands/7/locals/note", "f/strands/7/locals/list#0", "f/strands/7/locals/list#1", "f/strands/7/locals/list#2"]);
  expect(JSON.parse(parts.get("f/strands/7/locals/list#2") ?? "")).toEqual(rows(40).slice(32));
});

test("a change of one row of a megabyte changes one part", () => {
  const list = rows(15_000) as { name: string }[];
  const before = apart({ list, n: 1 });
  expect(bytes(before)).toBeGreaterThan(700_000);
  (list[77] as { name: string }).name = "other";
  const after = apart({ list, n: 2 });
  expect(changed(before, after)).toHaveLength(1);
  list.push({ name: "one more" });
  expect(changed(after, apart({ list, n: 2 }))).toHaveLength(1);
  expect(before.text.length).toBeLessThan(100);
});

interface Item {
  id?: unknown;
  name: unknown;
  tags: unknown[];
}

/** What may become of a list that was the same for some commits. */
const changes: Readonly<Record<string, (list: Item[]) => unknown>> = {
  "nothing": () => {},
  "a value": ([, , item]) => (item as Item).name = "other",
  "a value of another type": ([item]) => (item as Item).name = null,
  "the last value": (list) => list.at(-1)?.tags.push("more"),
  "the first one goes": (list) => list.shift(),
  "the last one goes": (list) => list.pop(),
  "one comes": (list) => list.push({ name: "new", tags: [] }),
  "two change places": (list) => list.unshift(...list.splice(1, 1)),
  "one becomes an equal one": (list) => list[7] = structuredClone(list[7] as Item),
  "one is there twice": (list) => list[7] = list[8] as Item,
  "one is within itself": ([item]) => (item as Item).tags[0] = item,
  "keys change places": ([item]) => {
    delete (item as Item).id;
    (item as Item).id = 0;
  },
  "a key for another": ([item]) => delete (item as Item).id && Object.assign(item as Item, { uid: 0 }),
  "an element moves inwards": ([item]) => (item as Item).tags = [["a", "b0"]],
  "a tag's key": ([item]) => Object.assign(item as Item, { $ref: 0 }),
  "no plain value": ([item]) => (item as Item).name = new Date(0),
  "undefined": ([item]) => (item as Item).name = undefined,
  "-0": ([item]) => (item as Item).id = -0,
  "a hole": ([item]) => delete (item as Item).tags[0],
  "a property of an array": ([item]) => Object.assign((item as Item).tags, { more: 1 }),
  "a property that is not shown": ([item]) => Object.defineProperty(item, "hidden", { value: 1 }),
  "a property with a symbol": ([item]) => Object.assign(item as Item, { [Symbol.iterator]: 1 }),
  "a constant": ([item]) => Object.defineProperty(item, "name", { writable: false }),
  "a frozen one": ([, item]) => Object.freeze(item),
  "another prototype": ([item]) => Object.setPrototypeOf(item, null),
};

test.each(Object.entries(changes))("what is remembered of a list changes nothing of what is stored: %s", (_name, change) => {
  const list = rows(2_000) as Item[];
  const elsewhere: unknown[] = [];
  const options = (): { name: string; tables: Map<string, number[]>; own: string[]; heap: Numbers<object> } =>
    ({ name: "f", tables: new Map([["strands", [0]]]), own: ["strands"], heap: new Numbers() });
  const [plain, remembering] = [options(), { ...options(), memory: new WeakMap() as NonNullable<Parameters<typeof encodeApart>[1]["memory"]> }];
  const stored = (): Stored => {
    const record = (): Record<string, unknown> => ({ strands: [{ locals: { list, elsewhere } }] });
    const stored = encodeApart(record(), remembering);
    expect(stored).toEqual(encodeApart(record(), plain));
    return stored;
  };
  for (let commit = 0; commit < 4; commit++) stored();
  expect(remembering.memory.get(list)).toMatchObject({ trail: expect.anything(), cut: { stays: true } });
  change(list);
  for (let commit = 0; commit < 5; commit++) stored();
  elsewhere.push(list[3]);
  expect(decodeApart(stored(), "f").record).toBeDefined();
});

/** For some commits something in it is elsewhere too, and the frame is written in another way. */
test.each(Object.entries(changes))("what is remembered of a list is not that of before it was elsewhere: %s", (_name, change) => {
  const options = { name: "f", tables: new Map([["strands", [0]]]), own: ["strands"] };
  const withList = (list: unknown, elsewhere: unknown): Record<string, unknown> => ({ strands: [{ locals: { list, elsewhere } }] });
  const first = encodeApart(withList(rows(2_000), null), { ...options, heap: new Numbers() });
  for (const begin of ["read", "written"] as const) {
    const read = decodeApart(first, "f");
    const list = (Object.values(read.record["strands"] as object) as { locals: { list: Item[] } }[])[0]?.locals.list as Item[];
    const heap = begin === "read" ? read.heap : new Numbers<object>();
    const memory = begin === "read" ? read.memory : new WeakMap();
    const stored = (elsewhere: unknown): void => {
      const record = withList(list, elsewhere);
      expect(encodeApart(record, { ...options, heap, memory })).toEqual(encodeApart(record, { ...options, heap }));
    };
    for (let commit = 0; commit < (begin === "read" ? 0 : 4); commit++) stored(null);
    change(list);
    for (let commit = 0; commit < 2; commit++) stored(list[3]);
    for (let commit = 0; commit < 3; commit++) stored(null);
  }
});

/** Where a large list may be in a frame. */
const homes: Readonly<Record<string, (list: Item[]) => Record<string, unknown>>> = {
  "a local": (list) => ({ list }),
  "within a small local": (list) => ({ small: { deep: { list, other: rows(many), note: filler } } }),
  "within a large local": (list) => ({ large: { ...Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`key ${n}`, "some text"])), list } }),
  "in pages of a list": (list) => ({ lists: [...Array.from({ length: 20 }, () => [rows(3)]), [list]] }),
  "beside tags": (list) => ({ beside: { when: new Date(0), list } }),
  "in the heap": (list) => ({ one: list, other: list }),
  "in a Map": (list) => ({ held: new Map([["list", list]]) }),
};

/** Elements from which on a list is searched as a whole for what is met elsewhere. */
const many = 550;

interface Reread {
  readonly strands: readonly { readonly locals: object }[];
  /** The frame of it, as it is by then; with what is known from reading, or without. */
  stored(knowing: boolean): Stored;
}

const ofRuns = { name: "f", tables: new Map([["strands", [0]]]), own: ["strands"] };

/** `edit`: what becomes of the parts between. */
function reread(locals: Record<string, unknown>, edit: (part: string) => string = (part) => part): Reread {
  const { text, parts } = encodeApart({ strands: [{ locals }] }, { ...ofRuns, heap: new Numbers() });
  const { record, heap, memory } = decodeApart({ text, parts: new Map([...parts].map(([key, part]) => [key, edit(part)])) }, "f");
  const strands = Object.values(record["strands"] as object) as { locals: object }[];
  return { strands, stored: (knowing) => encodeApart({ strands }, { ...ofRuns, heap, ...(knowing ? { memory } : {}) }) };
}

/** The first list of so many elements. */
function listIn(value: unknown): Item[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value) && value.length === many) return value;
  for (const part of value instanceof Map ? value.values() : Object.values(value)) {
    const found = listIn(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

test.each(Object.keys(changes))("what is known of a list that was read changes nothing of what is stored: %s", (change) => {
  for (const home of Object.values(homes)) {
    const { strands, stored } = reread(home(rows(many) as Item[]));
    changes[change]?.(listIn(strands[0]?.locals) as Item[]);
    for (let commit = 0; commit < 3; commit++) expect(stored(true)).toEqual(stored(false));
  }
});

test("what was read and is as it was is not written anew", () => {
  for (const [home, localsOf] of Object.entries(homes)) {
    // Parts that say the same in other words show who wrote them.
    const { strands, stored } = reread(localsOf(rows(many) as Item[]), (part) => ` ${part}`);
    const pages = (ofOther: boolean): string[] => [...stored(true).parts].flatMap(([key, text]) => key.includes("/other#") === ofOther && text.includes("tags") ? [text] : []);
    expect(pages(false).length, home).toBeGreaterThan(10);
    for (const text of [...pages(false), ...pages(true)]) expect(text, home).toMatch(/^ /);
    (listIn(strands[0]?.locals) as Item[])[many - 1] = { name: "other", tags: [] };
    for (const text of pages(false)) expect(text, home).not.toMatch(/^ /);
    for (const text of pages(true)) expect(text, home).toMatch(/^ /);
  }
});

interface Around {
  readonly before: unknown[];
  readonly lists: Item[][];
  readonly after: unknown[];
}

/** What may become of what is around lists that are as they were. */
const surroundings: Readonly<Record<string, (around: Around, list: Item[], other: Item[]) => unknown>> = {
  "another value": ({ before, after }) => before.push(1) + after.push(2),
  "an object before them": ({ before }) => before.push({ a: [1] }),
  "one of theirs before them": ({ before }, list) => before.push(list[3]),
  "one of theirs after them": ({ after }, list) => after.push(list[3]),
  "one of theirs in both": ({ after }, list, other) => after.push(list[3], { held: [other[4]?.tags] }),
  "one of them after them": ({ after }, list) => after.push(list),
  "many objects before them": ({ before }) => before.push(...rows(40)),
  "many before them, and one of theirs": ({ before }, list) => before.push(...rows(40), list[3]),
  "one is in the other": (_around, list, other) => other.push(...list.slice(5, 6)),
  "they change places": ({ lists }) => lists.reverse(),
  "one goes": ({ lists }) => lists.shift(),
  "one is there twice": ({ lists }, list) => lists.push(list),
  "one more like them": ({ lists }, list) => lists.push(structuredClone(list)),
};

test.each(Object.keys(surroundings))("what is known of lists in a value changes nothing of what is stored where others come: %s", (name) => {
  const { strands, stored } = reread({ around: { before: [], lists: [rows(many), rows(many)], after: [] }, elsewhere: {} });
  const { around, elsewhere } = (strands[0] as Reread["strands"][number]).locals as { around: Around; elsewhere: object };
  const [list, other] = around.lists as [Item[], Item[]];
  for (let commit = 0; commit < 2; commit++) expect(stored(true)).toEqual(stored(false));
  surroundings[name]?.(around, list, other);
  for (let commit = 0; commit < 4; commit++) expect(stored(true)).toEqual(stored(false));
  Object.assign(elsewhere, { one: other[7] });
  expect(stored(true)).toEqual(stored(false));
});

test("entries of tables, and what they share, stay where they are when others go", () => {
  const heap = new Numbers<object>();
  const shared = Array.from({ length: 100 }, (_, n) => ({ n }));
  const of = (from: number): Stored => {
    const kept = shared.slice(from);
    return apart({ entries: kept.map((each) => ({ a: each, b: each, filler: "y".repeat(100) })) }, { entries: kept.map(({ n }) => n) }, heap);
  };
  const before = of(0);
  const after = of(1);
  expect(changed(before, after).toSorted()).toEqual(["f/entries#0", "f/heap#0"]);
  const { record } = decodeApart(after, "f");
  expect(Object.keys(record["entries"] as object)).toEqual(shared.slice(1).map(({ n }) => String(n)));
  const entry = (record["entries"] as Record<string, { a: object; b: object }>)["50"];
  expect(entry?.a).toBe(entry?.b);
});

test("what is plain is stored as it is and left as it was, also where something inside is shared", () => {
  const list = rows(50) as object[];
  const whole = JSON.stringify(list);
  const once = { list, when: new Date(0), $cost: { $ref: 3, list: rows(50) } };
  expect(difference(decodeApart(apart(once), "f").record, once)).toBeUndefined();
  const twice = { list, inside: list[10], again: [list], deep: { list } };
  const { record } = decodeApart(apart(twice), "f");
  expect(difference(record, twice)).toBeUndefined();
  expect((record["list"] as object[])[10]).toBe(record["inside"]);
  expect(JSON.stringify(list)).toBe(whole);
});

test("it holds a value that is met first within a plain part and then by itself, large and small", () => {
  for (const count of [3, 3_000]) {
    const list = rows(count) as object[];
    for (const record of [{ a: { list }, b: { list }, filler }, { a: { list }, b: list[1], filler }, { b: list[1], a: { list }, filler }]) {
      expect(difference(decodeApart(apart(record), "f").record, record)).toBeUndefined();
    }
  }
});

test("names that a key must not have are cut further up", () => {
  const record = { locals: { "a/b#1": filler, ["__proto__"]: filler, "\ud800": rows(40), ["n".repeat(200)]: filler, "é_1-$": filler } };
  const stored = apart(record);
  expect(difference(decodeApart(stored, "f").record, record)).toBeUndefined();
  for (const key of stored.parts.keys()) expect(key).toMatch(/^f\/locals(\/é_1-\$)?$/);
});

test("limits are those of the whole", () => {
  const record = { list: rows(10_000) };
  const told: number[] = [];
  const options = { name: "f", tables: new Map(), onLarge: ({ bytes }: { bytes: number }) => told.push(bytes) };
  const stored = encodeApart(record, options);
  expect(told).toEqual([bytes(stored)]);
  expect(() => encodeApart(record, { ...options, limits: { frame: 100_000 } })).toThrow(expect.objectContaining({ code: "TOO_LARGE", message: expect.stringContaining("list") }));
  expect(() => decodeApart(stored, "f", { limits: { frame: 100_000 } })).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
});

test("parts of another text are not looked at", () => {
  const stored = apart({ filler });
  expect(decodeApart({ ...stored, parts: new Map([...stored.parts, ["g/filler", "no"], ["fg/x", "no"]]) }, "f").record).toEqual({ filler });
});

const damages: Record<string, (stored: Stored) => Stored> = {
  "without its parts": ({ text }) => ({ text, parts: new Map() }),
  "without one": ({ text, parts }) => ({ text, parts: new Map([...parts].slice(1)) }),
  "with one too many": ({ text, parts }) => ({ text, parts: new Map([...parts, ["f/more", "1"]]) }),
  "with another in place of one": ({ text, parts }) => ({ text, parts: new Map([...[...parts].slice(1), ["f/more", "1"]]) }),
  "with a part that is not JSON": ({ text, parts }) => ({ text, parts: new Map([...parts].map(([key]) => [key, "{"])) }),
  "with the pages of a list changed": ({ text, parts }) => ({ text, parts: new Map([...parts].map(([key, part]) => [key.replace("list#0", "list#9"), part])) }),
  "with a page that is too short": ({ text, parts }) => ({ text, parts: new Map([...parts].map(([key, part]) => [key, key.endsWith("list#0") ? "[1]" : part])) }),
  "with an entry in the wrong page": ({ text, parts }) => ({ text, parts: new Map([...parts].map(([key, part]) => [key, key.endsWith("table#0") ? part.replace('"1"', '"9"') : part])) }),
  "with a list that declares what nobody wrote": ({ text, parts }) => ({ text: text.replace('"list":[30,', '"list":[900000000,'), parts }),
  "with a value where a list was": ({ text, parts }) => ({ text: text.replace('"list":[30,16]', '"list":null'), parts }),
  "with a part through a scalar": ({ text, parts }) => ({ text: text.replace('"inner":{"note":null}', '"inner":"note"'), parts }),
};

test.each(Object.entries(damages))("%s it is corrupt", (_name, damage) => {
  const table = Array.from({ length: 12 }, () => ({ filler: "z".repeat(200) }));
  const record = { list: rows(30), inner: { note: filler }, table };
  const stored = apart(record, { table: table.map((_, number) => number) });
  expect([...stored.parts.keys()].toSorted()).toEqual(["f/inner/note", "f/list#0", "f/list#1", "f/table#0", "f/table#1", "f/table#2"]);
  const damaged = damage(stored);
  expect(damaged).not.toEqual(stored);
  expect(() => decodeApart(damaged, "f")).toThrow(expect.objectContaining({ code: "CORRUPT_FRAME" }));
});

test("what lists declare is not allocated before it is there", () => {
  const lists = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`list${n}`, [9_000_000, 4_500_000]]));
  const parts = new Map(Object.keys(lists).flatMap((name) => [[`f/${name}#1`, "[1]"], [`f/${name}#0`, "[1]"]] as const));
  const before = process.memoryUsage().heapUsed;
  expect(() => decodeApart({ text: JSON.stringify({ v: 1, apart: parts.size, ...lists }), parts }, "f")).toThrow(expect.objectContaining({ code: "CORRUPT_FRAME" }));
  const paged = Object.fromEntries(Object.keys(lists).map((name) => [name, [10_000_000, 1]]));
  const ones = new Map(Object.keys(lists).map((name) => [`f/${name}#0`, "[1]"] as const));
  expect(() => decodeApart({ text: JSON.stringify({ v: 1, apart: ones.size, ...paged }), parts: ones }, "f")).toThrow(expect.objectContaining({ code: "CORRUPT_FRAME" }));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
});

test("one text and parts are not taken for each other", () => {
  const stored = apart({ filler });
  expect(() => decode(stored.text)).toThrow(expect.objectContaining({ code: "CORRUPT_FRAME" }));
  expect(() => decodeApart({ text: encode({ filler }), parts: new Map() }, "f")).toThrow(expect.objectContaining({ code: "CORRUPT_FRAME" }));
});

test("every part of format 1 is read for ever", () => {
  const item = { sku: "A-1" };
  const record = { strands: [{ locals: { rows: rows(60), note: filler, seen: new Map([[item, new Date(7)]]), item } }, { on: 12 }], ops: Array.from({ length: 9 }, (_, n) => ({ value: "z".repeat(130 + n) })), total: 3n };
  const numbers = { strands: [0, 7], ops: [0, 1, 2, 3, 4, 8, 9, 12, 30] };
  const path = `${folder}run.json`;
  if (!existsSync(path) && process.env["UPDATE"] === "1") {
    const { text, parts } = apart(record, numbers);
    writeFileSync(path, `${JSON.stringify({ text, parts: Object.fromEntries(parts) }, null, 1)}\n`);
  }
  const { text, parts } = JSON.parse(readFileSync(path, "utf8")) as { text: string; parts: Record<string, string> };
  const stored = { text, parts: new Map(Object.entries(parts)) };
  const { record: read, heap } = decodeApart(stored, "f");
  const table = (list: readonly unknown[], of: readonly number[]): object => Object.fromEntries(list.map((entry, index) => [of[index], entry]));
  expect(difference(read, { ...record, strands: table(record.strands, numbers.strands), ops: table(record.ops, numbers.ops) })).toBeUndefined();
  const again = { ...read, strands: Object.values(read["strands"] as object), ops: Object.values(read["ops"] as object) };
  expect(apart(again, numbers, heap)).toEqual(stored);
});

test.each(["l#00", "l#-1", "l#1e0", "l#+1", "l# 1", "l#", "l#0#0", "t#00", "t#0x0"])("a page that is called %s is no page", (name) => {
  const { text, parts } = apart({ l: rows(40), t: rows(40) }, { t: [...rows(40).keys()] });
  const page = name.startsWith("l") ? "f/l#0" : "f/t#0";
  const renamed = new Map([...parts].map(([key, part]) => [key === page ? `f/${name}` : key, part]));
  expect(() => decodeApart({ text, parts: renamed }, "f")).toThrow(expect.objectContaining({ code: "CORRUPT_FRAME", message: expect.stringContaining(`f/${name}`) }));
});
