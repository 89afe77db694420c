// What is sent to runs through the inbox, and whether a run wants it now.
//
//   event      from `send`, or from `continue` against a leased run (then `strict`: now or not at all)
//   settle     from a callback's token
//   result     of a child run, from the outbox of that run's last commit
//   cancel     from `cancel` against a leased run
//   subscribe  from another run that waits for this one's end; it is answered when that comes
//
// Two never come to an inbox: "children", of a run that was cancelled, is for those that it started; "perform" makes the run that a call of an
// activity is.

import { decode } from "../../codec/decode.ts";
import { encode } from "../../codec/encode.ts";
import { codecOf, readingOf } from "../../record/kinds/index.ts";
import type { Wait } from "../../record/snapshot.ts";
import type { Message, OutboxMessage } from "../../store.ts";
import { isSameHash } from "../../run/token.ts";
import type { Core } from "../core.ts";

/** `permit` is the hash. With `unreadable` only what stands in it plainly is there, and why the rest cannot be read here. */
export type Letter = Contents & { readonly unreadable?: unknown };

type Contents =
  | { readonly kind: "event"; readonly context: string; readonly data: unknown; readonly permit?: string; readonly strict?: boolean }
  | { readonly kind: "settle"; readonly token: string; readonly data: unknown }
  | { readonly kind: "result"; readonly operation: number; readonly value?: unknown; readonly error?: unknown }
  | { readonly kind: "cancel"; readonly reason?: string }
  | { readonly kind: "subscribe"; readonly run: string; readonly operation: number }
  | { readonly kind: "perform"; readonly flow: string; readonly queue: string; readonly priority: number; readonly frame: string; readonly run: string; readonly operation: number }
  | Children;

/** Those started up to this operation are to be cancelled; absent: all. */
export interface Children {
  readonly kind: "children";
  readonly upTo?: number;
  readonly reason?: string;
}

export function write(core: Core, { kind, ...fields }: Letter): { kind: string; body: string } {
  return { kind, body: encode(fields, codecOf(core.env)) };
}

/** Never throws: one letter that this program cannot read must not keep the others from the run, nor the run from its end. */
export function read(core: Core, { kind, body }: Message): Letter {
  try {
    return { kind, ...decode(body, readingOf(core.env)) } as unknown as Letter;
  } catch (unreadable) {
    return { kind, context: "", ...plainIn(body), unreadable } as unknown as Letter;
  }
}

/** Its fields that need no codec: what a letter is for. */
function plainIn(body: string): object {
  try {
    return Object.fromEntries(Object.entries(JSON.parse(body) as object).filter(([, value]) => typeof value !== "object"));
  } catch {
    return {};
  }
}

/** Whether a run with these waits does something with the letter now. */
export function isWanted(letter: Letter, waits: readonly Wait[]): boolean {
  switch (letter.kind) {
    case "event": return letter.strict === true || waits.some(({ kind, context }) => kind === "listen" && context === letter.context);
    case "settle": return waits.some(({ kind, token }) => kind === "callback" && token !== undefined && isSameHash(token, letter.token));
    case "result": return waits.some(({ kind, operation }) => kind === "effect" && operation === letter.operation);
    case "cancel": return true;
    case "subscribe":
    case "perform":
    case "children": return false;
  }
}

/** Whether its sender waits to be told that it was refused. */
export function awaitedOf(letter: Letter): { readonly awaited?: true } {
  return letter.kind === "settle" || letter.kind === "cancel" || (letter.kind === "event" && letter.strict === true) ? { awaited: true } : {};
}

/** Whether a run that has failed keeps it for `retry`. The senders of the others hear that the run has ended. */
export function isKept(letter: Letter): boolean {
  switch (letter.kind) {
    case "event": return letter.strict !== true;
    case "settle":
    case "result": return true;
    case "cancel":
    case "subscribe":
    case "perform":
    case "children": return false;
  }
}

/** The request of `run` to hear of the end of `other`. */
export function subscription(core: Core, run: string, operation: number, other: string): OutboxMessage {
  return { to: other, eventId: `subscribe:${run}:${operation}`, ...write(core, { kind: "subscribe", run, operation }) };
}

/** Word of its cancellation to the runs that it started. */
export function toChildren(core: Core, run: string, fields: Omit<Children, "kind">): OutboxMessage {
  return { to: run, eventId: `children:${run}`, ...write(core, { kind: "children", ...fields }) };
}

/** The end of `run`, for one that asked. */
export function announcement(
  core: Core, run: string, asked: { readonly run: string; readonly operation: number }, outcome: { value: unknown } | { error: unknown },
): OutboxMessage {
  const letter: Letter = { kind: "result", operation: asked.operation, ...outcome };
  return { to: asked.run, eventId: `result:${run}:${asked.operation}`, ...write(core, letter) };
}
