// Plays what the store took into the plain model, commit by commit, and says where the two differ. At each commit that leaves
// no step under way the model must wait for the same contexts, with the same responses, or have come to the same end.

import { isDeepStrictEqual } from "node:util";
import type { Core } from "../../../runtime/engine/core.ts";
import { read } from "../../../runtime/engine/turns/messages.ts";
import { readState, type RunState } from "../../../runtime/engine/turns/record.ts";
import { endedStatuses, type Message } from "../../../runtime/store.ts";
import type { Applied } from "./history.ts";
import { Cancelled, type Input, ModelRun, type Outcomes } from "./model.ts";

/** What clients sent, by event id. */
export interface Sent {
  readonly context?: string;
  readonly data: unknown;
}

type Played = Input | "start" | { readonly stepEnds: number };

/** The applied changes of one run, told in words where they break a law. */
export class Judged {
  readonly id: string;
  readonly flow: string;
  readonly args: readonly unknown[];
  model: ModelRun | undefined;
  state: RunState | undefined;
  status = "none";
  /** Event ids that the run took, and those it gave back when its turn failed. */
  readonly taken = new Set<string>();
  readonly refused = new Set<string>();
  readonly #core: Core;
  readonly #sent: ReadonlyMap<string, Sent>;
  /** Runs that somebody wants cancelled. */
  readonly #cancels: ReadonlySet<string>;
  readonly #outcomes: Outcomes;
  #version = 0;
  /** What the model was given since the start, to play it anew after a turn that was undone. */
  #log: (readonly [input: Played, now: number])[] = [];
  #cancelled = false;
  /** The run's story, for who looks into a seed. */
  readonly story: (() => string)[] = [];

  constructor(core: Core, id: string, flow: string, args: readonly unknown[], sent: ReadonlyMap<string, Sent>, cancels: ReadonlySet<string>, outcomes: Outcomes) {
    this.#core = core;
    this.id = id;
    this.flow = flow;
    this.args = args;
    this.#sent = sent;
    this.#cancels = cancels;
    this.#outcomes = outcomes;
  }

  take({ change, version, consumed }: Applied): void {
    if (version !== this.#version + 1) this.#wrong(`version ${version} follows ${this.#version}`);
    this.#version = version;
    const before = this.state;
    const was = this.status;
    const state = readState(this.#core, { state: change.state });
    this.state = state;
    this.status = change.status;
    this.story.push(() => told(version, change, state, consumed));
    for (const { eventId } of state.refused ?? []) if (eventId !== null) this.refused.add(eventId);
    if (endedStatuses.includes(was as never)) {
      if (was === "failed" && !endedStatuses.includes(change.status)) this.#playAnew();
      else if (change.status !== was) this.#wrong(`it is ${change.status} after it was ${was}`);
      return;
    }
    if (change.status === "killed" || (change.status === "cancelled" && this.model === undefined)) return;
    if (change.status === "failed") return this.#fails(state);
    if (state.fresh) return;
    if (this.model === undefined) this.#do("start", change.now);
    else this.#turn(before, state, change.frame ?? "", change.eventId, change.now, consumed.filter(({ kind }) => kind !== "subscribe"));
    const steps = stepsOf(state);
    // The model's are open in the same order; those that it had withdrawn have no end in it.
    const open = stepsOf(before);
    for (const operation of open.filter((one) => !steps.includes(one))) {
      if ((this.model as ModelRun | undefined)?.stepsOpen) this.#do({ stepEnds: open.indexOf(operation) }, change.now);
      open.splice(open.indexOf(operation), 1);
    }
    if (steps.length === 0) this.#compare(change.status, state, change.waits);
  }

  #turn(before: RunState | undefined, state: RunState, frame: string, eventId: string | undefined, now: number, consumed: readonly Message[]): void {
    const turns = state.turn - (before?.turn ?? 0);
    const inputs = consumed.filter(({ kind, eventId: id }) => !(id !== null && this.refused.has(id)) && !(kind === "cancel" && this.#cancelled));
    if (turns === 0) {
      if (eventId !== undefined || (inputs.length > 0 && !endedStatuses.includes(this.status as never))) this.#wrong("input was used up by no turn");
      return;
    }
    if (turns !== 1) this.#wrong(`${turns} turns in one commit`);
    const message = inputs[0];
    // The end of a child may come as the run ends by a cancellation that it caught.
    const late = message?.kind === "result" && this.#cancels.has(this.id) && JSON.stringify(state.value)?.includes("CancelledError") === true;
    if (late && !this.#cancelled) return this.#give({ cancel: true }, now, null);
    if (message) return this.#give(this.#letter(message), now, message.eventId);
    if (eventId !== undefined) {
      const sent = this.#sent.get(eventId) ?? this.#wrong(`nobody sent ${eventId}`);
      return this.#give(sent.context === undefined ? { settle: sent.data } : { event: sent.context, data: sent.data }, now, eventId);
    }
    const again = before?.retry;
    if (again) return this.#give("token" in again ? { settle: again.data } : { event: again.context, data: again.data }, now, before.event ?? null);
    if (!this.#cancelled && (frame.includes('"cancelled"') || this.status === "cancelled")) return this.#give({ cancel: true }, now, null);
    // A backoff's end, or the model has a timer too.
    if (before?.waits.some(({ kind, at }) => kind === "step" && at !== undefined && at <= now)) return void (this.model as ModelRun).responses.splice(0);
    // A flow that caught it ends as any other.
    const caught = !this.#cancelled && this.#cancels.has(this.id) && !(this.model as ModelRun).isDue(now);
    this.#give(caught ? { cancel: true } : { fire: true }, now, null);
  }

  #letter(message: Message): Input {
    const letter = read(this.#core, message);
    switch (letter.kind) {
      case "event": return { event: letter.context, data: letter.data };
      case "settle": return { settle: letter.data };
      case "result": return "error" in letter ? { failure: letter.error } : { result: letter.value };
      case "cancel": return { cancel: true };
      case "subscribe":
      case "perform":
      case "children": return this.#wrong(`a message of the kind ${letter.kind} moved it`);
    }
  }

  #give(given: Input, now: number, eventId: string | null): void {
    if (eventId !== null) {
      if (this.taken.has(eventId)) this.#wrong(`it took ${eventId} twice`);
      this.taken.add(eventId);
    }
    if ("cancel" in given) this.#cancelled = true;
    this.#do(given, now);
  }

  #do(what: Played, now: number): void {
    this.#log.push([what, now]);
    try {
      this.#play(what, now);
    } catch (error) {
      this.#wrong(`${JSON.stringify(what)}: ${(error as Error).message}`);
    }
  }

  #play(what: Played, now: number): void {
    if (what === "start") this.model = new ModelRun(this.flow, this.args, now, this.#outcomes);
    else if ("stepEnds" in what) this.model?.stepEnds(what.stepEnds, now);
    else this.model?.give(what, now);
  }

  /** By itself, as the model says it may, or for want of its processes. The last commit's state stays for `retry`. */
  #fails(state: RunState): void {
    const { code, message } = (state.error ?? {}) as { code?: string; message?: string };
    if (code === "TURN_CRASHED" || message?.startsWith("broken")) return;
    this.#wrong(`it failed: ${String(message)}`);
  }

  #playAnew(): void {
    const steps = this.model?.steps ?? [];
    this.model = undefined;
    for (const [what, now] of this.#log) this.#play(what, now);
    for (const [at, step] of (this.model as ModelRun | undefined)?.steps.entries() ?? []) step.done ||= steps[at]?.done ?? false;
  }

  #compare(status: string, state: RunState, waits: readonly string[]): void {
    const model = this.model as ModelRun;
    const ended = endedStatuses.includes(status as never);
    if (ended !== (model.ended !== undefined)) this.#wrong(`it is ${status}, the model ${model.ended ? "has ended" : `listens for ${model.contexts.join()}`}`);
    if (model.ended && "value" in model.ended) {
      if (status === "completed" && !isDeepStrictEqual(state.value, model.ended.value)) {
        this.#wrong(`its value is ${JSON.stringify(state.value)}, the model's ${JSON.stringify(model.ended.value)}`);
      }
      if (status !== "completed" && !this.#cancelled) this.#wrong(`it is ${status}, the model has completed`);
    } else if (model.ended && !(model.ended.error instanceof Cancelled && status === "cancelled")) {
      this.#wrong(`it is ${status}, in the model it threw ${String(model.ended.error)}`);
    }
    if (!ended && !isDeepStrictEqual([...waits].toSorted(), model.contexts.toSorted())) {
      this.#wrong(`it listens for ${waits.join()}, the model for ${model.contexts.join()}`);
    }
    const responses = state.responses.map((one) => (typeof one === "string" && /^[\da-f]{64}$/.test(one) ? "token" : one));
    if (!isDeepStrictEqual(responses, model.responses)) this.#wrong(`it responds ${JSON.stringify(responses)}, the model ${JSON.stringify(model.responses)}`);
  }

  #wrong(problem: string): never {
    throw new Error(`run ${this.id} (${this.flow}), version ${this.#version}: ${problem}`);
  }
}

function stepsOf(state: RunState | undefined): number[] {
  return (state?.waits ?? []).flatMap(({ kind, operation }) => (kind === "step" ? [operation] : []));
}

function told(version: number, change: Applied["change"], { turn, waits, responses }: RunState, consumed: readonly Message[]): string {
  const letters = consumed.map(({ kind, eventId, body }) => `${kind} ${eventId} ${body}`).join("; ");
  return `${version} at ${change.now}: ${change.status}, turn ${turn}, ${change.eventId ?? ""} [${letters}] waits ${JSON.stringify(waits)} responses ${JSON.stringify(responses)} `
    + `looked ${change.looked} wake ${change.wake} lease ${change.lease?.owner} holder ${change.holder} ${change.force ?? ""}`;
}
