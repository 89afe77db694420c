// What a commit writes of a run's texts: only the parts that are not as they were.

import type { Stored } from "../codec/cut.ts";
import { frameParts } from "../frame.ts";
import type { Change, PartsChange } from "../store.ts";

export type Parts = ReadonlyMap<string, string>;

export interface Written {
  readonly change: Pick<Change, "state" | "frame" | "parts">;
  /** The parts of the run after it. */
  readonly parts: Parts;
}

/** Without a frame that of the last commit stays. `before`: the parts of the last commit. */
export function written(before: Parts, state: Stored, frame?: Stored): Written {
  const texts = { state: state.text, ...(frame === undefined ? {} : { frame: frame.text }) };
  if (before.size === 0 && state.parts.size === 0 && (frame === undefined || frame.parts.size === 0)) return { change: texts, parts: before };
  const parts = new Map([...(frame?.parts ?? kept(before)), ...state.parts]);
  const change: PartsChange = {
    put: [...parts].filter(([key, text]) => before.get(key) !== text),
    drop: [...before.keys()].filter((key) => !parts.has(key)),
  };
  return { change: change.put.length + change.drop.length === 0 ? texts : { ...texts, parts: change }, parts };
}

function kept(before: Parts): Iterable<readonly [string, string]> {
  return [...before].filter(([key]) => key.startsWith(`${frameParts}/`));
}
