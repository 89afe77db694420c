// What one client has been sent of a run, and the text of what is new.
//
// The id of an event is the place after it, `turn.responses`, with `.end` once the client knows that the run is over. A client that comes back with it
// (`Last-Event-ID`) is sent the responses after that place. A store keeps those of the last turn alone.

import type { RunStatus } from "../store.ts";
import { jsonOf, type RunView } from "./view.ts";

interface Place {
  readonly turn: number;
  readonly responses: number;
}

/** The flow may still say something in this turn. */
const inTurn: ReadonlySet<RunStatus | "stranded"> = new Set(["queued", "running", "compensating"]);

export class Seen {
  #place: Place | undefined;
  /** Nothing more could be said in that turn. */
  #quiet = false;
  #progress: string | undefined;
  #state = "";

  constructor(lastEventId: string | null) {
    const [, turn, responses] = /^(\d{1,15})\.(\d{1,15})(?:\.end)?$/.exec(lastEventId ?? "") ?? [];
    if (turn !== undefined) this.#place = { turn: Number(turn), responses: Number(responses) };
  }

  /** The events that are new, as text; "" where nothing is. */
  news(view: RunView): string {
    const { turn, responses, progress, ...state } = view;
    let text = "";
    if (this.#place?.turn !== turn) {
      if (this.#place !== undefined && !(this.#quiet && turn === this.#place.turn + 1)) text += event("missed", `${turn}.0`, { from: this.#place.turn, to: turn });
      this.#place = { turn, responses: 0 };
    }
    for (let n = this.#place.responses; n < responses.length; n++) text += event("response", `${turn}.${n + 1}`, responses[n]);
    this.#place = { turn, responses: responses.length };
    if (progress !== undefined && progress !== this.#progress) text += event("progress", `${turn}.${responses.length}`, progress);
    this.#progress = progress;
    const now = jsonOf({ turn, ...state });
    if (now !== this.#state) text += lines("status", lastIdOf(view), now);
    this.#state = now;
    this.#quiet = !inTurn.has(view.status);
    return text;
  }
}

const over: ReadonlySet<RunStatus | "stranded"> = new Set(["completed", "failed", "cancelled", "killed"]);

export function isOver({ status }: RunView): boolean {
  return over.has(status);
}

/** Of the state that closes the events so far. */
export function lastIdOf(view: RunView): string {
  return `${view.turn}.${view.responses.length}${isOver(view) ? ".end" : ""}`;
}

function event(name: string, id: string, data: unknown): string {
  return lines(name, id, jsonOf(data));
}

/** JSON has no line breaks. */
function lines(name: string, id: string, json: string): string {
  return `event: ${name}\nid: ${id}\ndata: ${json}\n\n`;
}
