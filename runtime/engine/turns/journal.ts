// What a turn has to tell besides the run itself, until a commit holds it: log lines, history, steps for those who watch.
//
//   said, noted ──► lines() ──► in the parts of the next commit ──► stored() ──► observers
//                                             └─ refused, failed: still there for the next; gone with the turn
//
// A turn that was lost to another takes its journal with it: nothing of it is kept.

import type { Clock } from "../../realm/clock.ts";
import { errorInfo } from "../../record/error-info.ts";
import type { Input } from "../../run/input.ts";
import type { Snapshot, StepCall, Wait } from "../../record/snapshot.ts";
import type { LiveRun, LogEntry } from "../../run/step.ts";
import { errorText, type Fact, factsOf, type Happening, lineOf, refusedFact, type StepStage } from "../telling/history.ts";
import { addLines, type Bounds } from "../telling/lines.ts";
import { isAtLeast } from "../telling/logs.ts";
import { keptOf, type Told } from "../telling/log-text.ts";
import type { LogSettings } from "../options.ts";
import type { Observers } from "../telling/observers.ts";
import { historyParts, kept, logParts, type Parts } from "./parts.ts";
import type { Refused } from "./record.ts";

interface JournalSettings {
  readonly logs: LogSettings | undefined;
  readonly history: Bounds | undefined;
}

/** What happened in a commit, besides what was noted. */
interface Outcome {
  readonly snapshot: Snapshot;
  /** Responses of the turn that earlier commits hold. */
  readonly responded: number;
  readonly late: readonly Refused[];
}

/** `thrown` is told to those who watch, and no part of the line. */
type Noted = Happening & { readonly thrown?: unknown };

export class Journal {
  readonly #settings: JournalSettings;
  readonly #clock: Clock;
  readonly #observers: Observers;
  #lines: string[] = [];
  #noted: Noted[] = [];
  /** What the change holds that is being made. */
  #taken: { lines: number; readonly noted: number; readonly happened: readonly Noted[]; readonly begun: ReadonlySet<string> } | undefined;
  /** Attempts under way that a commit began. */
  #begun: ReadonlySet<string> = none;
  #tx: StepCall | undefined;

  constructor(settings: JournalSettings, clock: Clock, observers: Observers) {
    this.#settings = settings;
    this.#clock = clock;
    this.#observers = observers;
  }

  log({ level, step, attempt }: Pick<LogEntry, "level" | "step" | "attempt">, told: Told, console?: true): void {
    const { logs } = this.#settings;
    if (logs === undefined || !isAtLeast(level, logs.level)) return;
    const name = step === undefined ? {} : { step: step.slice(0, 200), attempt };
    this.#lines.push(JSON.stringify({ at: this.#clock.now(), level, ...keptOf(told), ...name, ...(console ? { console } : {}) }));
    // A turn may say more than is kept.
    if (this.#lines.length <= logs.keep) return;
    this.#lines.shift();
    if (this.#taken !== undefined && this.#taken.lines > 0) this.#taken.lines--;
  }

  note(...facts: readonly (Fact & { readonly thrown?: unknown })[]): void {
    if (!this.#isHeard) return;
    const at = this.#clock.now();
    this.#noted.push(...facts.map((fact) => ({ at, ...fact })));
  }

  /** The run took it; `waits` are those of the commit before. */
  took(input: Input, waits: readonly Wait[], eventId?: string | null): void {
    if (this.#isHeard) this.note(...factsOf(input, waits, eventId));
  }

  refused(entry: Refused): void {
    this.note(refusedFact(entry));
  }

  /** The run was given what an attempt came to. */
  ended(run: LiveRun, call: StepCall, result: Input): void {
    if (!this.#isHeard) return;
    this.#tx = undefined;
    if (!("error" in result)) return this.note(stepFact("ended", call));
    const by = run.operations.get(call.operation)?.by;
    const retryAt = by?.kind === "step" ? by.at : undefined;
    if (call.tx) this.note(stepFact("begun", call));
    this.note({ ...stepFact("failed", call), error: errorText(result.error), thrown: result.error, ...(retryAt === undefined ? {} : { retryAt }) });
  }

  /** Attempts that another process may have made are not known to have ended. */
  cutOff(calls: readonly StepCall[]): void {
    for (const call of calls) if (isBegun(call)) this.note(stepFact("cut off", call));
  }

  /** In the transaction of a step, which ends with the commit that is made from it. */
  inTransaction(call: StepCall | undefined): void {
    this.#tx = call;
  }

  /** The parts of logs and history after the commit that is made as `version`. */
  lines(before: Parts, version: number, outcome: Outcome | readonly Fact[]): Parts {
    this.#taken = undefined;
    // Most turns say nothing.
    if (!this.#isHeard && this.#lines.length === 0 && this.#noted.length === 0 && before.size === 0) return before;
    const at = this.#clock.now();
    const facts = !this.#isHeard ? [] : "snapshot" in outcome ? this.#outcome(outcome) : outcome;
    const happened: readonly Noted[] = [...this.#noted, ...facts.map((fact) => ({ at, ...fact }))];
    const begun = this.#isHeard && "snapshot" in outcome ? new Set(outcome.snapshot.steps.filter(isBegun).map(attemptOf)) : this.#begun;
    this.#taken = { lines: this.#lines.length, noted: this.#noted.length, happened, begun };
    const { logs, history } = this.#settings;
    const logged = this.#lines.length === 0 || logs === undefined ? kept(before, logParts) : addLines(before, logParts, this.#lines, logs);
    if (history === undefined || happened.length === 0) return new Map([...logged, ...kept(before, historyParts)]);
    const lines = happened.map(({ thrown: _, ...happening }) => lineOf(happening as Happening, version));
    return new Map([...logged, ...addLines(before, historyParts, lines, history)]);
  }

  /** The commit was applied. */
  stored(runId: string, flow: string): void {
    if (this.#taken === undefined) return;
    const { lines, noted, happened, begun } = this.#taken;
    this.#taken = undefined;
    this.#begun = begun;
    this.#tx = undefined;
    this.#lines.splice(0, lines);
    this.#noted.splice(0, noted);
    for (const one of happened) {
      if (one.what !== "step") continue;
      const { name, key, attempt, stage, at, retryAt, thrown } = one;
      this.#observers.tell("step", () => ({
        runId, flow, name, key, attempt, stage, at: new Date(at),
        ...(stage === "failed" ? { error: errorInfo(thrown) } : {}), ...(retryAt === undefined ? {} : { retryAt: new Date(retryAt) }),
      }));
    }
  }

  get #isHeard(): boolean {
    return this.#settings.history !== undefined || this.#observers.hears("step");
  }

  #outcome({ snapshot, responded, late }: Outcome): readonly Fact[] {
    const { steps, responses, ended, status, error } = snapshot;
    const begun = steps.filter((call) => isBegun(call) && !this.#begun.has(attemptOf(call)));
    const count = responses.length - responded;
    return [
      ...(this.#tx === undefined ? [] : [stepFact("begun", this.#tx), stepFact("ended", this.#tx)]),
      ...(count > 0 ? [{ what: "responded", count } as const] : []),
      ...begun.map((call) => stepFact("begun", call)),
      ...late.map(refusedFact),
      ...(ended ? [{ what: "ended", status, ...(status === "completed" ? {} : { error: errorText(error) }) } as const] : []),
    ];
  }
}

const none: ReadonlySet<string> = new Set();

/** By the commit that holds it. */
function isBegun({ held, tx }: StepCall): boolean {
  return !held && !tx;
}

function attemptOf({ key, attempt }: StepCall): string {
  return `${key}:${attempt}`;
}

function stepFact(stage: StepStage, { name, key, attempt }: StepCall): Extract<Fact, { what: "step" }> {
  return { what: "step", stage, name, key, attempt };
}

/** One for each turn of an engine, by its run: read back from its text, a run goes on as another copy. */
export class Journals {
  readonly #make: () => Journal;

  constructor(settings: JournalSettings, clock: Clock, observers: Observers) {
    this.#make = () => new Journal(settings, clock, observers);
  }

  of(run: LiveRun): Journal {
    return (run.journal ??= this.#make()) as Journal;
  }

  goesOn(copy: LiveRun, journal: Journal): void {
    copy.journal = journal;
  }

  /** Of what no turn does. */
  none(): Journal {
    return this.#make();
  }

  /** The lines of a run after a commit that no turn made. */
  noted(before: Parts, version: number, ...facts: readonly Fact[]): Parts {
    return this.#make().lines(before, version, facts);
  }
}
