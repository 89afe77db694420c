// The host's side of one run: trace, fuel, and the stops that wait for an answer. It lives outside the run, so a run
// that is stored, dropped and decoded in another realm goes on writing to the same trace.

import type { Result, Run } from "./backend.ts";
import { types } from "node:util";
import { print } from "./print.ts";

// No corpus program comes near these; they end a miscompiled loop that still traces.
const maxTrace = 5000;
const maxStops = 2000;
/** How often a program may ask before FUEL() answers true. */
export const fuelPerRun = 150;

/** Codes by which the runtime says that it does not do something; any other coded error in a program is a wrong result. */
export const refusals: ReadonlySet<string> = new Set([
  "NOT_SERIALIZABLE", "TOO_LARGE", "HELD_BY_ORDINARY_CODE",
  // A method of a class is ordinary code: after its first await it is in no run.
  "NOT_IN_RUN",
]);

/** All that a host knows of a run, as plain data. */
export interface Noted {
  readonly trace: readonly string[];
  readonly outcome?: string | undefined;
  readonly fuel: number;
  readonly refusal?: Refused | undefined;
}

type Refused = Extract<Run, { kind: "refused" }>;

export class Host {
  readonly trace: string[];
  outcome: string | undefined;
  stops = 0;
  private fuel: number;
  private closed = false;

  /** Set when the program met a coded error of the runtime: it is refused, whatever it made of the error. */
  refusal: Refused | undefined;

  constructor({ trace, outcome, fuel, refusal }: Noted = { trace: [], fuel: fuelPerRun }) {
    this.trace = [...trace];
    this.outcome = outcome;
    this.fuel = fuel;
    this.refusal = refusal;
  }

  get noted(): Noted {
    const { trace, outcome, fuel, refusal } = this;
    return { trace, outcome, fuel, refusal };
  }

  readonly T = (value: unknown): unknown => {
    this.note(value);
    this.write(print(value));
    return value;
  };

  readonly FUEL = (): boolean => this.fuel-- <= 0;

  /** Line that is no value of the program, such as an unhandled rejection. */
  write(line: string): void {
    if (!this.closed && this.trace.length < maxTrace) this.trace.push(line);
  }

  settle(kind: "returns" | "throws", value: unknown): void {
    this.note(value);
    this.outcome ??= `${kind} ${print(value)}`;
  }

  private note(value: unknown, depth = 0): void {
    if (Array.isArray(value) && depth < 3) for (const part of value) this.note(part, depth + 1);
    if (!types.isNativeError(value) || !("code" in value) || !("docs" in value)) return;
    if (!refusals.has(String(value.code))) return;
    this.refusal ??= { kind: "refused", code: String(value.code), message: value.message };
  }

  /** Counts one answered stop; false when the run must be given up. */
  countStop(): boolean {
    return ++this.stops <= maxStops && this.trace.length < maxTrace;
  }

  /** After this, what left-over strands still do is not part of the result. */
  close(): Result {
    this.closed = true;
    return { trace: this.trace, outcome: this.outcome ?? "stuck" };
  }
}
