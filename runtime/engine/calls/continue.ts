// continue: the run waits for this now; answer me with the state after the turn.

import { checkInput, type Context } from "../../api/context.ts";
import { type Duration, milliseconds } from "../../realm/duration.ts";
import { permitHash } from "../../run/token.ts";
import { type Joining, joining } from "./client.ts";
import type { Core } from "../core.ts";
import { direct } from "./direct.ts";
import { checkListening } from "../turns/inbox.ts";
import { checkEvent } from "./limits.ts";
import { checkName, contextName } from "../names.ts";
import type { Run } from "../run.ts";

export interface ContinueOptions extends Joining {
  /** What the listen asks for. */
  readonly permit?: string;
  /** A repetition with the same id does nothing, and gives the run as it is with `duplicate`. */
  readonly eventId?: string;
  /** When another process is at work on the run: how long to wait for it; default 30 seconds. With `client` it is not waited for. */
  readonly wait?: Duration;
}

export function continueRun<R>(
  engine: Core, id: string, target: Context<unknown> | string, data: unknown, { permit: secret, eventId, wait = 30_000, client }: ContinueOptions = {},
): Promise<Run<R>> {
  engine.open();
  const core = joining(engine, { client });
  const context = contextName(target);
  if (eventId !== undefined) checkName("`eventId`", eventId);
  checkEvent(core, context, data);
  const permit = secret === undefined ? undefined : permitHash(secret);
  const secured = permit === undefined ? {} : { permit };
  return direct<R>(core, id, {
    eventId, wait: milliseconds(wait, "`wait`"), inOrder: true,
    async check(_row, { waits }) {
      checkListening(waits, context, permit);
      return { event: context, data: await checkInput(target, data), ...secured };
    },
    again: () => ({ context, data, ...secured }),
    letter: () => ({ kind: "event", context, data, strict: true, ...secured }),
  });
}
