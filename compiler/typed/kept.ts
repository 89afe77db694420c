// DF501, DF502: a local that cannot be kept and is live where the run stops. DF503, on request: one of type `any`.
//
//   const socket = connect(port);
//   await listen(decision);          a stop: frames stored here hold `socket`
//   socket.write("yes");
//
// Asks the types of what is live at some stop at all, once each; only for what is refused it looks where.

import ts from "typescript";
import { diagnoseAt } from "../diagnostics/table.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Binding, Unit } from "../facts.ts";
import type { Machine, Point } from "../ir.ts";
import { skipOuter } from "../roles.ts";
import type { LoweredFlow } from "../passes/8-emit.ts";
import { isAbsentAt } from "./absent.ts";
import { type Assignment, assignmentsOf, isAssigned, pushedTo, stopReached } from "./assigned.ts";
import type { TypedFile } from "./file.ts";
import type { Keepable, Refusal } from "./keepable.ts";
import { Origins } from "./origin.ts";
import type { Origin } from "./origin-call.ts";
import type { Stops } from "./stops.ts";

export function keptLocals(at: TypedFile, stops: Stops, keepable: Keepable, any: boolean): Diagnostic[] {
  return new KeptLocals(at, stops, keepable, any).find();
}

class KeptLocals {
  readonly #at: TypedFile;
  readonly #stops: Stops;
  readonly #any: boolean;
  readonly #keepable: Keepable;
  readonly #origins: Origins;
  readonly #judged = new Map<Binding, Refusal | "any" | null>();
  readonly #told = new Map<Binding, Diagnostic>();

  constructor(at: TypedFile, stops: Stops, keepable: Keepable, any: boolean) {
    this.#at = at;
    this.#stops = stops;
    this.#any = any;
    this.#keepable = keepable;
    this.#origins = new Origins(at);
  }

  find(): Diagnostic[] {
    for (const flow of this.#at.flows) {
      for (const [unit, machine] of flow.machines) this.#machine(flow, unit, machine);
      for (const unit of flow.facts.unitOf.values()) if (unit.step) this.#step(unit);
    }
    return [...this.#told.values()];
  }

  #machine(flow: LoweredFlow, unit: Unit, machine: Machine): void {
    const points = machine.points.filter((point) => point.kind === "await" && this.#stops.isStop(point));
    const [first] = points;
    if (first === undefined) return;
    const live = liveAt(points);
    for (const binding of live) {
      if (isAssigned(binding)) this.#assigned(binding, machine, points);
      else this.#tell(binding, () => this.#live(binding, stopWith(machine, binding, points)));
      this.#values(binding, pushedTo(binding), "[]", machine, points);
    }
    this.#captures(flow, machine, live, points);
    if (unit.parent) for (const binding of unit.captures.keys()) this.#tell(binding, () => `is captured by the async function in line ${this.#line(unit.node)}, which stops at ${this.#place(first)}`);
  }

  /** Of a variable that is assigned: one assignment whose value is there at a stop. */
  #assigned(binding: Binding, machine: Machine, points: readonly Point[]): void {
    const assignments = assignmentsOf(binding);
    if (assignments.includes(null)) this.#tell(binding, () => this.#live(binding, stopWith(machine, binding, points)));
    this.#values(binding, assignments.filter((assignment) => assignment !== null), "", machine, points);
  }

  /** `path`: from the variable to the values. */
  #values(binding: Binding, assignments: readonly Assignment[], path: string, machine: Machine, points: readonly Point[]): void {
    const slot = machine.slots.get(binding);
    // A list is there, whatever is in it.
    const isList = path !== "";
    for (const assignment of assignments) {
      if (this.#told.has(binding)) return;
      const refusal = this.#judgeValue(assignment);
      const point = refusal && stopReached(machine, binding, assignment, (each) => points.includes(each) && slot !== undefined && each.live.has(slot) && (isList || !isAbsentAt(each.node, binding, assignment.name)));
      if (point) this.#note(binding, refusal === "any" ? refusal : { ...refusal, path: `${path}${refusal.path}` }, assignment.name, () => this.#live(binding, point));
    }
  }

  #live(binding: Binding, point: Point): string {
    const reader = this.#readAfter(binding, point.node);
    return `is live at ${this.#place(point)}${reader === undefined ? "" : `: line ${reader} reads it`}`;
  }

  /** What the functions among them hold is kept with them, and what that holds. */
  #captures(flow: LoweredFlow, machine: Machine, live: readonly Binding[], points: readonly Point[]): void {
    const met = new Set(live);
    // The set grows while it is worked off.
    for (const held of met) {
      for (const binding of functionIn(flow, held)?.captures.keys() ?? []) {
        this.#tell(binding, () => `is captured by \`${held.name}\`, which is kept at ${this.#place(stopWith(machine, held, points))}`);
        met.add(binding);
      }
    }
  }

  /** A step begins from a frame that holds its function. */
  #step(unit: Unit): void {
    if (isUnrecorded(unit.node)) return;
    for (const binding of unit.captures.keys()) this.#tell(binding, () => `is captured by the step function in line ${this.#line(unit.node)}, which is stored before it runs`);
  }

  #tell(binding: Binding, how: () => string): void {
    const refusal = this.#judge(binding);
    if (refusal !== null && !this.#told.has(binding)) this.#note(binding, refusal, binding.node, how);
  }

  /** `how` it is kept: "is live at `sleep` (line 12): line 14 reads it". */
  #note(binding: Binding, refusal: Refusal | "any", at: ts.Identifier, how: () => string): void {
    const start = at.getStart();
    const length = at.end - start;
    const name = `\`${binding.name}`;
    this.#told.set(binding, refusal === "any" ? diagnoseAt("DF503", start, length, `${name}\``, how())
      : diagnoseAt(refusal.sure ? "DF501" : "DF502", start, length, `${name}${refusal.path}\` is ${refusal.what}`, `\`${binding.name}\` ${how()}`, refusal.fix));
  }

  #judge(binding: Binding): Refusal | "any" | null {
    let refusal = this.#judged.get(binding);
    if (refusal === undefined) this.#judged.set(binding, (refusal = this.#judgeAnew(binding)));
    return refusal;
  }

  #judgeAnew(binding: Binding): Refusal | "any" | null {
    const { api, checker } = this.#at.program;
    const { node, kind } = binding;
    if (kind === "function" || kind === "class" || kind === "self") return null;
    const name = this.#at.nameAt(node);
    if (name === undefined) return null;
    const type = checker.getTypeAtLocation(name);
    if (type.flags & api.TypeFlags.Any) return this.#any && kind !== "catch" ? "any" : null;
    return this.#keepable.refusal(type, binding.mutated ? this.#originOfAll(binding) : this.#origins.ofName(name));
  }

  /** What every assignment gives a variable. */
  #originOfAll(binding: Binding): Origin {
    const values = assignmentsOf(binding).map((assignment) => assignment && this.#valueOf(assignment));
    return values.every((value) => value != null) ? this.#origins.ofValues(values) : "unknown";
  }

  #judgeValue(assignment: Assignment): Refusal | "any" | null {
    const { api, checker } = this.#at.program;
    const value = this.#valueOf(assignment);
    if (value === undefined) return null;
    const type = checker.getTypeAtLocation(value);
    const declared = checker.getTypeAtLocation(this.#at.nameAt(assignment.name) as ts.Identifier);
    const known = type.flags & api.TypeFlags.Any ? declared : type;
    if (known.flags & api.TypeFlags.Any) return this.#any ? "any" : null;
    return this.#keepable.refusal(known, this.#origins.ofValues([value]));
  }

  /** In the program. */
  #valueOf({ name, value }: Assignment): ts.Expression | undefined {
    const { api } = this.#at.program;
    const parent = this.#at.nameAt(name)?.parent;
    if (parent === undefined) return undefined;
    if (api.isBinaryExpression(parent)) return parent.right;
    if (api.isVariableDeclaration(parent)) return parent.initializer;
    return api.isCallExpression(parent.parent) ? parent.parent.arguments.find(({ pos }) => pos === value.pos) : undefined;
  }

  #place(point: Point): string {
    return `\`${point.id.replace(/~.*/, "")}\` (line ${this.#line(point.node)})`;
  }

  #line(node: ts.Node): number {
    return this.#at.lineOf(node.getStart());
  }

  /** The first line after the point that reads the variable; in a loop that may be one before it. */
  #readAfter({ references }: Binding, point: ts.Node): number | undefined {
    const reads = references.filter(({ write }) => !write).map(({ node }) => node).sort((a, b) => a.pos - b.pos);
    const reader = reads.find(({ pos }) => pos >= point.end) ?? reads[0];
    return reader && this.#line(reader);
  }
}

/** The variables that are live at one of the points, each once. */
function liveAt(points: readonly Point[]): Binding[] {
  const [first] = points;
  if (first === undefined) return [];
  const [all] = first.live.order.empty(1);
  if (all === undefined) return [];
  for (const { live } of points) all.addAll(live, null);
  return all.list().flatMap(({ binding }) => binding ?? []);
}

/** The first of the points, or the first that keeps the variable itself. */
function stopWith({ slots }: Machine, binding: Binding, points: readonly Point[]): Point {
  const slot = slots.get(binding);
  return (slot && points.find(({ live }) => live.has(slot))) ?? (points[0] as Point);
}

/** The function that a variable is declared as. */
function functionIn({ facts }: LoweredFlow, { node }: Binding): Unit | undefined {
  const { parent } = node;
  if (ts.isFunctionDeclaration(parent)) return facts.unitOf.get(parent);
  return ts.isVariableDeclaration(parent) && parent.initializer ? facts.unitOf.get(skipOuter(parent.initializer)) : undefined;
}

/** `step(fn, { record: false })` runs at once and leaves no trace. Options that are not written there may say so too. */
function isUnrecorded(fn: ts.Node): boolean {
  const call = ts.findAncestor(fn, ts.isCallExpression);
  const options = call?.arguments.at(-1);
  if (!options || !(options.pos > fn.pos)) return false;
  return !ts.isObjectLiteralExpression(options) || options.properties.some((property) => ts.isSpreadAssignment(property) || (property.name && ts.isIdentifier(property.name) && property.name.text === "record"));
}
