// The tables' names, in the schema of the user's choice.

import { InvalidArgumentError } from "../../errors/run.ts";

/** The one part of a statement that is not a parameter: an identifier, quoted. */
export interface Names {
  /** As given. */
  readonly schema: string;
  /** `"schema".deflow_run` for "run". */
  of(table: string): string;
  /** The schema, quoted. */
  readonly quoted: string;
}

/** Postgres cuts longer ones off. */
const longest = 63;

/** Throws InvalidArgument. */
export function namesIn(schema: string): Names {
  const problem = problemOf(schema);
  if (problem !== undefined) throw new InvalidArgumentError("`schema`", problem, `the name of a Postgres schema: text of 1 to ${longest} bytes that does not begin with pg_`);
  const quoted = quote(schema);
  return { schema, quoted, of: (table) => `${quoted}.deflow_${table}` };
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll("\"", "\"\"")}"`;
}

function problemOf(schema: unknown): string | undefined {
  if (typeof schema !== "string") return `of type ${typeof schema}`;
  if (schema === "") return "empty";
  if (Buffer.byteLength(schema) > longest) return `${Buffer.byteLength(schema)} bytes long`;
  if (/[\u0000-\u001f\u007f]|\p{Surrogate}/u.test(schema)) return `${JSON.stringify(schema)}, with characters that no name should have`;
  return /^pg_/iu.test(schema) ? `\`${schema}\`` : undefined;
}
