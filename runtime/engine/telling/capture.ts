// What a run's code says on the console, kept with its logs where an engine is asked to (`logs: { console: true }`).
//
//   a flow's code    known by the runtime: it knows who executes. A helper counts until its own first await
//   a step's code    all of what it calls and awaits until it ends, by AsyncLocalStorage
//   everything else  is not looked at: other code, other engines, the engine's own logger
//
// The console prints as before. It is replaced only while a turn of such an engine is under way; where somebody else has put a
// function of theirs over ours meanwhile, it stays below theirs and does nothing.

import { AsyncLocalStorage } from "node:async_hooks";
import { types } from "node:util";
import { code } from "../../strands/flow.ts";
import { makeTables } from "../../record/kinds/intrinsic.ts";
import { shared } from "../../realm/shared.ts";
import type { StepCall } from "../../record/snapshot.ts";
import type { LiveRun, LogLevel, RunEnv } from "../../run/step.ts";
import type { Journal } from "../turns/journal.ts";
import { toldOf } from "./log-text.ts";
import type { Logger } from "./logger.ts";

interface Speaker {
  /** Undefined: the attempt is over. What it made may live long, and must not keep the journal. */
  journal: Journal | undefined;
  readonly step: string;
  readonly attempt: number;
}

type Say = (...values: unknown[]) => void;

const methods = { debug: "debug", log: "info", info: "info", warn: "warn", error: "error" } as const satisfies Record<string, LogLevel>;
type Method = keyof typeof methods;
const names = Object.keys(methods) as Method[];

/** Null: nobody that is looked at, whoever executes. */
const speakers = new AsyncLocalStorage<Speaker | null>();

/** Whose flows are looked at, and which journal a run of theirs has. */
const listening = new Map<RunEnv, (run: LiveRun) => Journal>();
const users = new Map<RunEnv, number>();

/** What the console had when ours were put there last, and when they were first. */
let below: Record<Method, Say> | undefined;
let bottom: Record<Method, Say> | undefined;
const printing = new Set<Method>();

/** Each is code that frames can name: a flow may hold `console.log` while it waits. */
const replacements = Object.fromEntries(names.map((name) => [name, code(`deflow/console.${name}`, "", () => ((...values: unknown[]): void => say(name, values)) as never)({})])) as unknown as Record<Method, Say>;

function say(name: Method, values: readonly unknown[]): void {
  // What is below ours may itself be something that was put over ours before, and calls it.
  const again = printing.has(name);
  const print = (again ? bottom : below)?.[name] ?? console[name];
  printing.add(name);
  try {
    if (!again && users.size > 0) hear(methods[name], values);
    print.apply(console, [...values]);
  } finally {
    if (!again) printing.delete(name);
  }
}

function hear(level: LogLevel, values: readonly unknown[]): void {
  const speaker = speakers.getStore();
  if (speaker === null) return;
  const run = shared.current?.run;
  if (run !== undefined) listening.get(run.env)?.(run).log({ level }, toldOf(values), true);
  else speaker?.journal?.log({ level, step: speaker.step, attempt: speaker.attempt }, toldOf(values), true);
}

/** Until the result is called, runs of this environment are listened to. */
export function listenTo(env: RunEnv, journalOf: (run: LiveRun) => Journal): () => void {
  if (users.size === 0) replace();
  users.set(env, (users.get(env) ?? 0) + 1);
  listening.set(env, journalOf);
  let over = false;
  return () => {
    const left = (users.get(env) ?? 0) - (over ? 0 : 1);
    over = true;
    users.set(env, left);
    if (left > 0) return;
    users.delete(env);
    listening.delete(env);
    if (users.size === 0) restore();
  };
}

function replace(): void {
  // Before the console holds functions of ours: what the language has is known by identity.
  makeTables();
  const found = Object.fromEntries(names.map((name) => [name, console[name] === replacements[name] ? below?.[name] : console[name]])) as unknown as Record<Method, Say>;
  below = found;
  bottom ??= found;
  Object.assign(console, replacements);
}

function restore(): void {
  for (const name of names) if (console[name] === replacements[name]) console[name] = below?.[name] as Say;
}

/** What `work` says is the step's, at once and later, until it is settled or `signal` aborts. */
export function inStep<T>(journal: Journal, { name: step, attempt }: StepCall, signal: AbortSignal | undefined, work: () => T): T {
  const speaker: Speaker = { journal, step, attempt };
  const over = (): void => void (speaker.journal = undefined);
  signal?.addEventListener("abort", over, { once: true });
  let result: T | undefined;
  try {
    return result = speakers.run(speaker, work);
  } finally {
    if (types.isPromise(result)) result.then(over, over);
    else over();
  }
}

/** A turn that a step or an observer sets off is none of its code. */
export function outside<T>(work: () => T): T {
  return speakers.getStore() === undefined ? work() : speakers.exit(work);
}

/** What `work` says is nobody's. */
export function unheard<T>(work: () => T): T {
  return speakers.run(null, work);
}

/** A logger that may write to the console: that is not the run's doing. */
export function unheardLogger(logger: Logger): Logger {
  const quiet = (level: LogLevel) => (message: string, fields?: object): void => unheard(() => logger[level](message, fields));
  return { debug: quiet("debug"), info: quiet("info"), warn: quiet("warn"), error: quiet("error") };
}
