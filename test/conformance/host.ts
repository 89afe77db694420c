// The host's side of one run: trace, fuel, and the stops that wait for an answer. It lives outside the run, so a run
// that is stored, dropped and decoded in another realm goes on writing to the same trace.

import type { Result, Run } from "./backend.ts";
import { print } from "./print.ts";

// No corpus program comes near these; they end a miscompiled loop that still traces.
const maxTrace = 5000;
const maxStops = 2000;
/** How often a program may ask before FUEL() answers true. */
const fuelPerRun = 150;

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

  /** Set when the program met an error by which the runtime refuses something. */
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
    this.write(print(value));
    return value;
  };

  readonly FUEL = (): boolean => this.fuel-- <= 0;

  /** Line that is no value of the program, such as an unhandled rejection. */
  write(line: string): void {
    if (!this.closed && this.trace.length < maxTrace) this.trace.push(line);
  }

  settle(kind: "returns" | "throws", value: unknown): void {
    this.outcome ??= `${kind} ${print(value)}`;
  }

  refuse(code: string, message: string): void {
    if (!this.closed) this.refusal ??= { kind: "refused", code, message, traced: [...this.trace] };
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
