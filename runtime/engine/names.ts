// Names that come from callers and go into the store as they are: run ids, event ids, queues, index keys, contexts.

import type { Context } from "../api/context.ts";
import { InvalidArgumentError } from "../errors/run.ts";

/** Long enough for a URL with a UUID in it, short enough for every database's index. */
const longest = 512;

/** Throws InvalidArgumentError unless it is text that every store keeps as it is. */
export function checkName(what: string, value: unknown): asserts value is string {
  const problem = problemOf(value);
  if (problem !== undefined) throw new InvalidArgumentError(what, problem, `text of 1 to ${longest} characters without control characters`);
}

/** Of a context, or of its name. */
export function contextName(target: Context | string): string {
  const name = typeof target === "object" && target !== null ? target.name : target;
  checkName("The context", name);
  return name;
}

function problemOf(value: unknown): string | undefined {
  if (typeof value !== "string") return `of type ${value === null ? "null" : typeof value}`;
  if (value === "") return "empty";
  if (value.length > longest) return `${value.length} characters long`;
  if (/[\u0000-\u001f\u007f]/u.test(value)) return `${JSON.stringify(value.slice(0, 40))}, with control characters`;
  if (/\p{Surrogate}/u.test(value)) return `${JSON.stringify(value.slice(0, 40))}, which is not well-formed Unicode`;
  return undefined;
}
