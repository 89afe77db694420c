// What happened to a run, and what it said, a line each.

import type { HistoryEntry } from "../../runtime/engine/telling/history.ts";
import type { LogLine } from "../../runtime/engine/telling/logs.ts";
import { type Colors, plainText, timeText, valueText } from "../text.ts";

export function eventText(entry: HistoryEntry): string {
  return `${timeText(entry.at)}  ${plainText(happened(entry))}`;
}

function happened(entry: HistoryEntry): string {
  switch (entry.what) {
    case "queued": return "queued";
    case "started": return "started";
    case "retry": return "retried";
    case "deadline": return "a deadline passed";
    case "forked": return `forked from ${entry.from}`;
    case "event": return `took ${entry.context}${entry.eventId === undefined ? "" : ` (${entry.eventId})`}`;
    case "settled": return "a callback was answered";
    case "result": return "heard of the end of another run";
    case "timer": return `timer: ${entry.of}`;
    case "step": {
      const { name, stage, attempt, error, retryAt } = entry;
      return `step ${name} ${stage}, attempt ${attempt}${error === undefined ? "" : `: ${error}`}${retryAt === undefined ? "" : `; again at ${timeText(retryAt)}`}`;
    }
    case "responded": return `responded, ${entry.count} ${entry.count === 1 ? "value" : "values"}`;
    case "refused": return `refused ${entry.context}: ${entry.code}`;
    case "cancel": return `was asked to end${entry.reason === undefined ? "" : `: ${entry.reason}`}`;
    case "ended": return `${entry.status}${entry.error === undefined ? "" : `: ${entry.error}`}`;
  }
}

const styles = { debug: "dim", info: "blue", warn: "yellow", error: "red" } as const satisfies Record<LogLine["level"], keyof Colors>;

export function logText({ at, level, message, fields, step, attempt }: LogLine, paint: Colors): string {
  const from = step === undefined ? "" : ` [${step} #${attempt}]`;
  const more = fields === undefined ? "" : `  ${valueText(fields, paint.isColorSupported)}`;
  return `${timeText(at)}  ${paint[styles[level]](level.padEnd(5))}${plainText(from)} ${plainText(message)}${more}`;
}
