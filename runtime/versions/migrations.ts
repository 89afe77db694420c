// Migrations: what a frame of released code means to newer code, where that needs other locals or has the wait elsewhere. They are applied when a run
// is read; the run is stored in its new form with its next commit.
//
//   migrate(approve, "listen:decision@k3f0a", (locals) => ({ ...locals, currency: "EUR" }))
//   migrate(approve, "listen:decision@k3f0a", ({ amount }) => ({ total: amount }), { to: "listen:manager" })
//
//   locals ── the named ones, of cells what they hold ──► the function ──► into the same cells ──► fits? else looked up again by its own fingerprint

import { InvalidArgumentError } from "../errors/run.ts";
import { MigrationFailedError } from "../errors/versions.ts";
import { shared } from "../realm/shared.ts";
import { type Meta, placeOf } from "../strands/registry.ts";
import { Cell, tdz } from "../values/cell.ts";
import { slotName, thisSlot } from "./atoms.ts";
import { pointOf } from "./build.ts";
import { fingerprint } from "./fingerprint.ts";
import type { BuiltPoint } from "./judge.ts";

type Locals = Record<string, unknown>;

export interface Migration {
  readonly change: (locals: Locals) => unknown;
  readonly to: string | undefined;
}

/** By the id of the flow, or of the function in one, and then by point and fingerprint. */
export type Migrations = Map<string, Map<string, Migration>>;

export function declareMigration(flow: string, from: string, migration: Migration): void {
  const [, id = flow, point = from] = from.startsWith(`${flow}#`) ? /^(\S+) (.+)$/s.exec(from) ?? [] : [];
  if (!/.@[0-9a-v]{5}$/s.test(point)) throw new InvalidArgumentError("The point to migrate from", JSON.stringify(from), "one with its fingerprint, as `listen:decision@k3f0a`; the lock file and the diagnostics have it");
  const all = (shared.migrations ??= new Map());
  let ofUnit = all.get(id);
  if (ofUnit === undefined) all.set(id, (ofUnit = new Map()));
  ofUnit.set(point, migration);
  shared.revision = (shared.revision ?? 0) + 1;
}

/** Where a stored strand or generator stands. */
export interface Standing {
  readonly meta: Meta;
  readonly point: string;
  /** The hash of the region chain; "": none. */
  readonly region: string;
  /** What `this` was is stored. */
  readonly self: boolean;
  readonly locals: Locals;
}

/** Two that lead to each other would never end. */
const mostInARow = 100;

/** Undefined: there is none from there. @throws MigrationFailed. */
export function migrated(standing: Standing, fits: (standing: Standing, built: BuiltPoint) => boolean, runId: string | undefined): Standing | undefined {
  const ofUnit = shared.migrations?.get(standing.meta.id);
  if (ofUnit === undefined) return undefined;
  let at = standing;
  for (let taken = 0; taken < mostInARow; taken++) {
    const from = `${at.point}@${fingerprintOf(at)}`;
    const migration = ofUnit.get(from);
    if (migration === undefined) {
      if (taken === 0) return undefined;
      throw failed(standing, `what it gave has no place in the code, nor is there one from \`${from}\`${lacking(at)}`, runId);
    }
    at = changed(at, from, migration, runId);
    const built = pointOf(at.meta, at.point);
    if (built !== undefined && hasOwnHidden(at, built)) at = { ...at, region: built.region, locals: asCells(at.locals, built) };
    if (built !== undefined && fits(at, built)) return at;
    if (`${at.point}@${fingerprintOf(at)}` === from) throw failed(standing, `it leads to itself${lacking(at)}`, runId);
  }
  throw failed(standing, "it leads to itself", runId);
}

const fingerprints = new Map<string, string>();

function fingerprintOf({ region, locals }: Standing): string {
  const keys = Object.keys(locals);
  const written = `${region} ${keys.join(" ")}`;
  let found = fingerprints.get(written);
  // Whatever order they are in: of a released point there are a few.
  if (found === undefined) fingerprints.set(written, (found = fingerprint(region, keys.map((key) => ({ key })))));
  return found;
}

function changed(at: Standing, from: string, { change, to }: Migration, runId: string | undefined): Standing {
  const { locals } = at;
  const given: Locals = {};
  const next: Locals = {};
  for (const key of Object.keys(locals)) {
    const value = locals[key];
    if (key.startsWith("~") || (value instanceof Cell && value.v === tdz)) next[key] = value;
    else given[key] = contentsOf(value);
  }
  let answer: unknown;
  try {
    answer = change(given);
  } catch (cause) {
    throw failed(at, `its function threw: ${cause instanceof Error ? cause.message : String(cause)}`, runId, { cause });
  }
  if (typeof answer !== "object" || answer === null || typeof (answer as { then?: unknown }).then === "function") throw failed(at, `its function must give the locals at once, as an object; from \`${from}\``, runId);
  for (const key of Object.keys(answer)) {
    if (key.startsWith("~")) continue;
    const value = (answer as Locals)[key];
    const before = Object.hasOwn(locals, key) ? locals[key] : undefined;
    // Closures that captured the variable see what it became.
    if (before instanceof Cell) before.v = value;
    next[key] = before instanceof Cell ? before : value;
  }
  return { ...at, point: to ?? at.point, locals: next };
}

/** What the code needs at the point and the locals do not have, as the end of a sentence. */
function lacking({ meta, point, self, locals }: Standing): string {
  const built = pointOf(meta, point);
  if (built === undefined) return "";
  const missing = [...(built.self === true && !self ? [thisSlot] : []), ...built.slots.filter(({ key }) => !Object.hasOwn(locals, key))];
  return missing.length === 0 ? "" : `: the code needs ${missing.map(({ key }) => `\`${slotName(key)}\``).join(", ")}`;
}

function contentsOf(value: unknown): unknown {
  return value instanceof Cell ? value.v : value;
}

/**
 * Whether what the compiler keeps is what the point needs: in the same region it is. In another there must be none of it, for the position in one loop
 * says nothing of another.
 */
function hasOwnHidden({ region, locals }: Standing, built: BuiltPoint): boolean {
  if (region === built.region) return true;
  return !built.slots.some(({ key }) => key.startsWith("~")) && !Object.keys(locals).some((key) => /^~(?:c|u)/.test(key));
}

/** In place. A variable that closures share today gets a cell, one that they do not share any more is a value. */
function asCells(locals: Locals, { slots }: BuiltPoint): Locals {
  for (const { key, cell } of slots) {
    if (key.startsWith("~") || !Object.hasOwn(locals, key)) continue;
    const value = locals[key];
    if (value instanceof Cell !== cell) locals[key] = cell ? new Cell(value) : contentsOf(value);
  }
  return locals;
}

function failed({ meta, point }: Standing, problem: string, runId: string | undefined, options: { cause?: unknown } = {}): MigrationFailedError {
  return new MigrationFailedError(placeOf({ meta, point }), problem, { runId, ...options });
}
