// The compiler: text to text. Read this file downwards, then the passes in their order.
//
//   find → scope → check → spill → lower → live → name → emit
//
// A pass reads what earlier passes wrote and nothing else; the user's syntax tree is never changed.

import { chainHash, words } from "./chain.ts";
import { isFatal, type Diagnostic } from "./diagnostics/diagnostic.ts";
import { CompilerBug, diagnose, diagnoseAt } from "./diagnostics/table.ts";
import { type Unit, usesOwnThis } from "./facts.ts";
import { flowGraph, type FlowGraph } from "./graph.ts";
import { withoutIgnored } from "./ignore.ts";
import { keyAt, type Machine } from "./ir.ts";
import { checkReleased } from "./lock/check.ts";
import { pointKey, type ReleasedFlow, type ReleasedFlows } from "./lock/lock.ts";
import { migrationsIn } from "./lock/migrations.ts";
import { sourceMap, type SourceMap } from "./map.ts";
import type { Pass } from "./pass.ts";
import { find, type FlowSite, type Source } from "./passes/1-find.ts";
import { scope } from "./passes/2-scope.ts";
import { check } from "./passes/3-check.ts";
import { immutableNames, spill } from "./passes/4-spill.ts";
import { lower } from "./passes/5-lower.ts";
import { live } from "./passes/6-live.ts";
import { type Findings, keeperOf } from "./passes/7-keep.ts";
import { type Keeper, namePoints, nameUnits } from "./passes/7-name.ts";
import { fingerprint, nameSlots, slotsAt } from "./passes/7-name-slots.ts";
import { nameTemplates } from "./passes/7-name-templates.ts";
import { emit, emitFlow, freePrefix, type EmitOptions, type FlowText, type LoweredFlow, type RefusedFlow } from "./passes/8-emit.ts";
import { pendingJumps } from "./passes/8-emit-machine.ts";
import { printMachine, printScopes, printSpills } from "./print.ts";
import { shapeOf, type TypeAt } from "./shape.ts";
import { TextBuilder, type Piece } from "./text.ts";
import { verifyBlocks, verifyPoints } from "./verify.ts";
import ts from "typescript";

/** Of `compile()`. */
export interface CompileOptions {
  /** As it shall stand in source maps, stack traces and stored meta data; its extension tells TypeScript from JavaScript. */
  readonly fileName: string;
  /** The module that emitted code imports; default "deflow/internal". */
  readonly runtime?: string;
  /** What the lock file says of flows: those of this file keep the ids of what is released. Default: nothing is released. */
  readonly released?: ReleasedFlows;
  /** Development: what released code stored may be left behind, which is a warning then. Default: false. */
  readonly dev?: boolean;
  /** Called after each pass with its result in print. Default: nothing is printed, which costs more than compiling. */
  readonly log?: (pass: Pass, text: string) => void;
}

/** What the compiler makes of a file. */
export interface Compiled {
  /** The file's text with the flows compiled. */
  readonly code: string;
  /** From the code to the source, token by token. */
  readonly map: SourceMap;
  /** The same code as slices of the source and the glue between them. */
  readonly pieces: readonly Piece[];
  /** All that is wrong with the file, or worth knowing. */
  readonly diagnostics: readonly Diagnostic[];
  /** The resume points of its flows. */
  readonly points: readonly PointInfo[];
  /** The graph of each flow that compiles. */
  readonly graph: readonly FlowGraph[];
  /** What a lock file would say of the flows, with the types that `typeAt` gives. */
  readonly shapes: (typeAt?: TypeAt) => ReleasedFlows;
  /** Points with a migration in this file: `approve listen:decision@k3f0a`. */
  readonly migrations: readonly string[];
  /** The names of the flows, as often as they are declared; refused ones too. */
  readonly flows: readonly string[];
  /** Flows whose runs go on with the text that they were begun with alone. */
  readonly pinned: readonly string[];
  /**
   * What the passes found of the flows that are compiled: for who knows types too.
   * @internal
   */
  readonly lowered: readonly LoweredFlow[];
}

/** A resume point of the file's flows, as stored frames name it. */
export interface PointInfo {
  /** The flow's name. */
  readonly flow: string;
  /** The function of the flow that it is in, by its id. */
  readonly unit: string;
  /** The id of the point within that function. */
  readonly point: string;
  /** Offset in the source. */
  readonly start: number;
  /** The keys of its slots. */
  readonly locals: readonly string[];
  /** What is stored there. */
  readonly slots: readonly PointSlot[];
  /** What is around it within its function, from outside inwards: `for-of`, `try`, `finally`. */
  readonly regions: readonly string[];
  /** The hash of the same, as frames have it; "": nothing is around it. */
  readonly region: string;
  /** Its function uses its own `this`, which is stored with it. */
  readonly self: boolean;
  /** Five characters over its regions and the keys of its slots. */
  readonly fingerprint: string;
  /** Of each completion among its slots: the jumps that may be pending in it, `throw` apart. */
  readonly jumps: Readonly<Record<string, readonly string[]>>;
}

/** One thing that is stored at a point. */
export interface PointSlot {
  /** Its key among the locals of a frame. */
  readonly key: string;
  /** The slot holds the cell of a captured variable. */
  readonly cell: boolean;
}

/**
 * Compiles the flows of a file. Null: the file has none. A flow with errors is emitted as code that throws them at its
 * first call, so that a build which ignores `diagnostics` still never runs half-right code. A call of `deflow` in which no
 * flow is found (DF101 to DF103, DF203, DF310) is left as it is: `deflow` throws NotCompiled there.
 */
export function compile(text: string, options: CompileOptions): Compiled | null {
  // Printing costs more than compiling, so nothing is printed that nobody asked for.
  const log: Log = (pass, print) => options.log?.(pass, print());
  const source = parsed(text, options.fileName);
  if (!source) return null;
  if ("tooDeep" in source) return assembled(source.tooDeep, [], [source.diagnostic], text, options.fileName);
  log("find", () => source.flows.map((flow) => `flow ${flow.name}`).join("\n"));

  const emitOptions = { prefix: freePrefix(text), runtime: options.runtime ?? "deflow/internal", constants: new Set<string>() };
  const diagnostics = [...source.diagnostics];
  const { released = {}, dev = false } = options;
  const migrations = migrationsIn(source.file);
  const shared = { emitOptions, immutable: immutableNames(source), diagnostics, log, released, dev, migrations };
  const flows = source.flows.map((site) => compileFlow(site, source, shared));

  const out = flows.length > 0 ? emit(source, flows.map((flow) => flow.text), emitOptions) : asItIs(text);
  const result = assembled(out, flows, withoutIgnored(diagnostics, source.file, ts, "syntax"), text, options.fileName, migrations);
  log("emit", () => result.code);
  return result;
}

type Log = (pass: Pass, print: () => string) => void;

interface CompiledFlow {
  readonly text: FlowText;
  readonly points: readonly PointInfo[];
  readonly graph: (() => FlowGraph) | null;
  readonly name: string;
  readonly shape: ((typeAt: TypeAt) => ReleasedFlow) | null;
  readonly pinned: boolean;
  readonly lowered: LoweredFlow | null;
}

/** A file that is nested too deeply for the parser is told so, and left as it is. */
function parsed(text: string, fileName: string): Source | { tooDeep: TextBuilder; diagnostic: Diagnostic } | null {
  try {
    return find(text, fileName);
  } catch (error) {
    if (!isOverflow(error)) throw error;
    return { tooDeep: asItIs(text), diagnostic: diagnoseAt("DF206", 0, 0) };
  }
}

function asItIs(text: string): TextBuilder {
  const out = new TextBuilder(text);
  out.slice(0, text.length);
  return out;
}

/** V8's way to say that the stack is used up. */
function isOverflow(error: unknown): boolean {
  return error instanceof RangeError && /call stack/.test(error.message);
}

function assembled(out: TextBuilder, flows: readonly CompiledFlow[], diagnostics: readonly Diagnostic[], text: string, fileName: string, migrations: readonly string[] = []): Compiled {
  return {
    code: out.toString(),
    get map() {
      return sourceMap(out.pieces, text, fileName);
    },
    pieces: out.pieces,
    diagnostics,
    points: flows.flatMap((flow) => flow.points),
    // A flow of n branches has n² ways from one stop to the next: found only for who wants to see them.
    get graph() {
      return flows.flatMap((flow) => flow.graph?.() ?? []);
    },
    shapes: (typeAt = () => "") => Object.fromEntries(flows.flatMap(({ name, shape }) => (shape ? [[name, shape(typeAt)]] : []))),
    migrations,
    flows: flows.map(({ name }) => name),
    pinned: flows.flatMap(({ name, pinned }) => (pinned ? [name] : [])),
    lowered: flows.flatMap(({ lowered }) => lowered ?? []),
  };
}

interface Shared {
  readonly emitOptions: EmitOptions;
  readonly immutable: ReadonlySet<string>;
  readonly diagnostics: Diagnostic[];
  readonly log: Log;
  readonly released: ReleasedFlows;
  readonly dev: boolean;
  readonly migrations: readonly string[];
}

/** Whatever goes wrong in a flow is told at that flow, and the others are compiled. */
function compileFlow(site: FlowSite, source: Source, shared: Shared): CompiledFlow {
  const refused = (found: readonly Diagnostic[]): CompiledFlow => ({ text: emitFlow(refuse(site, found), source, shared.emitOptions), points: [], graph: null, name: site.name, pinned: site.pinned, shape: null, lowered: null });
  try {
    const flow = lowerFlow(site, source, shared);
    if (!("machines" in flow)) return refused(flow);
    return { text: emitFlow(flow, source, shared.emitOptions), points: pointInfos(flow, source), graph: () => flowGraph(flow, source), name: site.name, pinned: site.pinned, shape: (typeAt) => shapeOf(flow, source, typeAt), lowered: flow };
  } catch (error) {
    const diagnostic = failureOf(error, site);
    shared.diagnostics.push(diagnostic);
    return refused([diagnostic]);
  }
}

function failureOf(error: unknown, site: FlowSite): Diagnostic {
  if (isOverflow(error)) return diagnose("DF206", site.fn.name ?? site.call.expression);
  if (error instanceof CompilerBug) return diagnose("DF901", error.node ?? site.fn, error.message);
  throw error;
}

/** The diagnostics where some are fatal and not silenced. */
function lowerFlow(site: FlowSite, source: Source, shared: Shared): LoweredFlow | readonly Diagnostic[] {
  if (site.diagnostics.some(isFatal)) return site.diagnostics;
  const facts = scope(site, source, shared.emitOptions.prefix);
  const released = Object.hasOwn(shared.released, site.name) ? shared.released[site.name] : undefined;
  const kept = released && keeperOf(released, () => ids);
  const ids: ReadonlyMap<Unit, string> = nameUnits(site.name, facts, kept?.keeper ?? null);
  shared.log("scope", () => printScopes(ids));
  const found = check(facts);
  shared.diagnostics.push(...found);
  shared.log("check", () => found.map((d) => `${d.code} ${d.message}`).join("\n"));
  if (withoutIgnored(found, source.file, ts, "syntax").some(isFatal)) return found;

  const machines = new Map<Unit, Machine>();
  for (const [unit, id] of ids) if (unit.kind === "machine") machines.set(unit, compileMachine(unit, id, { facts, keeper: kept?.keeper ?? null }, source, shared));
  const flow = { site, facts, machines, ids, templates: nameTemplates(facts, ids), retired: released?.retired ?? [] };
  const misfits = released && kept ? checkedRelease(flow, released, kept.findings, source, shared) : [];
  shared.diagnostics.push(...misfits);
  return misfits.some(isFatal) ? misfits : flow;
}

/** What the lock says of the flow beside what is compiled. */
function checkedRelease(flow: LoweredFlow, released: ReleasedFlow, findings: Findings, source: Source, { dev, migrations }: Shared): Diagnostic[] {
  const nodes = new Map<string, ts.Node>([...flow.ids].map(([unit, id]) => [id, unit.node]));
  for (const [unit, { points }] of flow.machines) for (const point of points) nodes.set(pointKey(flow.ids.get(unit) as string, point.id), point.node);
  const checked = { flow: flow.site.name, released, compiled: shapeOf(flow, source, () => ""), findings, nodeOf: (key: string) => nodes.get(key), at: flow.site.call.expression };
  const found = checkReleased(checked, source, new Set([...released.migrated, ...migrations]));
  return dev ? found.map((diagnostic) => ({ ...diagnostic, severity: "warning" })) : found;
}

function compileMachine(unit: Unit, id: string, { facts, keeper }: { facts: ReturnType<typeof scope>; keeper: Keeper | null }, source: Source, { emitOptions, immutable, log }: Shared): Machine {
  const spills = spill(unit.node as ts.FunctionLikeDeclaration, facts, immutable);
  log("spill", () => printSpills(spills, id));
  const machine = lower(unit, { facts, spills, immutable, prefix: emitOptions.prefix });
  verifyBlocks(machine);
  log("lower", () => printMachine(machine, id));
  live(machine, facts);
  log("live", () => printMachine(machine, id));
  nameSlots(machine, facts);
  namePoints(machine, source, keeper);
  verifyPoints(machine);
  log("name", () => printMachine(machine, id));
  return machine;
}

function refuse(site: FlowSite, found: readonly Diagnostic[]): RefusedFlow {
  return { site, refused: found.filter(isFatal).map((d) => `${d.code}: ${d.message}. ${d.fix}`).join("\n") };
}

function pointInfos({ site, machines, ids }: LoweredFlow, { file }: Source): PointInfo[] {
  return [...machines].flatMap(([unit, machine]) =>
    machine.points.map((point) => ({
      flow: site.name, unit: ids.get(unit) ?? site.name, point: point.id, start: point.node.getStart(file), self: usesOwnThis(unit),
      get locals() {
        return point.live.list().map((slot) => keyAt(point, slot));
      },
      get slots() {
        return slotsAt(point);
      },
      get regions() {
        return words(point.chain);
      },
      get region() {
        return chainHash(point.chain);
      },
      get fingerprint() {
        return fingerprint(point);
      },
      get jumps() {
        return Object.fromEntries(pendingJumps(machine, point));
      },
    })),
  );
}
