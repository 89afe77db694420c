// How a behaviour fixture is played: what the run is given, turn by turn, and what the scenario it stands for says of it.

import type { Duration } from "deflow";

/** An input, or what is refused as one. */
export type Given =
  | { readonly on: string; readonly data?: unknown; readonly permit?: string; readonly refused?: string }
  /** Time goes by. */
  | { readonly pass: Duration }
  /** For the token that was responded last. */
  | { readonly settle: unknown; readonly refused?: string };

export interface Case {
  /** The exported flow; `main` if absent. */
  readonly flow?: string;
  readonly args?: readonly unknown[];
  readonly turns?: readonly Given[];
  /** What all three must give; what is absent is only compared among them. */
  readonly value?: unknown;
  readonly error?: { readonly name?: string; readonly message?: string };
  readonly log?: readonly unknown[];
  /** Per turn, the start first. */
  readonly responses?: readonly (readonly unknown[])[];
}

export type Cases = Readonly<Record<string, Case>>;

/** What can be told of a run after a turn. */
export interface Outcome {
  readonly status: string;
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
  readonly responses: readonly unknown[];
  /** The code of the refusal, where the input was refused. */
  readonly refused?: string;
}

/** One way to run a flow. */
export interface Player {
  begin(flow: unknown, args: readonly unknown[]): Promise<Outcome>;
  give(given: Given): Promise<Outcome>;
}

/** `n` inputs for one context. */
export function inputs(on: string, ...data: readonly unknown[]): Given[] {
  return data.map((each) => ({ on, data: each }));
}
