// A run as server-sent events. The client sets the pace: a run is looked at when what was sent before has been taken, so a slow one is sent
// fewer states and no memory is filled. When the client goes away everything that was done for it ends.

import { isDeflowError } from "../errors/error.ts";
import type { Run } from "../engine/run.ts";
import { type Clock, pause } from "../realm/clock.ts";
import type { Site } from "./options.ts";
import { common, problemOf, problems } from "./problem.ts";
import { lastIdOf, isOver, Seen } from "./seen.ts";
import type { RunView } from "./view.ts";

export function eventsOf(site: Site, run: Run, first: RunView, request: Request): Response {
  const last = request.headers.get("last-event-id");
  // To an EventSource this means: do not come again.
  if (isOver(first) && last === lastIdOf(first)) return new Response(null, { status: 204, headers: common });
  const gone = new AbortController();
  const signal = AbortSignal.any([request.signal, gone.signal]);
  const texts = textsOf(site, run.id, new Seen(last), signal);
  // Also when nobody asks for more.
  signal.addEventListener("abort", () => void texts.return(undefined), { once: true });
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await texts.next();
        if (value !== undefined) controller.enqueue(encoder.encode(value));
        if (!done) return;
      } catch (error) {
        if (isWorthTelling(error)) site.onError(error, { type: "events", run: run.id });
      }
      // One that the client cancelled is closed.
      if (!gone.signal.aborted) controller.close();
    },
    cancel: () => gone.abort(),
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { ...common, "content-type": "text/event-stream", "cache-control": "no-store, no-transform", "x-accel-buffering": "no" } });
}

/** Milliseconds between two looks, for what other processes do: twice as long each time, so that a wait for days costs little. */
const firstLook = 50;
const longestLook = 5_000;

/** Returns the last text, if there is a last one: nobody may ask for more. */
async function* textsOf({ engine, clock, watchers, heartbeat, lifetime, view }: Site, id: string, seen: Seen, signal: AbortSignal): AsyncGenerator<string, string | undefined, void> {
  let ring = (): void => {};
  const leave = watchers.join(id, () => ring());
  try {
    const end = clock.now() + lifetime;
    let [wait, beat] = [firstLook, clock.now() + heartbeat];
    while (!signal.aborted && clock.now() < end) {
      // Before the look, so that no commit falls between the two.
      const rung = new Promise<void>((resolve) => (ring = resolve));
      const now = view(await engine.get(id));
      if (now === undefined) return undefined;
      const text = seen.news(now);
      if (isOver(now)) return text;
      if (text !== "" || clock.now() >= beat) {
        yield text === "" ? ":\n\n" : text;
        beat = clock.now() + heartbeat;
        if (text !== "") wait = firstLook;
      } else {
        await either(rung, clock, Math.min(wait, beat - clock.now(), end - clock.now()), signal);
        wait = Math.min(2 * wait, longestLook);
      }
    }
    return undefined;
  } finally {
    leave();
  }
}

/** Resolves with `rung`, after so many milliseconds, or when the signal aborts; leaves no timer behind. */
async function either(rung: Promise<void>, clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  await Promise.race([rung, pause(clock, milliseconds, AbortSignal.any([signal, done.signal]))]);
  done.abort();
}

/** A run that is removed and an engine that is closed end their streams as they should. */
function isWorthTelling(error: unknown): boolean {
  return problems[problemOf(error).code][0] >= 500 && !isDeflowError(error, "ENGINE_CLOSED");
}
