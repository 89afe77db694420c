// What goes wrong, as the client is told: a code, its status, a sentence. What it says of a run is the same for all runs, so that it tells nothing
// that `get` would have refused to tell.

import { isDeflowError } from "../errors/error.ts";

/** By code: the status, and what the client is told. */
export const problems = {
  BAD_REQUEST: [400, "The request is not one that this address takes."],
  NOT_FOUND: [404, "There is nothing here for you."],
  METHOD_NOT_ALLOWED: [405, "This address takes other methods."],
  NOT_LISTENING: [409, "The run does not listen for this now."],
  RUN_ENDED: [409, "The run has ended and takes no more input."],
  RUN_EXISTS: [409, "The id is taken by another run."],
  BODY_TOO_LARGE: [413, "The body is too large."],
  NOT_JSON: [415, "The body must be JSON, with `content-type: application/json`."],
  INVALID_INPUT: [422, "The input was refused by its schema; the run is as it was."],
  INTERNAL: [500, "The server failed; look at its log."],
  UNAVAILABLE: [503, "The server cannot do this now. Try again, with the same Idempotency-Key."],
} as const satisfies Record<string, readonly [status: number, title: string]>;

type ProblemCode = keyof typeof problems;

/** By the codes of errors; those that are not here are INTERNAL. */
export const codes: Readonly<Record<string, ProblemCode>> = {
  NOT_FOUND: "NOT_FOUND", WRONG_PERMIT: "NOT_FOUND", UNKNOWN_TOKEN: "NOT_FOUND",
  NOT_LISTENING: "NOT_LISTENING", RUN_ENDED: "RUN_ENDED", RUN_EXISTS: "RUN_EXISTS", INVALID_INPUT: "INVALID_INPUT",
  LEASE_LOST: "UNAVAILABLE", ENGINE_CLOSED: "UNAVAILABLE", STORE_CLOSED: "UNAVAILABLE", STORE_UNREACHABLE: "UNAVAILABLE", STORE_LOCKED: "UNAVAILABLE",
  STORE_BUSY: "UNAVAILABLE", STORE_CONFLICT: "UNAVAILABLE", STORE_TIMEOUT: "UNAVAILABLE", STORE_OUTCOME_UNKNOWN: "UNAVAILABLE",
};

interface ProblemOptions {
  /** What the client can mend. */
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown where an answer is found to be one. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(problems[code][1]);
    this.code = code;
    this.options = options;
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = isDeflowError(error) && Object.hasOwn(codes, error.code) ? codes[error.code] : undefined;
  switch (code) {
    case undefined: return new Problem("INTERNAL");
    case "INVALID_INPUT": return new Problem(code, { detail: (error as Error).message });
    case "UNAVAILABLE": return new Problem(code, { headers: { "retry-after": "1" } });
    default: return new Problem(code);
  }
}

/** As RFC 9457 has it. */
export function problemResponse({ code, options: { detail, headers } }: Problem): Response {
  const [status, title] = problems[code];
  const body = JSON.stringify({ status, code, title, ...(detail === undefined ? {} : { detail }) });
  return new Response(body, { status, headers: { ...common, ...headers, "content-type": "application/problem+json" } });
}

/** Of every answer: what is true of a run now is nothing to keep. */
export const common = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;
