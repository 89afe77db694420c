// The consumer: a message is a run, or goes on with one. There is no store; between two messages a run is the text in one of them.
//
//   { start: file }                  begin
//   { frame, event: { … } }          resume with what the transcoder says: it was given the frame and sends it back
//   { frame, wake: true }            resume, for a timer is due: the message was delayed until then

import { begin, type Clock, resume, type Turn } from "deflow";
import type { Message, Queue } from "./queue.ts";
import { transcoded, video } from "./video.ts";

type Body = { start: string } | { frame: string; event: unknown } | { frame: string; wake: true };

export interface Outside {
  /** Asks the transcoder, which answers with a message that has the frame and the event. */
  transcode(id: string, frame: string): void;
  finished(id: string, outcome: string): void;
  readonly clock: Clock;
}

export function consumerOf(queue: Queue, { transcode, finished, clock }: Outside): (message: Message) => Promise<void> {
  return async ({ id, body }) => {
    const turn = await turnOf(id, JSON.parse(body) as Body, clock);
    if (turn.status === "completed") return finished(id, String(turn.value));
    if (turn.status === "failed") return finished(id, `failed: ${turn.error.message}`);
    // Where the run rests is where its next message begins.
    const { frame, nextAt, waits } = turn;
    if (nextAt !== undefined) {
      const after = Math.ceil((nextAt.getTime() - clock.now()) / 1000);
      queue.send({ id, body: JSON.stringify({ frame, wake: true } satisfies Body) }, after);
    }
    if (waits.some(({ context }) => context === transcoded.name)) transcode(id, frame);
  };
}

/** The message's id is the run's, so a message that is delivered again makes the same keys. */
async function turnOf(id: string, body: Body, clock: Clock): Promise<Turn<unknown>> {
  if ("start" in body) return await begin(video, [body.start], { id, clock });
  if ("event" in body) return await resume(body.frame, transcoded, body.event as { minutes: number }, { clock });
  return await resume(body.frame, { now: clock.now() }, { clock });
}
