// A run's `state` in the store: what the engine answers without reading the frame, and what it must remember between turns.

import { type Stored, wholeBelow } from "../../codec/cut.ts";
import { decode, decodeApart, isApart } from "../../codec/decode.ts";
import { encode, encodeApart, type EncodeOptions } from "../../codec/encode.ts";
import { isDeflowError } from "../../errors/error.ts";
import { readingOf } from "../../record/kinds/index.ts";
import type { Wait } from "../../record/snapshot.ts";
import type { Index } from "../../store.ts";
import type { Core } from "../core.ts";
import { noParts, type Parts, stateParts } from "./parts.ts";

export interface RunState {
  readonly turn: number;
  readonly responses: readonly unknown[];
  readonly waits: readonly Wait[];
  readonly nextAt?: number;
  readonly progress?: string;
  /** Of a completed run. */
  readonly value?: unknown;
  /** Of a failed, cancelled or killed one: what was thrown. */
  readonly error?: unknown;
  /** The id of the event that began the last turn. */
  readonly event?: string;
  readonly refused?: readonly Refused[];
  /** Subscriptions up to this operation were sent. */
  readonly subscribed?: number;
  /** It has started runs that are cancelled with it. */
  readonly children?: boolean;
  /** It was cancelled when this was its last operation, and those runs were told. */
  readonly cancelled?: number;
  /** The frame holds the arguments; nothing of the flow has been committed. */
  readonly fresh?: boolean;
  /** What `retry` gives again, besides what is in the inbox. */
  readonly retry?: Again;
  /** What the run did was undone, at least in part. */
  readonly compensated?: boolean;
}

/** An event or a callback's answer; `permit` and `token` are the hashes. */
export type Again =
  | { readonly context: string; readonly data: unknown; readonly permit?: string }
  | { readonly token: string; readonly data: unknown };

/** A buffered event that its listen did not take. */
export interface Refused {
  readonly context: string;
  readonly eventId: string | null;
  readonly code: string;
  readonly message: string;
  readonly at: number;
  /** Who sent it waits to be told, and may look after others were refused. */
  readonly awaited?: true;
}

/** As many of the last refused events as a run keeps, and of those whose senders wait. */
const refusedKept = 20;
const awaitedKept = 100;
/** Milliseconds before the last one was refused, within which a sender that waits finds its own. */
const awaitedFor = 60_000;

/** The refused list after `more`. */
export function withRefused(before: readonly Refused[] | undefined, more: readonly Refused[]): Pick<RunState, "refused"> {
  const all = [...(before ?? []), ...more];
  if (all.length <= refusedKept) return all.length > 0 ? { refused: all } : {};
  const since = all.reduce((last, { at }) => Math.max(last, at), 0) - awaitedFor;
  const awaited = new Set(all.filter((one) => one.awaited && one.at >= since).slice(-awaitedKept));
  return { refused: all.filter((one, place) => place >= all.length - refusedKept || awaited.has(one)) };
}

/** As people see the list. */
export function shownRefused(refused: readonly Refused[] = []): readonly Omit<Refused, "awaited">[] {
  return refused.length === 0 ? refused : refused.slice(-refusedKept).map(({ awaited: _, ...entry }) => entry);
}

/** The list of a state that `snapshot` makes, or `readState`, and what is in it: their own. */
export const ownOfState: readonly string[] = ["waits"];

/** More waits than these have a text that is not stored whole. */
const manyWaits = 200;

export function writeState(core: Core, state: RunState): Stored {
  return write(state, core.stateCodec);
}

/** Of what was stored, with little that is new: limits that were lowered since then do not bound it. Where it is too large even so, `least`. */
export function writeAgain(core: Core, state: RunState, least: RunState = state): Stored {
  try {
    return write(state, readingOf(core.env));
  } catch (error) {
    if (least === state || !isDeflowError(error)) throw error;
    return write(least, readingOf(core.env));
  }
}

function write(state: RunState, options: EncodeOptions): Stored {
  const record = state as unknown as Record<string, unknown>;
  if (state.waits.length <= manyWaits) {
    const text = encode(record, options);
    if (text.length < wholeBelow) return { text, parts: noParts };
  }
  return encodeApart(record, { ...options, name: stateParts, tables: new Map([["waits", state.waits.map(({ operation }) => operation)]]) });
}

/** `parts` may be missing where `isWhole`. */
export function readState(core: Core, { state: text, parts }: { readonly state: string; readonly parts?: Parts }): RunState {
  const options = readingOf(core.env);
  if (parts === undefined || !isApart(text)) return decode(text, options) as unknown as RunState;
  const { record } = decodeApart({ text, parts }, stateParts, options);
  return { ...(record as unknown as RunState), waits: Object.values(record["waits"] as object) };
}

/** Whether the state of a row can be read without its parts. */
export function isWhole({ state }: { readonly state: string }): boolean {
  return !isApart(state);
}

/** The arguments of a run that has not begun, from its frame. */
export function argumentsOf(core: Core, frame: string): readonly unknown[] {
  return decode(frame, readingOf(core.env))["args"] as readonly unknown[];
}

/** Callbacks are found by index entries of this kind, which nobody else can set or see. */
const tokenPrefix = "deflow:token:";

export function tokenKey(hash: string): string {
  return tokenPrefix + hash;
}

/** Runs that are cancelled with the one that started them are found by these: by whom, as which operation of that run. */
const parentKey = "deflow:parent";
const operationKey = "deflow:operation";

export interface Parent {
  readonly run: string;
  readonly operation: number;
}

export function indexOfChild({ run, operation }: Parent): Index {
  return { [parentKey]: run, [operationKey]: operation };
}

export function parentOf(index: Index): Parent | undefined {
  const { [parentKey]: run, [operationKey]: operation } = index;
  return run === undefined ? undefined : { run: String(run), operation: Number(operation) };
}

export function childrenOf(run: string): Index {
  return { [parentKey]: run };
}

export function isReserved(key: string): boolean {
  return key.startsWith("deflow:");
}

/** The index as its owner knows it. */
export function ownIndex(index: Index): Index {
  if (!Object.keys(index).some(isReserved)) return index;
  return Object.fromEntries(Object.entries(index).filter(([key]) => !isReserved(key)));
}
