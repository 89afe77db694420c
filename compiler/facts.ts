// What the passes know of a flow: units of code, scopes, bindings, references. Pass 2 writes it, the later ones read.

import type ts from "typescript";

/**
 * A piece of code that is emitted as one function.
 *
 * machine: a flow, or an async function or a generator nested in one, compiled to a state machine.
 * code:    any other function made in a flow: a registered factory, called with the captured variables.
 * class:   a class made in a flow: a registered factory like those of code, with ordinary code inside.
 * inline:  a class with decorators or `accessor`: ordinary code that stays where it is, in an arrow that hands it the captured
 *          variables.
 */
export interface Unit {
  readonly kind: "machine" | "code" | "class" | "inline";
  readonly node: UnitNode;
  readonly parent: Unit | null;
  readonly children: Unit[];
  /** True where nested functions stay as they are: step functions and classes hold ordinary code. */
  readonly ordinary: boolean;
  /** Set for a step function: it may not assign what it captures. */
  readonly step: boolean;
  readonly arrow: boolean;
  readonly async: boolean;
  readonly generator: boolean;
  /** An async function of its own belongs to a run, or one that is made in it does. */
  strands: boolean;
  /** The name of the environment parameter: "$e". */
  readonly env: string;
  /** Bindings of the units around that this unit, or one inside it, refers to, with their key in the environment. Pass 2 gives the keys when it is through. */
  readonly captures: Map<Binding, string>;
  /** The names that neither the unit nor the units around it declare: module and global names. */
  readonly free: Set<string>;
  usesThis: boolean;
  /** It, or an arrow in it, starts from the prototype of the literal that holds it. */
  usesSuper: boolean;
  usesArguments: boolean;
  /** `new.target`, its own or that of what an arrow is in. */
  usesTarget: boolean;
  readonly bindings: Binding[];
}

/** Not an arrow, which takes what is `this` around it from its environment. */
export function usesOwnThis({ usesThis, arrow }: Unit): boolean {
  return usesThis && !arrow;
}

export type UnitNode = ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration;

export type BindingKind = "var" | "let" | "const" | "using" | "function" | "class" | "param" | "catch" | "self";

export interface Binding {
  readonly name: string;
  /** Where it is declared, first. */
  readonly node: ts.Identifier;
  readonly kind: BindingKind;
  readonly scope: Scope;
  readonly unit: Unit;
  /** Offset after which the binding is initialised. */
  initialised: number;
  /** The end of its declaration: what is after `initialised` and before it is a later part of the same pattern. */
  declared: number;
  readonly references: Reference[];
  captured: boolean;
  /** Assigned after its initialisation. */
  mutated: boolean;
  /** A parameter that a `var` of the body declares again: two variables, to a closure among the parameters. */
  redeclared: boolean;
  /** A `var` whose declaration is written as an assignment, since it assigns a catch parameter: `catch (e) { var e = 1 }`. */
  apart: boolean;
  /** May be reached before it is initialised, so its cell exists from the entry of the scope and uses are checked. */
  early: boolean;
  /** Lives in a cell: captured, and mutated or early. */
  cell: boolean;
  /** A local of the machine rather than a native binding of a block. */
  hoisted: boolean;
  /** Its identifier in the output. */
  slot: string;
}

export interface Reference {
  readonly node: ts.Identifier;
  readonly binding: Binding;
  readonly unit: Unit;
  readonly scope: Scope;
  readonly write: boolean;
}

export interface Scope {
  readonly node: ts.Node;
  readonly unit: Unit;
  readonly parent: Scope | null;
  readonly names: Map<string, Binding>;
  /** Function declarations of this scope, in order, the last one of each name: initialised when the scope is entered. */
  readonly functions: ts.FunctionDeclaration[];
}

export interface Facts {
  readonly root: Unit;
  /** Nested functions and classes that became units. */
  readonly unitOf: Map<ts.Node, Unit>;
  readonly scopeOf: Map<ts.Node, Scope>;
  readonly references: Map<ts.Identifier, Reference>;
  /** The names that the module declares or imports: any other name that no scope of the flow declares is global. */
  readonly declared: ReadonlySet<string>;
  /** Identifiers that declare a binding. */
  readonly declarations: Map<ts.Identifier, Binding>;
  /** The tagged templates of the flow in source order, with the unit that each stands in. */
  readonly templates: Map<ts.TaggedTemplateExpression, Unit>;
  /** Something in the flow is given a `then`: what it awaits may be a thenable of its own. */
  thenables: boolean;
  /** Who settles the promises that may have to be durable, by the `Promise` or the `Promise.withResolvers` that makes them. */
  readonly hands: ReadonlyMap<ts.Node, "own" | "shared">;
  /** Identifiers that declare a name which their scope has already, where JavaScript does not allow it. */
  readonly repeated: ts.Identifier[];
}
