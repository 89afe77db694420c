// 8. Emit.
//
// Takes   the lowered, named flows of a file.
// Gives   the output as pieces: slices of the source, and glue that is anchored in it.
// Keeps   every character outside the flows, and inside them every statement that needs no change.
//
//   export const f = deflow(async function f(x) { … })
//   →  const $f_add = $.code("f#add", …);
//      export const f = deflow($.flow({ … }, async ($f) => { … }))

import ts from "typescript";
import type { Facts, Unit } from "../facts.ts";
import type { Machine } from "../ir.ts";
import type { Suspends } from "../suspends.ts";
import { TextBuilder } from "../text.ts";
import type { FlowSite, Source } from "./1-find.ts";
import type { TemplateSites } from "./7-name-templates.ts";
import { Emitter } from "./8-emit-emitter.ts";
import { emitMachineCall } from "./8-emit-machine.ts";
import type { NamedTemplates } from "./8-emit-templates.ts";
import { emitFactories } from "./8-emit-units.ts";

export interface LoweredFlow {
  readonly site: FlowSite;
  readonly facts: Facts & { suspends: Suspends };
  readonly machines: ReadonlyMap<Unit, Machine>;
  readonly ids: ReadonlyMap<Unit, string>;
  readonly templates: TemplateSites;
  /** Released points that were given up, each after the id of its function: `approve listen:old`. */
  readonly retired: readonly string[];
}

/** A flow with fatal diagnostics: its code throws them at the first call. */
export interface RefusedFlow {
  readonly site: FlowSite;
  readonly refused: string;
}

export interface EmitOptions {
  readonly prefix: string;
  /** The module that emitted code imports. */
  readonly runtime: string;
  /** The constants that stand beside the flows of this file so far. */
  readonly constants: Set<string>;
}

/** What stands in the output for one flow. */
export interface FlowText {
  readonly site: FlowSite;
  /** The factories of its functions, before the statement that holds it. */
  readonly before: TextBuilder;
  /** In the place of its function. */
  readonly inPlace: TextBuilder;
}

export function emitFlow(flow: LoweredFlow | RefusedFlow, source: Source, options: EmitOptions): FlowText {
  const { site } = flow;
  if ("refused" in flow) {
    const inPlace = new TextBuilder(source.file.text);
    inPlace.glue(refusal(flow, options.prefix), site.fn.getStart(source.file));
    return { site, before: new TextBuilder(source.file.text), inPlace };
  }
  const { facts, machines, ids, templates, retired } = flow;
  const emitter = new Emitter(facts, source, { ...options, names: constantNames(ids, options), machines, ids, retired, pinned: site.pinned, templates: namedTemplates(templates, options) });
  return { site, before: emitFactories(emitter, statementOf(site.call)), inPlace: emitMachineCall(emitter) };
}

/** The file, with its flows in their places. */
export function emit(source: Source, flows: readonly FlowText[], options: EmitOptions): TextBuilder {
  const out = new TextBuilder(source.file.text);
  const { file } = source;
  let at = 0;
  const upTo = (end: number): void => {
    out.slice(at, end);
    at = end;
  };
  upTo(importPosition(file));
  out.glue(importText(file, options), at);
  let open: ts.Statement | undefined;
  for (const { site, inPlace } of flows) {
    const statement = statementOf(site.call);
    if (statement !== open) {
      open = statement;
      if (statement.getFullStart() > at) upTo(statement.getFullStart());
      for (const other of flows) if (statementOf(other.site.call) === statement) out.append(other.before);
    }
    upTo(site.fn.getStart(file));
    out.append(inPlace);
    at = site.fn.end;
  }
  upTo(file.text.length);
  return out;
}

function refusal({ site, refused }: RefusedFlow, $: string): string {
  const name = JSON.stringify(site.name);
  return `${$}.flow({ contract: 2, id: ${name}, name: ${name}, length: 0, file: ${JSON.stringify(site.fn.getSourceFile().fileName)}, points: {} }, ${$}.refused(${name}, ${JSON.stringify(refused)}))`;
}

/** The statement with the call, of those that declarations can stand before. */
function statementOf(node: ts.Node): ts.Statement {
  return ts.findAncestor(node, (up) => ts.isStatement(up) && (ts.isSourceFile(up.parent) || ts.isBlock(up.parent) || ts.isModuleBlock(up.parent) || ts.isCaseOrDefaultClause(up.parent))) as ts.Statement;
}

/** After the directives, on the line of the first statement, so that line numbers stay right even without a map. */
function importPosition(file: ts.SourceFile): number {
  const first = file.statements.find((s) => !(ts.isExpressionStatement(s) && ts.isStringLiteral(s.expression)));
  return first ? first.getStart(file) : file.end;
}

/** A namespace, because TypeScript does not rewrite synthesised named imports when it makes CommonJS. */
function importText(file: ts.SourceFile, { prefix, runtime }: EmitOptions): string {
  const from = JSON.stringify(runtime);
  return ts.isExternalModule(file) ? `import * as ${prefix} from ${from}; ` : `const ${prefix} = require(${from}); `;
}

/** The constants beside a flow, by what they hold: `$approve_add`. */
function constantNames<K>(ids: ReadonlyMap<K, string>, { prefix, constants: taken }: EmitOptions): Map<K, string> {
  const names = new Map<K, string>();
  for (const [key, id] of ids) {
    let name = `${prefix}${id.replace(/\W+/g, "_")}`;
    for (let n = 2; taken.has(name); n++) name = `${prefix}${id.replace(/\W+/g, "_")}_${n}`;
    taken.add(name);
    names.set(key, name);
  }
  return names;
}

function namedTemplates(templates: TemplateSites, options: EmitOptions): NamedTemplates {
  const names = constantNames(new Map([...templates].map(([node, { id }]) => [node, id])), options);
  return new Map([...templates].map(([node, site]) => [node, { ...site, name: names.get(node) as string }]));
}

/** "$", or as many as it takes that no identifier of the file begins with it. */
export function freePrefix(text: string): string {
  let prefix = "$";
  while (new RegExp(`(?<![\\w$])${prefix.replaceAll("$", "\\$")}(?!\\{)`).test(text)) prefix += "$";
  return prefix;
}
