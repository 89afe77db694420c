// deflow tail: follows a run until it ends, or until Ctrl-C: what happens to it, what it says, what it answers.
//
//   2026-01-01T09:00:00Z  info  asked the manager
//   2026-01-01T09:12:44Z  took decision
//   turn 2: completed
//   response  'paid'
//
// Lines of logs and history are in numbered parts that only grow at their end: each is told once, by its part and its place in it.

import { setTimeout as pause } from "node:timers/promises";
import { type HistoryEntry, historyEntryOf } from "../../runtime/engine/telling/history.ts";
import { type LogLine, logLineOf } from "../../runtime/engine/telling/logs.ts";
import { hasEnded } from "../../runtime/engine/run.ts";
import type { StoredRun } from "../../runtime/store.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";
import { type Colors, paintOf } from "../text.ts";
import { missing, readRun, type RunOptions, withEngine } from "./engine.ts";
import { eventText, logText } from "./event-text.ts";
import { runText, runView, type View } from "./run-text.ts";

/** Milliseconds between two looks. */
const between = 300;

/** Exit code 1: it has failed, or was cancelled or killed. */
export function tail(id: string, options: RunOptions, io: Io): Promise<number> {
  return withEngine({ ...options, run: id }, "read", io, async ({ engine, store }) => {
    const lines = new Lines();
    const paint = paintOf(io);
    const textOrJson = (told: Told): string => `${options.json ? jsonText(told) : textOf(told, paint)}\n`;
    let before = "";
    for (let version = 0; io.signal?.aborted !== true; await pause(between, undefined, io.signal && { signal: io.signal }).catch(() => {})) {
      const row = await store.load(id, undefined, ["log", "history"]) ?? missing(id);
      if (row.version !== version) {
        for (const told of lines.after(row)) io.out(textOrJson(told));
        const run = textOrJson({ is: "run", run: runView(await readRun(engine, id, row.place)) });
        if (run !== before) io.out(run);
        before = run;
        ({ version } = row);
      }
      if (hasEnded(row.status)) return row.status === "completed" ? 0 : 1;
    }
    return 0;
  });
}

type Told =
  | { readonly is: "event"; readonly event: HistoryEntry }
  | { readonly is: "log"; readonly line: LogLine }
  | { readonly is: "run"; readonly run: View };

function textOf(told: Told, paint: Colors): string {
  switch (told.is) {
    case "event": return eventText(told.event);
    case "log": return logText(told.line, paint);
    case "run": return runText(told.run, paint);
  }
}

/** The lines of a run that were not told yet. */
class Lines {
  readonly #told = new Map<string, number>();

  /** In the order in which they happened. */
  after({ parts }: StoredRun): Told[] {
    const added = [...parts].flatMap(([key, text]) => {
      const lines = text.split("\n");
      const from = this.#told.get(key) ?? 0;
      this.#told.set(key, lines.length);
      return lines.slice(from).map((line) => toldIn(key, line));
    });
    return added.sort((a, b) => a.at - b.at).map(({ told }) => told);
  }
}

function toldIn(key: string, text: string): { readonly at: number; readonly told: Told } {
  const { at } = JSON.parse(text) as { readonly at: number };
  return { at, told: key.startsWith("log/") ? { is: "log", line: logLineOf(text) } : { is: "event", event: historyEntryOf(text) } };
}
