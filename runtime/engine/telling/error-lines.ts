// An error as lines for a console: where it was thrown, what led to it and what to do. What a driver's errors have besides, forty fields some of them, is left out.

import { isDeflowError } from "../../errors/error.ts";
import { deepestCause, textOf } from "../../record/error-info.ts";

/** Without what `said` says already. */
export function errorLines(error: unknown, said: string): readonly string[] {
  if (!isDeflowError(error)) return causesOf(error, said, 0);
  const remedy = [`  fix: ${error.hint}`, `  see: npx deflow explain ${error.code}`];
  // A store's has the reason in its message, and nobody's code but the store's in its stack.
  return error.code.startsWith("STORE_") ? remedy : [...causesOf(error, said, 0), ...remedy];
}

function causesOf(error: unknown, said: string, depth: number): string[] {
  if (!(error instanceof Error)) return depth === 0 ? [] : [textOf(() => error)];
  const [head, stack] = [textOf(() => error), textOf(() => error.stack)];
  const lines = stack.startsWith(head) && said.includes(head) ? stack.slice(head.length).split("\n").slice(1) : stack.split("\n");
  const [code, cause] = [fieldOf(error, "code"), fieldOf(error, "cause")];
  return [
    ...lines,
    ...(typeof code === "string" && !isDeflowError(error) ? [`  code: ${code}`] : []),
    ...(cause === undefined || depth === deepestCause ? [] : causesOf(cause, "", depth + 1).map((line, at) => (at === 0 ? `  cause: ${line}` : line))),
  ];
}

function fieldOf(error: object, name: string): unknown {
  try {
    return (error as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
