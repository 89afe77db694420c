// New code under old frames, by fixture: fixtures/edits has two versions of a flow in each folder. The second is compiled with the
// lock of the first. Where it fits, a frame that the first stored is resumed by the second: its trace is what the first had told, and
// then what the second tells from there on. fixtures/edits/README.md says how a case is written; UPDATE=1 writes what the build says.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { typesOf } from "../cli/project.ts";
import { retypedSlots } from "../cli/retyped.ts";
import { compile, type Compiled, type CompileOptions } from "../compiler/index.ts";
import { compareFlows, isSafe } from "../compiler/lock/compare.ts";
import { begin, type Flow, resume } from "../runtime/index.ts";
import * as deflow from "../runtime/index.ts";
import * as internal from "../runtime/internal.ts";
import { shared } from "../runtime/realm/shared.ts";
import { noParts } from "../runtime/record/frame.ts";
import { loaded } from "../runtime/versions/build.ts";
import { judgeRun } from "../runtime/versions/frozen.ts";
import { shapeOfText } from "../runtime/versions/text.ts";
import { evaluate } from "./compiler/source.ts";

const folder = fileURLToPath(new URL("../fixtures/edits/", import.meta.url));
const cases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);

interface Input {
  readonly context: string;
  readonly data: unknown;
}

/** `// given p=1 | q=2`: what comes before the frame is taken, and after it. */
interface Given {
  readonly before: readonly Input[];
  readonly after: readonly Input[];
}

function givenIn(text: string): Given | undefined {
  const line = /^\/\/ given (.*)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  const [before = [], after = []] = line.split("|").map((part) => part.trim().split(" ").filter(Boolean).map((input): Input => {
    const [context = "", data = "null"] = input.split("=");
    return { context, data: JSON.parse(data) as unknown };
  }));
  return { before, after };
}

function built(text: string, options: Partial<CompileOptions> = {}): Compiled {
  const compiled = compile(text, { fileName: "flow.js", ...options });
  if (!compiled) throw new Error("no flow");
  return compiled;
}

class Build {
  readonly told: string[] = [];
  readonly #code: string;

  constructor({ code }: Compiled) {
    this.#code = code;
  }

  /** Makes it the build that is loaded. */
  load(): Flow<[number], unknown> {
    shared.flows.clear();
    shared.strands.clear();
    shared.codes.clear();
    shared.classCodes.clear();
    const trace = (...values: unknown[]): void => void this.told.push(JSON.stringify(values));
    const exported = evaluate(this.#code, "flow.js", { deflow, "deflow/internal": internal, "./trace.js": { trace } });
    return Object.values(exported).at(-1) as Flow<[number], unknown>;
  }

  /** The trace from here on. */
  takeTold(): string[] {
    return this.told.splice(0);
  }
}

type Step = Awaited<ReturnType<typeof begin>>;

async function given(state: Step, inputs: readonly Input[]): Promise<Step> {
  let at = state;
  for (const { context, data } of inputs) at = await resume(frameOf(at), context, data);
  return at;
}

function frameOf(state: Step): string {
  if (!("frame" in state) || typeof state.frame !== "string") throw new Error(`the run is ${JSON.stringify(state)}`);
  return state.frame;
}

const outcome = (state: Step): unknown => ("value" in state ? state.value : state.status);

/** By what its frame names of the code, as an engine and `deflow check --store` judge it. */
function isJudgedFit(state: Step): boolean {
  const shape = shapeOfText("f", frameOf(state), noParts, "frame");
  return judgeRun(shape?.atoms ?? "", loaded).misfits.length === 0;
}

/** Each diagnostic in short: `DF403 f listen:p needs limit`. */
function said({ diagnostics }: Compiled): string[] {
  return diagnostics.map(({ code, message }) => {
    const names = [...message.split("\n")[0]?.matchAll(/`([^`]*)`/g) ?? []].map(([, name = ""]) => name.replace(/@\w{5}$/, ""));
    const of = code !== "DF403" ? names.slice(0, code === "DF401" ? undefined : 1) : [names[0], "needs", ...new Set(names.slice(1).filter((name) => message.includes(`needs \`${name}\``) || message.includes(`, \`${name}\``)))];
    return [code, ...of].join(" ");
  });
}

/** Of a file whose types stand in comments, as `deflow lock` asks for them. */
function typesIn(path: string): (offset: number) => string {
  const program = ts.createProgram([path], { allowJs: true, checkJs: true, strict: true, noEmit: true, types: [] });
  return typesOf(program.getSourceFile(path) as ts.SourceFile, program);
}

test("there are many cases", () => {
  expect(cases.length).toBeGreaterThanOrEqual(60);
});

describe.each(cases)("%s", (name) => {
  const [before, after] = ["before", "after"].map((file) => readFileSync(`${folder}${name}/${file}.js`, "utf8")) as [string, string];
  const expected = (/^(?:\/\/ .*\n)+/.exec(after)?.[0] ?? "").split("\n").map((line) => line.slice(3)).filter((line) => line !== "" && !/^(?:given|back:) /.test(line));
  const isTyped = before.includes("@type");
  const inputs = givenIn(before) as Given;
  const own = givenIn(after) ?? inputs;
  const back = /^\/\/ back: (\w+)$/m.exec(after)?.[1];
  const old = built(before);
  const released = old.shapes();
  const retyped = (): string[] => retypedSlots(old.shapes(typesIn(`${folder}${name}/before.js`)), built(after, { released, dev: true }).shapes(typesIn(`${folder}${name}/after.js`)))
    .map(({ key, slot }) => `retyped ${key} ${slot}`);

  if (expected[0] === "fits") {
    test("a stored run goes on with the new code", async () => {
      const edited = built(after, { released, fileName: "moved.js" });
      expect(["fits", ...said(edited), ...(isTyped ? retyped() : [])]).toEqual(expected);
      const first = new Build(old);
      const stored = await given(await begin(first.load(), [5]), inputs.before);

      const second = new Build(edited);
      second.load();
      expect(isJudgedFit(stored)).toBe(true);
      const ended = await given(await resumed(stored, inputs.after[0] as Input), inputs.after.slice(1));
      const suffix = second.takeTold();

      const fresh = await given(await begin(second.load(), [5]), own.before);
      second.takeTold();
      const whole = await given(fresh, own.after);
      expect(suffix).toEqual(second.takeTold());
      expect(outcome(ended)).toEqual(outcome(whole));
    });
  } else {
    test(`the build says ${expected.join(", ")}`, () => {
      const compiled = built(after, { released });
      const gone = Object.keys(released).filter((flow) => !(flow in built(after, { released, dev: true }).shapes())).map((flow) => `flow ${flow} is gone`);
      const found = [...said(compiled), ...gone, ...(isTyped ? retyped() : [])];
      if (process.env["UPDATE"]) writeFileSync(`${folder}${name}/after.js`, after.replace(/^(?:\/\/ .*\n)+/, (head) => [...found, ...head.trim().split("\n").map((line) => line.slice(3)).filter((line) => !expected.includes(line))].map((line) => `// ${line}\n`).join("")));
      expect(found).toEqual(expected);
    });

    test("a stored run is refused by name, unless it is none of those", async () => {
      const edited = built(after, { released, dev: true });
      const stored = await given(await begin(new Build(old).load(), [5]), inputs.before);
      const second = new Build(edited);
      second.load();
      const fits = isJudgedFit(stored);
      const went = await resumed(stored, inputs.after[0] as Input).then(() => true, (error: unknown) => {
        expect(deflow.isDeflowError(error), String(error)).toBe(true);
        return false;
      });
      expect(went).toBe(fits);
      const { strands } = JSON.parse(frameOf(stored)) as { strands: { flow?: string; code?: string; point: string }[] };
      const told = said(edited).flatMap((text) => text.split(/(?= f[ #])/).map((part) => part.replace(/^\S*DF\d+ | needs.*/g, "").trim()));
      if (went) for (const { flow, code, point } of strands) expect(told).not.toContain(`${flow ?? code} ${point}`);
      else expect(second.told).toEqual([]);
    });
  }

  if (back !== undefined)
    test(`the other way round it ${back === "fits" ? "fits" : "does not fit"}`, () => {
      const rows = Object.entries(built(after, { released }).shapes()).flatMap(([flow, shape]) => compareFlows(shape, released[flow] as typeof shape, new Set()));
      expect(rows.every(isSafe)).toBe(back === "fits");
    });
});

async function resumed(stored: Step, { context, data }: Input): Promise<Step> {
  return await resume(frameOf(stored), context, data);
}
