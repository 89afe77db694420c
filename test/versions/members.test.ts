// Parts of classes that a run holds by themselves, a method, a static function, a function in a field: what the build does not have is told by its shape.

import { describe, expect, it } from "vitest";
import { begin, createEngine, type Flow, memory, resume } from "../../runtime/index.ts";
import { noParts } from "../../runtime/record/frame.ts";
import { loaded } from "../../runtime/versions/build.ts";
import { judgeRun } from "../../runtime/versions/frozen.ts";
import { shapeOfText } from "../../runtime/versions/text.ts";
import { build } from "./builds.ts";

const flow = (members: string, held: string): string =>
  `export const main = deflow(async function main(a) { class Line { x = a; ${members} } const line = new Line(); const held = ${held}; const k = await listen("go"); return [line.x, held(k)]; });`;

interface Stored {
  readonly frame: string;
  readonly atoms: string;
}

/** Of the run's shape as it was written, which its text gives as well. */
async function stored(source: string): Promise<Stored> {
  const { main } = build<{ main: Flow }>(source);
  const store = memory();
  const engine = createEngine({ store, flows: { main } });
  await engine.start(main as never, [2] as never, { id: "r" });
  await engine.close();
  const { frame = "" } = await begin(main as never, [2] as never);
  const row = await store.load("r");
  const [{ atoms = "" } = {}] = await store.shapes({ keys: [row?.shape ?? ""], limit: 1 });
  expect(shapeOfText("main", frame, noParts, "frame")?.atoms).toBe(atoms);
  expect(misfits(atoms)).toEqual([]);
  return { frame, atoms };
}

const misfits = (atoms: string): readonly unknown[] => judgeRun(atoms, loaded).misfits;

const goneOn = async (frame: string): Promise<unknown> =>
  await resume(frame, "go", 1).then((run) => ("value" in run ? run.value : run.status), ({ code }: { code: string }) => code);

it.each([
  ["a method", "read(k) { return k + 1; }", "line.read", "main#Line.read()"],
  ["a static function", "static read(k) { return k + 1; }", "Line.read", "static main#Line.read()"],
  ["a getter's function", "get read() { return 1; }", 'Object.getOwnPropertyDescriptor(Line.prototype, "read").get', "get main#Line.read"],
  ["a function in a field", "read = (k) => k + 1;", "line.read", "main#Line.read"],
  ["a function in a static field", "static read = (k) => k + 1;", "Line.read", "static main#Line.read"],
  ["a bound method", "read(k) { return k + 1; }", "line.read.bind(line)", "main#Line.read()"],
])("%s", async (_, members, held, name) => {
  const { frame, atoms } = await stored(flow(members, held));
  build(flow(members.replaceAll("read", "other"), "(k) => k"));
  expect(misfits(atoms)).toHaveLength(1);
  await expect(resume(frame, "go", 1)).rejects.toMatchObject({ code: "UNKNOWN_CODE", message: expect.stringContaining(`\`${name}\``) as string });
});

it("an engine shows such a run as stranded, and leaves it as it is", async () => {
  const store = memory();
  const { main } = build<{ main: Flow }>(flow("read(k) { return k + 1; }", "line.read"));
  const first = createEngine({ store, flows: { main } });
  await first.start(main as never, [2] as never, { id: "r" });
  await first.close();
  const other = build<{ main: Flow }>(flow("other(k) { return k + 1; }", "line.other"));
  const second = createEngine({ store, flows: { main: other.main } });
  expect(await second.get("r")).toMatchObject({ status: "stranded", stranded: { error: { code: "UNKNOWN_CODE" }, diff: expect.stringContaining("`main#Line.read()`") as string } });
  expect(await second.find({ status: "stranded" })).toMatchObject({ runs: [{ id: "r" }] });
  await second.close();
});

describe("what the reader finds is what fits", () => {
  it.each<[string, string, string, string, string, unknown]>([
    ["a method beside which others come", "read(k) { return k + 1; }", "line.read", "more() {} read(k) { return k + 2; }", "line.read", [2, 3]],
    ["a symbol's method", "[Symbol.iterator](k) { return k + 1; }", "line[Symbol.iterator]", "more() {} [Symbol.iterator](k) { return k + 2; }", "line[Symbol.iterator]", [2, 3]],
    ["a symbol's method that is static", "[Symbol.iterator](k) { return k + 1; }", "line[Symbol.iterator]", "static [Symbol.iterator](k) { return k + 1; }", "(k) => k", "UNKNOWN_CODE"],
    ["one of two computed keys of one value", '["re" + "ad"](k) { return 0; } ["rea" + "d"](k) { return k + 1; }', "line.read", 'static ["re" + "ad"](k) { return 0; } ["rea" + "d"](k) { return k + 2; }', "line.read", [2, 3]],
    ["a method that a computed getter takes the place of", '["re" + "ad"](k) { return k + 1; }', "line.read", 'read(k) { return k + 1; } get ["re" + "ad"]() { return 0; }', "(k) => k", "UNKNOWN_CODE"],
    ["a getter whose setter is another", "get read() { return 1; } set read(v) {}", 'Object.getOwnPropertyDescriptor(Line.prototype, "read").get', "set read(v) {} get read() { return 2; }", "(k) => k", [2, 2]],
    ["a getter whose setter alone is left", "get read() { return 1; } set read(v) {}", 'Object.getOwnPropertyDescriptor(Line.prototype, "read").get', "set read(v) {}", "(k) => k", "UNKNOWN_CODE"],
    ["a method that an accessor takes the place of", "read(k) { return k + 1; }", "line.read", "read(k) { return k + 1; } get read() { return 0; }", "(k) => k", "UNKNOWN_CODE"],
    ["a key that is no name", '"a %b.[0]"(k) { return k + 1; }', 'line["a %b.[0]"]', '"a %b.[0]"(k) { return k + 2; } "a"() {}', "(k) => k", [2, 3]],
    ["no key", '""(k) { return k + 1; }', 'line[""]', '" "(k) { return k + 2; }', "(k) => k", "UNKNOWN_CODE"],
    ["a number as key", "0x10(k) { return k + 1; }", "line[16]", "16(k) { return k + 2; }", "(k) => k", [2, 3]],
    ["a field of instances that is static", "read = (k) => k + 1;", "line.read", "static read = (k) => k + 1;", "(k) => k", "UNKNOWN_CODE"],
    ["a field whose value is no function", "read = (k) => k + 1;", "line.read", "read = 1;", "(k) => k", "UNKNOWN_CODE"],
    ["a field's function where the constructor takes its argument apart", "read = (k) => k + 1;", "line.read", "read = (k) => k + 1; constructor({ a } = {}) {}", "(k) => k", "UNKNOWN_CODE"],
    ["a private field's function", "#read = (k) => k + 1; take() { return this.#read; }", "line.take()", "#read = (k) => k + 2; take() { return this.#read; }", "(k) => k", [2, 3]],
    ["a frozen class's function", "static read(k) { return k + 1; } static { Object.freeze(this); }", "Line.read", "static read(k) { return k + 2; }", "(k) => k", [2, 3]],
    ["a method that was changed", "read(k) { return k + 1; }", "(Line.prototype.read = (k) => k + 5)", "", "(k) => k", "UNKNOWN_CODE"],
  ])("%s", async (_, before, held, after, now, outcome) => {
    const { frame, atoms } = await stored(flow(before, held));
    build(flow(after, now));
    expect([await goneOn(frame), misfits(atoms).length === 0]).toEqual([outcome, Array.isArray(outcome)]);
  });

  it("of a class in a class that both give functions to an instance", async () => {
    const source = (first: string, second: string): string =>
      `export const main = deflow(async function main() { class A { ${first} = () => 1; } class B extends A { ${second} = () => 2; } const held = new B(); const k = await listen("go"); return held instanceof A ? 2 + k : k; });`;
    const { frame, atoms } = await stored(source("one", "two"));
    build(source("one", "two"));
    expect([await goneOn(frame), misfits(atoms).length]).toEqual([3, 0]);
    build(source("other", "two"));
    expect([await goneOn(frame), misfits(atoms).length]).toEqual(["UNKNOWN_CODE", 1]);
  });
});

it.each([["a function in a field", "read = (k) => k;"], ["a private name", "#n = 1;"], ["a private method", "#n() {}"]])("the constructor of a class that no longer has %s does not run when an instance is read", async (_, member) => {
  const source = (members: string): string =>
    `export const main = deflow(async function main(a) { class Line { constructor(told) { told.push("made"); } ${members} } const told = []; const line = new Line(told); line.read = 0; const again = new Line(told); again.read = 0; await listen("go"); return told.concat(line instanceof Line); });`;
  const { frame, atoms } = await stored(source(member));
  build(source(""));
  expect(misfits(atoms)).toEqual([]);
  expect(await goneOn(frame)).toEqual(["made", "made", true]);
});

it("private names that the constructor of this build cannot put into an instance are told as such", async () => {
  const source = (parameter: string): string =>
    `export const main = deflow(async function main(a) { class Line { #n = 1; constructor(${parameter}) {} has(k) { return this.#n + k; } } const line = new Line({}); const k = await listen("go"); return line.has(k); });`;
  const { frame } = await stored(source("a"));
  build(source("{ a }"));
  expect(await goneOn(frame)).toBe("CAPTURES_MISFIT");
});

it("a class that has no computed keys any more goes on without them", async () => {
  const { frame, atoms } = await stored(flow('["re" + "ad"](k) { return k + 1; }', "line.read"));
  build(flow("read(k) { return k + 3; }", "line.read"));
  expect([await goneOn(frame), misfits(atoms)]).toEqual([[2, 4], []]);
});

it("a shape that was stored before members were named in it is judged without them, until the frame is read", async () => {
  const { atoms } = await stored(flow("read(k) { return k + 1; }", "line.read"));
  const older = atoms.split("\n").filter((line) => !line.startsWith("member ")).join("\n");
  const { main } = build<{ main: Flow }>(flow("read(k) { return k + 1; }", "line.read"));
  const store = memory();
  const first = createEngine({ store, flows: { main } });
  await first.start(main as never, [2] as never, { id: "r" });
  await first.close();
  const { version = 0, status = "waiting", waits = [], looked = 0, state = "" } = await store.load("r") ?? {};
  await store.commit([{ id: "r", version, now: Date.now(), status, waits, looked, state, wake: null, shape: { key: "older", flow: "main", atoms: older } }]);

  const other = build<{ main: Flow }>(flow("other(k) { return k + 1; }", "line.other"));
  expect([misfits(older).length, misfits(atoms).length]).toEqual([0, 1]);
  const errors: unknown[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (text: string) => void errors.push(text) };
  const second = createEngine({ store, flows: { main: other.main }, logger });
  expect((await second.get("r")).status).toBe("waiting");
  await second.send("r", "go", 1);
  await second.tick();
  expect(await second.get("r")).toMatchObject({ status: "stranded", stranded: { error: { code: "UNKNOWN_CODE" } } });
  await second.tick();
  expect(errors).toEqual([expect.stringContaining("main#Line.read()")]);
  await second.close();
});

it("a generator of a frozen function is named by the text of its run as well", async () => {
  const { frame, atoms } = await stored('export const main = deflow(async function main() { const each = Object.freeze(function* each() { yield 1; yield 2; }); const turns = each(); turns.next(); await listen("go"); return turns.next().value; });');
  expect(atoms).toContain("point main#each yield");
  expect(await goneOn(frame)).toBe(2);
});
