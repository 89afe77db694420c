// continue: the run waits for this now; answer me with the state after the turn.

import { checkInput, type Context } from "../../api/context.ts";
import { type Duration, milliseconds } from "../../realm/duration.ts";
import { permitHash } from "../../run/token.ts";
import { type Joining, joining } from "./client.ts";
import type { Core } from "../core.ts";
import { type Direct, direct } from "./direct.ts";
import type { Input } from "../../run/input.ts";
import { checkListening } from "../turns/inbox.ts";
import type { Letter } from "../turns/messages.ts";
import type { Again, RunState } from "../turns/record.ts";
import { checkEvent } from "./limits.ts";
import { checkName, contextName } from "../names.ts";
import type { Run } from "../run.ts";

/** Of `engine.continue`. */
export interface ContinueOptions extends Joining {
  /** The permit that the listen asks for, as text; without it a listen that asks for one throws WrongPermitError. Default: none. */
  readonly permit?: string;
  /**
   * Made by the sender, up to 512 characters: a repetition with the same id does nothing, and gives the run as it is with `duplicate`. Default: every
   * call is a new event.
   */
  readonly eventId?: string;
  /**
   * When another process is at work on the run: how long to wait for it; default 30 seconds. Then the answer has `accepted`. With `client` it is not
   * waited for.
   */
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
  return direct<R>(core, id, new Given(target, context, data, secret === undefined ? undefined : permitHash(secret), eventId, milliseconds(wait, "`wait`")));
}

class Given implements Direct {
  readonly eventId: string | undefined;
  readonly wait: number;
  readonly inOrder = true;
  readonly #target: Context<unknown> | string;
  readonly #context: string;
  readonly #data: unknown;
  readonly #permit: string | undefined;

  /** `permit` is the hash. */
  constructor(target: Context<unknown> | string, context: string, data: unknown, permit: string | undefined, eventId: string | undefined, wait: number) {
    this.#target = target;
    this.#context = context;
    this.#data = data;
    this.#permit = permit;
    this.eventId = eventId;
    this.wait = wait;
  }

  async check(_row: unknown, { waits }: Pick<RunState, "waits">): Promise<Input> {
    checkListening(waits, this.#context, this.#permit);
    return { event: this.#context, data: await checkInput(this.#target, this.#data), permit: this.#permit };
  }

  again(): Again {
    return { context: this.#context, data: this.#data, ...this.#secured() };
  }

  letter(): Letter {
    return { kind: "event", context: this.#context, data: this.#data, strict: true, ...this.#secured() };
  }

  #secured(): { readonly permit?: string } {
    return this.#permit === undefined ? {} : { permit: this.#permit };
  }
}
