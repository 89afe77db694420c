// A run as people read it, and as programs do.

import type { Run } from "../../runtime/engine/run.ts";
import type { RunStatus } from "../../runtime/store.ts";
import { type Colors, indented, lineText, plainText, timeText, valueText } from "../text.ts";

/** Without the function that waits for its end. */
export type View = Run extends infer R ? R extends Run ? Omit<R, "result"> : never : never;

export function runView({ result: _, ...view }: Run): View {
  return view;
}

export function statusText(status: Run["status"], paint: Colors): string {
  return paint[styles[status]](status);
}

const styles = {
  queued: "cyan", running: "cyan", waiting: "cyan", compensating: "yellow", completed: "green", failed: "red", cancelled: "yellow", killed: "red", stranded: "red",
} as const satisfies Record<RunStatus | "stranded", keyof Colors>;

/** `listen(decision)`, `step(pay)`, `sleep()`. */
export function waitText({ kind, context, name }: Run["waits"][number]): string {
  switch (kind) {
    case "listen": return `listen(${lineText(String(context))})`;
    case "timer": return "sleep()";
    case "step": return `step(${lineText(String(name))})`;
    case "callback": return "callback()";
    case "effect": return `${lineText(String(name))}()`;
  }
}

/** What a caller wants to know after its call. */
export function runText(run: View, paint: Colors): string {
  const lines = [`${paint.bold(lineText(run.id))}  ${lineText(run.flow)}  ${statusText(run.status, paint)}  turn ${run.turn}`];
  const add = (name: string, text: string): void => void lines.push(...`${name}  ${text}`.split("\n"));
  if (run.accepted) add("accepted", "stored; a worker that has the flow's code goes on with it");
  if (run.duplicate) add("duplicate", "this had been given before; nothing was done");
  if (run.unreadable) add("unreadable", plainText(`${run.unreadable.name}: ${run.unreadable.message}`));
  if (run.progress !== undefined) add("progress", plainText(run.progress));
  if (Object.keys(run.index).length > 0) add("index", valueText(run.index));
  for (const response of run.responses) add("response", valueText(response, paint.isColorSupported));
  for (const wait of run.waits) add("waits for", waitLine(wait));
  if (run.nextAt !== undefined) add("moves at", timeText(run.nextAt));
  for (const { context, code, message } of run.refused) add("refused", plainText(`${context}: ${code}: ${message}`));
  if (run.status === "completed") add("value", valueText(run.value, paint.isColorSupported));
  if ("error" in run) add("error", plainText(`${run.error.name}: ${run.error.message}`));
  if (run.status === "stranded") add("stranded", `\n${indented(plainText(run.stranded.diff), 2)}`);
  return lines.join("\n");
}

function waitLine(wait: Run["waits"][number]): string {
  const { permit, at, prompt, metadata, label } = wait;
  const more = [
    ...(label === undefined ? [] : [`label ${valueText(label)}`]), ...(permit ? ["needs a permit"] : []), ...(at === undefined ? [] : [`until ${timeText(at)}`]),
    ...(prompt === undefined ? [] : [`prompt ${valueText(prompt)}`]), ...(metadata === undefined ? [] : [`metadata ${valueText(metadata)}`]),
  ];
  return [waitText(wait), ...more].join(", ");
}
