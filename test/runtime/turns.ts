// Playing a run turn by turn, in memory and by its text.

import { begin, resume, type BeginOptions, type Context, type Flow, type Turn } from "deflow";
import { SimulatedClock } from "../../runtime/realm/clock.ts";

export interface Mode extends BeginOptions {
  readonly name: string;
  readonly reload: boolean;
}

/** Between two turns there is only the frame, in both; with `reload` also between two commits of a turn. */
export const modes: readonly Mode[] = [{ name: "in memory", reload: false }, { name: "reloaded", reload: true }];

/** A run with its own clock and the frames it was committed as. */
export class Play {
  readonly clock = new SimulatedClock(1_000_000);
  readonly frames: string[] = [];
  readonly options: BeginOptions;
  last!: Turn<unknown>;

  constructor({ reload }: Mode, options: BeginOptions = {}) {
    this.options = { reload, clock: this.clock, id: "run", checkpoint: (frame) => this.frames.push(frame), ...options };
  }

  async begin<Args extends unknown[]>(flow: Flow<Args, unknown>, ...args: Args): Promise<Turn<unknown>> {
    return (this.last = await begin(flow as Flow<unknown[], unknown>, args, this.options));
  }

  async send(context: string | Context<unknown>, data?: unknown, permit?: string): Promise<Turn<unknown>> {
    const { id: _, ...options } = this.options;
    return (this.last = await resume(this.last.frame, context as string, data, permit === undefined ? options : { ...options, permit }));
  }

  async pass(milliseconds: number): Promise<Turn<unknown>> {
    await this.clock.advance(milliseconds);
    return (this.last = await resume(this.last.frame, { now: this.clock.now() }, this.options));
  }

  async cancel(reason: string): Promise<Turn<unknown>> {
    return (this.last = await resume(this.last.frame, { cancel: reason }, this.options));
  }

  async settle(token: string, data: unknown): Promise<Turn<unknown>> {
    return (this.last = await resume(this.last.frame, { token, data }, this.options));
  }

  /** The stored record. */
  get record(): Record<string, never> & { strands: Record<string, unknown>[]; ops: Record<string, unknown>[] } {
    return JSON.parse(this.last.frame) as never;
  }
}
