// Which letter of an inbox a run takes next: the oldest that it waits for. One that its wait does not take, because of its
// permit or its schema, or since it cannot be read, goes to the run's refused list, and the run waits on. A result that cannot be read is
// one: the flow hears why.
//
// One that names what this program does not have (a class, an external) is left to a program that has it, with the events that come after
// it in its context, and with the run's timers.

import { checkInput } from "../../api/context.ts";
import { deflowError } from "../../errors/classes.ts";
import { NotListeningError, WrongPermitError } from "../../errors/run.ts";
import type { Input } from "../../run/input.ts";
import { shared } from "../../realm/shared.ts";
import type { Wait } from "../../record/snapshot.ts";
import type { Message } from "../../store.ts";
import { isSameHash } from "../../run/token.ts";
import type { Core } from "../core.ts";
import { awaitedOf, isWanted, type Letter, read } from "./messages.ts";
import type { Refused } from "./record.ts";
import { isMisfit } from "../telling/stranded.ts";

export interface Found {
  readonly seq: number;
  readonly eventId: string | null;
  readonly input: Input;
}

export interface Picked {
  readonly found: Found | undefined;
  readonly refused: readonly { readonly seq: number; readonly entry: Refused }[];
  /** Why a letter is left to another program; nothing else is to be done for the run here. */
  readonly foreign?: unknown;
}

export async function pickLetter(core: Core, inbox: readonly Message[], waits: readonly Wait[]): Promise<Picked> {
  const refused: { seq: number; entry: Refused }[] = [];
  let left: Set<string> | undefined;
  let foreign: unknown;
  for (const message of inbox) {
    const letter = read(core, message);
    if (!isWanted(letter, waits)) continue;
    const of = letter.kind === "event" ? letter.context : undefined;
    if (of !== undefined && left?.has(of)) continue;
    if (isForeign(letter, waits)) {
      foreign ??= letter.unreadable;
      if (of !== undefined) (left ??= new Set()).add(of);
      continue;
    }
    try {
      const input = await inputOf(letter, waits);
      if (input) return { found: { seq: message.seq, eventId: message.eventId, input }, refused };
    } catch (error) {
      refused.push({ seq: message.seq, entry: refusal(core, message, letter, error) });
    }
  }
  return { found: undefined, refused, ...(foreign === undefined ? {} : { foreign }) };
}

function isForeign(letter: Letter, waits: readonly Wait[]): boolean {
  if (!isMisfit(letter.unreadable)) return false;
  return letter.kind !== "event" || waits.some(({ kind, context }) => kind === "listen" && context === letter.context);
}

async function inputOf(letter: Letter, waits: readonly Wait[]): Promise<Input | undefined> {
  const { unreadable } = letter;
  if (letter.kind === "event") checkListening(waits, letter.context, letter.permit);
  if (unreadable !== undefined) {
    if (letter.kind === "result") return { result: letter.operation, error: unreadable };
    throw unreadable;
  }
  switch (letter.kind) {
    case "event": {
      const { context, permit } = letter;
      return { event: context, data: await checkInput(context, letter.data), ...(permit === undefined ? {} : { permit }) };
    }
    case "settle": return { settle: letter.token, data: await checkToken(waits, letter.token, letter.data) };
    case "result": return "error" in letter ? { result: letter.operation, error: letter.error } : { result: letter.operation, value: letter.value };
    case "cancel": return { cancel: letter.reason };
    case "subscribe":
    case "perform":
    case "children": return undefined;
  }
}

/** Throws NotListeningError or WrongPermitError unless one of these waits takes an event; `permit` is the hash. */
export function checkListening(waits: readonly Wait[], context: string, permit: string | undefined): void {
  const isFitting = (wait: Wait): boolean => wait.kind === "listen" && wait.context === context;
  if (waits.some((wait) => isFitting(wait) && (wait.permit === undefined || (permit !== undefined && isSameHash(wait.permit, permit))))) return;
  if (waits.some(isFitting)) throw new WrongPermitError(context);
  const listens = waits.filter(({ kind }) => kind === "listen");
  throw new NotListeningError(context, [...new Set(listens.flatMap((wait) => wait.context ?? []))]);
}

/** What a callback's data is after its schema; throws UnknownToken, InvalidInputError. */
export async function checkToken(waits: readonly Wait[], token: string, data: unknown): Promise<unknown> {
  const wait = waits.find((one) => one.kind === "callback" && one.token !== undefined && isSameHash(one.token, token));
  if (!wait) throw deflowError("UNKNOWN_TOKEN", {});
  return wait.schema === undefined ? data : await checkInput(shared.contexts.get(wait.schema) ?? wait.schema, data);
}

export function refusal(core: Core, { eventId }: Message, letter: Letter, error: unknown): Refused {
  const { code = "ERROR", message = String(error) } = error as { code?: string; message?: string };
  return { context: letter.kind === "event" ? letter.context : letter.kind, eventId, code, message, at: core.clock.now(), ...awaitedOf(letter) };
}
