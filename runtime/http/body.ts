// The body of a request, as JSON and nothing else: bounded before it is read, while it is read, and before anything looks into it.

import { Problem } from "./problem.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Levels of objects; as many as the engine takes. */
const deepest = 200;

/** Throws a Problem for what is no JSON object, or takes more than `most` bytes. */
export async function fieldsOf(request: Request, most: number): Promise<Fields> {
  // Forms and plain text are what other sites can send in a visitor's name without asking.
  if (request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase() !== "application/json") throw new Problem("NOT_JSON");
  const body = parse(await textOf(request, most));
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw new Problem("BAD_REQUEST", { detail: "The body must be a JSON object." });
  if (isDeeper(body, deepest)) throw new Problem("BAD_REQUEST", { detail: `The body is nested deeper than ${deepest} levels.` });
  return body as Fields;
}

async function textOf(request: Request, most: number): Promise<string> {
  if (Number(request.headers.get("content-length")) > most) throw new Problem("BODY_TOO_LARGE");
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  try {
    let size = 0;
    // Left early, the loop cancels the stream.
    for await (const chunk of chunksOf(request)) {
      size += chunk.byteLength;
      if (size > most) throw new Problem("BODY_TOO_LARGE");
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem("BAD_REQUEST", { detail: "The body broke off, or is not UTF-8." });
  }
}

async function* chunksOf({ body }: Request): AsyncGenerator<Uint8Array, void> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("BAD_REQUEST", { detail: "The body is not JSON." });
  }
}

/** Level by level: what is deeper than the stack must be told too. */
function isDeeper(value: object, levels: number): boolean {
  let level: object[] = [value];
  for (let left = levels; level.length > 0; left--) {
    if (left === 0) return true;
    level = level.flatMap((one) => Object.values(one).filter((child): child is object => typeof child === "object" && child !== null));
  }
  return false;
}
