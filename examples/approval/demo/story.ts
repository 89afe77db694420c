// What the demo does and sees, as data; the report and the checks are made of it and of nothing else.

import { setTimeout as pause } from "node:timers/promises";
import type { Entry } from "../src/outside.ts";
import { type Effect, readLedger } from "./ledger.ts";
import { type Day, days, stuck } from "./people.ts";
import { look, quiet, type Runs } from "./runs.ts";
import { Service } from "./service.ts";
import type { Workshop } from "./workshop.ts";

/** One process of the service. */
export interface Shift {
  readonly pid: number;
  readonly daysAhead: number;
  /** As the system says it: a signal or an exit code. */
  readonly ended: string;
  readonly said: readonly string[];
  readonly errors: string;
  /** In the file before it started, and after it ended. */
  readonly before: Runs;
  readonly after: Runs;
  /** What it had begun and not ended when it was gone. */
  readonly cutOff: readonly Effect[];
}

export interface Story {
  readonly shifts: readonly Shift[];
  readonly effects: readonly Effect[];
}

/** Starts the runs, and kills the process when all of them wait. */
export function firstShift(workshop: Workshop): Promise<Shift> {
  return shift(workshop, days.claims, {}, async (service) => {
    await service.ask("start expenses.csv");
    await obey(service, days.claims);
    await quiet(workshop, days.claims.daysAhead);
    return service.kill();
  });
}

/** Goes on until one payment is under way and everything else waits, and kills the process then. */
export function secondShift(workshop: Workshop): Promise<Shift> {
  return shift(workshop, days.reminders, { stuckBank: stuck }, async (service) => {
    await quiet(workshop, days.reminders.daysAhead, [stuck]);
    await obey(service, days.reminders);
    await quiet(workshop, days.reminders.daysAhead, [stuck]);
    await underWay(workshop);
    return service.kill();
  });
}

/** Goes on with what waited and with what was cut off, and ends when it is asked to. */
export function laterShift(workshop: Workshop, day: Day): Promise<Shift> {
  return shift(workshop, day, {}, async (service) => {
    await quiet(workshop, day.daysAhead);
    await obey(service, day);
    await quiet(workshop, day.daysAhead);
    return service.quit();
  });
}

async function shift(workshop: Workshop, { daysAhead }: Day, options: { stuckBank?: string }, work: (service: Service) => Promise<string>): Promise<Shift> {
  const before = await look(workshop);
  const service = await Service.start(workshop.folder, { daysAhead, ...options });
  try {
    const ended = await work(service);
    const { pid, said, errors } = service;
    const cutOff = readLedger(workshop.path("effects.jsonl")).filter(({ starts, ends }) => countOf(starts, pid) > countOf(ends, pid));
    return { pid, daysAhead, ended, said, errors, before, after: await look(workshop), cutOff };
  } finally {
    await service.kill();
  }
}

function countOf(entries: readonly Entry[], pid: number): number {
  return entries.filter((entry) => entry.pid === pid).length;
}

async function obey(service: Service, { commands }: Day): Promise<void> {
  for (const command of commands) await service.ask(command);
}

/** Waits until the stuck payment has begun and is the only effect that has begun and not ended. */
async function underWay(workshop: Workshop): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; ) {
    const open = readLedger(workshop.path("effects.jsonl")).filter(({ starts, ends }) => starts.length > ends.length);
    if (open.length === 1 && open[0]?.effect === "pay" && open[0].what === stuck) return;
    if (Date.now() > deadline) throw new Error(`After 20 seconds these effects are open: ${open.map(({ effect, what }) => `${effect} ${what}`).join(", ") || "none"}`);
    await pause(20);
  }
}
