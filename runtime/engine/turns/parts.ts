// What a commit writes of a run's texts: only the parts that are not as they were.

import type { Stored } from "../../codec/cut.ts";
import { frameParts } from "../../record/frame.ts";
import type { Change, PartsChange } from "../../store.ts";
import type { Settings } from "../options.ts";

/** What the keys of a state's parts begin with. */
export const stateParts = "state";

/** What the keys of parts begin with that are lines: see lines.ts. */
export const logParts = "log";
export const historyParts = "history";

/** What `load` is asked for, by what is done with it. */
export interface Texts {
  /** Begin a turn. */
  readonly turn: readonly string[];
  /** Tell about a run: `runOf`. */
  readonly run: readonly string[];
}

export function textsOf({ logs, history, dev }: Settings): Texts {
  const lines = [...(logs === undefined ? [] : [logParts]), ...(history === undefined ? [] : [historyParts])];
  return { turn: [frameParts, stateParts, ...lines], run: dev ? [frameParts, stateParts] : [stateParts] };
}

export type Parts = ReadonlyMap<string, string>;

export const noParts: Parts = new Map();

interface Written {
  readonly change: Pick<Change, "state" | "frame" | "parts">;
  /** The parts of the run after it. */
  readonly parts: Parts;
}

/** What is not given stays as it was. `before`: the parts of the last commit; `lines`: those of logs and history. */
export function written(before: Parts, state: Stored, frame?: Stored, lines: Parts = keptLines(before)): Written {
  const texts = { state: state.text, ...(frame === undefined ? {} : { frame: frame.text }) };
  if (before.size === 0 && state.parts.size === 0 && lines.size === 0 && (frame === undefined || frame.parts.size === 0)) return { change: texts, parts: before };
  const parts = new Map([...(frame?.parts ?? kept(before, frameParts)), ...state.parts, ...lines]);
  const change: PartsChange = {
    put: [...parts].filter(([key, text]) => before.get(key) !== text),
    drop: [...before.keys()].filter((key) => !parts.has(key)),
  };
  return { change: change.put.length + change.drop.length === 0 ? texts : { ...texts, parts: change }, parts };
}

/** The parts called `name`. */
export function kept(before: Parts, name: string): Parts {
  return before.size === 0 ? before : new Map([...before].filter(([key]) => key.startsWith(`${name}/`)));
}

function keptLines(before: Parts): Parts {
  return before.size === 0 ? before : new Map([...kept(before, logParts), ...kept(before, historyParts)]);
}
