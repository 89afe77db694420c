/// <reference types="vite/types/importMeta.d.ts" />
// Behaviour before form: each fixture flow runs three times and must show the same from turn to turn.
//
//   native     the source as it stands, evaluated with the oracle's operations
//   compiled   begin and resume; between two turns there is only the frame
//   reloaded   the same, and every commit within a turn goes on from its own text
//
// fixtures/flows/<name>/flow.ts has the flows, script.ts the cases. Names cite the scenario they stand for: R, D, A of the seed
// systems, S their regression list.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { begin, DeflowError, resume, type Flow, type Turn } from "deflow";
import { milliseconds } from "../runtime/realm/duration.ts";
import { SimulatedClock } from "../runtime/realm/clock.ts";
import * as logModule from "../fixtures/flows/log.ts";
import * as meterModule from "../fixtures/flows/meter.ts";
import { evaluate } from "./compiler/source.ts";
import { Oracle } from "./oracle.ts";
import type { Case, Cases, Given, Outcome, Player } from "./script.ts";

const flows = import.meta.glob<Record<string, unknown>>("../fixtures/flows/*/flow.ts", { eager: true });
const scripts = import.meta.glob<{ cases: Cases }>("../fixtures/flows/*/script.ts", { eager: true });

class Compiled implements Player {
  private readonly clock = new SimulatedClock(1_000_000);
  private readonly reload: boolean;
  private frame = "";
  private token = "";

  constructor(reload: boolean) {
    this.reload = reload;
  }

  async begin(flow: unknown, args: readonly unknown[]): Promise<Outcome> {
    return this.keep(await begin(flow as Flow<unknown[], unknown>, [...args], { clock: this.clock, reload: this.reload, id: "run" }));
  }

  async give(given: Given): Promise<Outcome> {
    const before = this.frame;
    try {
      return this.keep(await this.resume(given));
    } catch (error) {
      if (!(error instanceof DeflowError)) throw error;
      expect(this.frame).toBe(before);
      return { ...this.last, responses: [], refused: error.code };
    }
  }

  private async resume(given: Given): Promise<Turn<unknown>> {
    const options = { clock: this.clock, reload: this.reload };
    if ("pass" in given) {
      await this.clock.advance(milliseconds(given.pass, "pass"));
      return await resume(this.frame, { now: this.clock.now() }, options);
    }
    if ("settle" in given) return await resume(this.frame, { token: this.token, data: given.settle }, options);
    const { on, data, permit } = given;
    return await resume(this.frame, on, data, permit === undefined ? options : { ...options, permit });
  }

  private last: Outcome = { status: "", responses: [] };

  private keep(turn: Turn<unknown>): Outcome {
    this.frame = turn.frame;
    this.token = turn.responses.findLast(isToken) ?? this.token;
    const outcome: Outcome = { status: turn.status, responses: turn.responses };
    if (turn.status === "completed") return (this.last = { ...outcome, value: turn.value });
    if ("error" in turn) return (this.last = { ...outcome, error: { name: turn.error.name, message: turn.error.message } });
    return (this.last = outcome);
  }
}

const isToken = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

interface Trace {
  readonly turns: readonly Outcome[];
  readonly log: readonly unknown[];
}

async function play(player: Player, module: Record<string, unknown>, { flow = "main", args = [], turns = [] }: Case): Promise<Trace> {
  logModule.logged.length = 0;
  const outcomes = [await player.begin(module[flow], structuredClone(args))];
  for (const given of turns) outcomes.push(await player.give(given));
  const plain = outcomes.map((outcome) => ({ ...outcome, responses: outcome.responses.map((value) => (isToken(value) ? "<token>" : value)) }));
  return { turns: plain, log: [...logModule.logged] };
}

function native(file: string, oracle: Oracle): Record<string, unknown> {
  const source = readFileSync(fileURLToPath(new URL(file, import.meta.url)), "utf8");
  return evaluate(source, file, { deflow: oracle.module, "deflow/patterns": oracle.patterns, "../log.ts": logModule, "../meter.ts": meterModule });
}

for (const [file, module] of Object.entries(flows)) {
  const name = /flows\/(.*)\/flow\.ts$/.exec(file)?.[1] as string;
  const { cases } = scripts[file.replace("flow.ts", "script.ts")] as { cases: Cases };
  describe(name, () => {
    for (const [title, one] of Object.entries(cases)) {
      test(title, async () => {
        const oracle = new Oracle();
        const expected = await play(oracle, native(file, oracle), one);
        said(one, expected);
        for (const reload of [false, true]) expect(await play(new Compiled(reload), module, one), reload ? "reloaded" : "compiled").toEqual(expected);
      });
    }
  });
}

/** The oracle gives what the scenario says: else the fixture is wrong. */
function said({ value, error, log, responses, turns = [] }: Case, trace: Trace): void {
  const last = trace.turns.at(-1) as Outcome;
  if (value !== undefined) expect(last).toMatchObject({ status: "completed", value });
  if (error !== undefined) expect(last).toMatchObject({ status: "failed", error });
  if (log !== undefined) expect(trace.log).toEqual(log);
  if (responses !== undefined) expect(trace.turns.map((turn) => turn.responses)).toEqual(responses);
  expect(trace.turns.slice(1).map((turn) => turn.refused)).toEqual(turns.map((given) => ("refused" in given ? given.refused : undefined)));
}

afterAll(() => {
  for (const file of Object.keys(scripts)) expect(flows).toHaveProperty([file.replace("script.ts", "flow.ts")]);
});
