// The plain model of the simulation's flows: each once more as a generator that says what it waits for, and the smallest
// machine that plays it. No store, no frames, no engine: input by input, in the order in which the store took them.

type Wait =
  | { readonly listen: string; readonly timeout?: number; readonly default?: unknown }
  | { readonly sleep: number }
  | { readonly callback: number }
  | { readonly child: true }
  | { readonly step: string; readonly args: readonly unknown[] };

interface Command {
  readonly kind: "one" | "all" | "race";
  readonly waits: readonly Wait[];
}

type Play = Generator<Command, unknown, never>;

export type Input =
  | { readonly event: string; readonly data: unknown }
  | { readonly settle: unknown }
  | { readonly result: unknown }
  | { readonly failure: unknown }
  | { readonly fire: true }
  | { readonly cancel: true };

/** What the model cannot know: what became of a step, by its name and arguments. */
export type Outcomes = (name: string, args: readonly unknown[]) => { readonly value: unknown } | { readonly error: Error };

export interface PlannedStep {
  readonly name: string;
  readonly args: readonly unknown[];
  done: boolean;
}

interface Open {
  readonly wait: Wait;
  readonly deadline: number;
  readonly step: PlannedStep | undefined;
  outcome: { readonly value: unknown } | { readonly error: unknown } | undefined;
}

export class Cancelled extends Error {}
class TimeoutError extends Error {
  override name = "TimeoutError";
}

export class ModelRun {
  readonly steps: PlannedStep[] = [];
  responses: unknown[] = [];
  ended: { readonly value: unknown } | { readonly error: unknown } | undefined;
  readonly #play: Play;
  readonly #outcomes: Outcomes;
  readonly #undo: string[] = [];
  #open: Open[] = [];
  #kind: Command["kind"] = "one";

  constructor(flow: string, args: readonly unknown[], now: number, outcomes: Outcomes) {
    this.#outcomes = outcomes;
    this.#play = undoing(plays[flow]?.(args as never, { respond: (...values) => void this.responses.push(...values), undo: this.#undo }) as Play, this.#undo);
    this.#resume(() => this.#play.next(), now);
  }

  /** The contexts it listens for. */
  get contexts(): string[] {
    return this.#open.flatMap(({ wait, outcome }) => ("listen" in wait && !outcome ? [wait.listen] : []));
  }

  get stepsOpen(): number {
    return this.#open.filter(({ step, outcome }) => step && !outcome).length;
  }

  isDue(now: number): boolean {
    return this.#open.some(({ deadline, outcome }) => !outcome && deadline <= now);
  }

  /** A turn begins with this. Throws if nobody waits for it. */
  give(input: Input, now: number): void {
    this.responses = [];
    if (this.ended) throw new Error("the model has ended already");
    if ("cancel" in input) return this.#resume(() => this.#play.throw(new Cancelled()), now);
    if ("fire" in input) return this.#fire(now);
    const open = this.#open.find(({ wait, outcome }) => !outcome && (("event" in input && "listen" in wait && wait.listen === input.event)
      || ("settle" in input && "callback" in wait) || (("result" in input || "failure" in input) && "child" in wait)));
    if (!open) throw new Error("nobody waits for it in the model");
    if ("failure" in input) this.#settle(open, { error: input.failure }, now);
    else this.#settle(open, { value: "event" in input ? input.data : "settle" in input ? input.settle : input.result }, now);
  }

  /** One of the steps under way has ended, by its place among them. */
  stepEnds(place: number, now: number): void {
    const open = this.#open.filter(({ step, outcome }) => step && !outcome)[place];
    if (!open?.step) throw new Error("no step is under way in the model");
    open.step.done = true;
    this.#settle(open, this.#outcomes(open.step.name, open.step.args), now);
  }

  #fire(now: number): void {
    const due = this.#open.filter(({ deadline, outcome }) => !outcome && deadline <= now).toSorted((a, b) => a.deadline - b.deadline);
    if (due.length === 0) throw new Error("a timer fired early");
    for (const open of due) {
      const { wait } = open;
      if (!this.#open.includes(open)) continue;
      if ("listen" in wait) this.#settle(open, { value: wait.default }, now);
      else this.#settle(open, "sleep" in wait ? { value: undefined } : { error: new TimeoutError() }, now);
    }
  }

  #settle(open: Open, outcome: NonNullable<Open["outcome"]>, now: number): void {
    open.outcome = outcome;
    const all = this.#open;
    if (this.#kind === "all" && !("error" in outcome)) {
      if (all.every((one) => one.outcome)) this.#resume(() => this.#play.next(all.map((one) => (one.outcome as { value: unknown }).value) as never), now);
      return;
    }
    this.#resume(() => ("error" in outcome ? this.#play.throw(outcome.error) : this.#play.next(outcome.value as never)), now);
  }

  #resume(go: () => IteratorResult<Command, unknown>, now: number): void {
    this.#open = [];
    try {
      const { done, value } = go();
      if (done) this.ended = { value };
      else this.#wait(value as Command, now);
    } catch (error) {
      this.ended = { error };
    }
  }

  #wait({ kind, waits }: Command, now: number): void {
    this.#kind = kind;
    this.#open = waits.map((wait) => {
      const step = "step" in wait ? { name: wait.step, args: wait.args, done: false } : undefined;
      if (step) this.steps.push(step);
      const time = "sleep" in wait ? wait.sleep : "callback" in wait ? wait.callback : "listen" in wait ? wait.timeout : undefined;
      return { wait, deadline: time === undefined ? Infinity : now + time, step, outcome: undefined };
    });
  }
}

/** What was done is undone when the flow throws. */
function* undoing(play: Play, undo: readonly string[]): Play {
  try {
    return yield* play;
  } catch (error) {
    for (const name of undo.toReversed()) yield one({ step: name, args: [] });
    throw error;
  }
}

const one = (wait: Wait): Command => ({ kind: "one", waits: [wait] });
const step = (name: string, ...args: unknown[]): Wait => ({ step: name, args });
const word: Wait = { listen: "word" };

interface Hands {
  readonly respond: (...values: unknown[]) => void;
  readonly undo: string[];
}

const plays: Record<string, (args: never, hands: Hands) => Play> = {
  *collect([words]: [number], { respond }): Play {
    const seen: unknown[] = [];
    for (let n = 0; n < words; n++) {
      const said: unknown = yield one(word);
      respond(said);
      seen.push(said, yield one(step("note", said)));
    }
    return seen;
  },
  *remind([times]: [number], { respond }): Play {
    const seen: unknown[] = [];
    for (let n = 0; n < times; n++) {
      const said: unknown = yield one({ listen: "word", timeout: 700, default: null });
      respond(n, said);
      seen.push(said);
      if (said === null) seen.push(yield one(step("mail", n)));
    }
    yield one({ sleep: 300 });
    return seen;
  },
  *both([failures]: [number]): Play {
    const seen: unknown[] = [];
    for (let n = 0; n < 2; n++) seen.push(...((yield { kind: "all", waits: [step("work", n, failures), word] }) as unknown[]));
    return seen;
  },
  *racing(): Play {
    const seen: unknown[] = [];
    for (let n = 0; n < 3; n++) seen.push(yield { kind: "race", waits: [word, { listen: "other" }, { sleep: 900 }] });
    seen.push(yield one({ listen: "other" }));
    return seen;
  },
  *calling(_args: [], { respond }): Play {
    const seen: unknown[] = [];
    respond("token");
    try {
      seen.push(yield one({ callback: 4000 }));
    } catch (error) {
      if (error instanceof Cancelled) seen.push("CancelledError");
      else seen.push((error as Error).name);
    }
    seen.push(yield one(step("reply", seen.length)));
    return seen;
  },
  *parent([children]: [number]): Play {
    const seen: unknown[] = [];
    for (let n = 0; n < children; n++) yield one(step("start:collect"));
    for (let n = 0; n < children; n++) {
      try {
        seen.push(yield one({ child: true }));
      } catch (error) {
        if (error instanceof Cancelled) seen.push("CancelledError");
        else seen.push((error as Error).name);
      }
    }
    return seen;
  },
  *careful(_args: [], { undo }): Play {
    const seen: unknown[] = [];
    seen.push(yield one(step("book")));
    undo.push("unbook");
    try {
      seen.push(yield one(word));
    } finally {
      seen.push(yield one(step("clean")));
    }
    yield one({ sleep: 500 });
    return seen;
  },
  *fan([width]: [number]): Play {
    const seen: unknown[] = [yield one(word)];
    seen.push(...((yield { kind: "all", waits: Array.from({ length: width }, (_, n) => step("fan", n)) }) as unknown[]));
    seen.push(yield one(word));
    return seen;
  },
  *fragile(): Play {
    const seen: unknown[] = [yield one(word)];
    seen.push(yield one(step("fragile", seen.length)));
    seen.push(yield one(word));
    return seen;
  },
};
