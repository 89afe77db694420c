// The compiler: text to text. Read this file downwards, then the passes in their order.
//
//   find → scope → check → spill → lower → live → name → emit
//
// A pass reads what earlier passes wrote and nothing else; the user's syntax tree is never changed.

import { isFatal, type Diagnostic } from "./diagnostics/diagnostic.ts";
import { CompilerBug, diagnose } from "./diagnostics/table.ts";
import type { Unit } from "./facts.ts";
import { flowGraph, type FlowGraph } from "./graph.ts";
import type { Machine } from "./ir.ts";
import { find, type FlowSite, type Source } from "./passes/1-find.ts";
import { scope } from "./passes/2-scope.ts";
import { check } from "./passes/3-check.ts";
import { immutableNames, spill } from "./passes/4-spill.ts";
import { lower } from "./passes/5-lower.ts";
import { live } from "./passes/6-live.ts";
import { namePoints, nameUnits } from "./passes/7-name.ts";
import { emit, freePrefix, type LoweredFlow, type RefusedFlow } from "./passes/8-emit.ts";
import { printMachine, printScopes, printSpills } from "./print.ts";
import { sourceMap, type Piece } from "./text.ts";
import { verifyBlocks, verifyPoints } from "./verify.ts";
import type { SourceMap } from "magic-string";
import ts from "typescript";

export interface CompileOptions {
  /** As it shall stand in source maps, stack traces and stored meta data; its extension tells TypeScript from JavaScript. */
  readonly fileName: string;
  /** The module that emitted code imports; "deflow/internal" unless said otherwise. */
  readonly runtime?: string;
  /** Called after each pass with its result in print. */
  readonly log?: (pass: Pass, text: string) => void;
}

export const passes = ["find", "scope", "check", "spill", "lower", "live", "name", "emit"] as const;
export type Pass = (typeof passes)[number];

export interface Compiled {
  readonly code: string;
  readonly map: SourceMap;
  readonly pieces: readonly Piece[];
  readonly diagnostics: readonly Diagnostic[];
  readonly points: readonly PointInfo[];
  readonly graph: readonly FlowGraph[];
}

/** A resume point of the file's flows, as stored frames name it. */
export interface PointInfo {
  readonly flow: string;
  readonly unit: string;
  readonly point: string;
  /** Offset in the source. */
  readonly start: number;
  readonly locals: readonly string[];
}

/**
 * Compiles the flows of a file. Null: the file has none. A flow with errors is emitted as code that throws them at its
 * first call, so that a build which ignores `diagnostics` still never runs half-right code.
 */
export function compile(text: string, options: CompileOptions): Compiled | null {
  const log = options.log ?? (() => {});
  const source = find(text, options.fileName);
  if (!source) return null;
  log("find", source.flows.map((flow) => `flow ${flow.name}`).join("\n"));

  const prefix = freePrefix(text);
  const immutable = immutableNames(source.file);
  const diagnostics = [...source.diagnostics];
  const flows = source.flows.map((site) => compileFlow(site, source, { prefix, immutable, diagnostics, log }));

  const out = emit(source, flows, { prefix, runtime: options.runtime ?? "deflow/internal" });
  const code = out.toString();
  log("emit", code);
  const compiled = flows.filter((flow): flow is LoweredFlow => !("refused" in flow));
  return {
    code,
    get map() {
      return sourceMap(out.pieces, text, options.fileName);
    },
    pieces: out.pieces,
    diagnostics,
    points: compiled.flatMap(pointInfos),
    graph: compiled.map((flow) => flowGraph(flow, source)),
  };
}

interface Shared {
  readonly prefix: string;
  readonly immutable: ReadonlySet<string>;
  readonly diagnostics: Diagnostic[];
  readonly log: (pass: Pass, text: string) => void;
}

function compileFlow(site: FlowSite, source: Source, shared: Shared): LoweredFlow | RefusedFlow {
  try {
    if (site.diagnostics.some(isFatal)) return refuse(site, site.diagnostics);
    const facts = scope(site, source, shared.prefix);
    const ids = nameUnits(site.name, facts);
    shared.log("scope", printScopes(ids));
    const found = check(facts);
    shared.diagnostics.push(...found);
    shared.log("check", found.map((d) => `${d.code} ${d.message}`).join("\n"));
    if (found.some(isFatal)) return refuse(site, found);

    const machines = new Map<Unit, Machine>();
    for (const [unit, id] of ids) if (unit.kind === "machine") machines.set(unit, compileMachine(unit, id, facts, ids, source, shared));
    return { site, facts, machines, ids };
  } catch (error) {
    if (!(error instanceof CompilerBug)) throw error;
    const bug = diagnose("DF901", error.node ?? site.fn, error.message);
    shared.diagnostics.push(bug);
    return refuse(site, [bug]);
  }
}

function compileMachine(unit: Unit, id: string, facts: ReturnType<typeof scope>, ids: ReadonlyMap<Unit, string>, source: Source, { prefix, immutable, log }: Shared): Machine {
  const spills = spill(unit.node as ts.FunctionLikeDeclaration, facts, immutable);
  log("spill", printSpills(spills, id));
  const machine = lower(unit, { facts, spills, immutable, prefix, siteId: (of) => ids.get(of) ?? id });
  verifyBlocks(machine);
  log("lower", printMachine(machine, id));
  live(machine, facts);
  log("live", printMachine(machine, id));
  namePoints(machine, source);
  verifyPoints(machine);
  log("name", printMachine(machine, id));
  return machine;
}

function refuse(site: FlowSite, found: readonly Diagnostic[]): RefusedFlow {
  return { site, refused: found.filter(isFatal).map((d) => `${d.code}: ${d.message}. ${d.fix}`).join("\n") };
}

function pointInfos({ site, machines, ids }: LoweredFlow): PointInfo[] {
  return [...machines].flatMap(([unit, machine]) =>
    machine.points.map((point) => ({
      flow: site.name, unit: ids.get(unit) ?? site.name, point: point.id, start: point.node.getStart(), locals: point.live.map((slot) => slot.key),
    })),
  );
}
