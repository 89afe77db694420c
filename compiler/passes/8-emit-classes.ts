// Emits the classes made in a flow: each is lifted to a registered factory beside the flow, and made where it stood. The base
// and the computed keys stay there, as functions that the class's text calls where they were.
//
//   class A extends (await base()) { static n = count(); [k]() { return x } }
//   →  const $f_A = $.class("f#A", "x", ($e, $c) => class A extends $c.base() {                                  beside the flow
//        static { $c.begin(this); } static n = $c.fresh && (count()); [$c.key()]() { return $e.x } }, { members: "method[0]" });
//      A = $f_A({ x }, () => ($t1), () => (k));                                                             in its place
//
// `$c` is the making of the class, for the first time or again from a frame (runtime/values/class.ts). Then nothing static runs, and
// the constructor, where it has to put private names or functions into an instance, does nothing else.

import ts from "typescript";
import { canInstall, classMembers, hasOwnFunction } from "../class-parts.ts";
import type { Unit } from "../facts.ts";
import { baseOf, headOf, isConstructed, isMade, isStatic, keyText, skipOuter } from "../roles.ts";
import { inferredName } from "./7-name.ts";
import { copy } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";
import { accessText, isKeyed, propertyText } from "./8-emit-keys.ts";
import { nameOf } from "./8-emit-units.ts";

/** `$.class("f#A", "x", ($e, $c) => class A { … })` */
export function emitClass(e: Emitter): void {
  const node = e.unit.node as ts.ClassLikeDeclaration;
  const { $ } = e;
  e.glue(`${$}.class(${JSON.stringify(e.options.ids.get(e.unit))}, ${JSON.stringify(e.environmentSlots())}, (${e.unit.env}, ${$}c) => `, node);
  const [open, close] = naming(e, node);
  e.glue(open, node);
  copyClass(e, node, new Shape(node));
  e.glue(close, node);
  emitMeta(e, node);
  e.glue(")", node);
}

/** What gives the class its name, or stands around the modifiers of a declaration. */
function naming(e: Emitter, node: ts.ClassLikeDeclaration): [open: string, close: string] {
  if (isKeyed(node)) return [`({ [${e.unit.env}["~key"]]: `, ` })[${e.unit.env}["~key"]]`];
  if (ts.isClassDeclaration(node) && node.modifiers) return ["{ ", ` return ${node.name?.text}; }`];
  const name = node.name ? undefined : inferredName(node as ts.ClassExpression);
  return name === undefined ? ["", ""] : [`({ ${propertyText(name)}: `, ` })${accessText(name)}`];
}

/** What the runtime has to know of the class: where its base is found, how many arguments its constructor takes, which functions its text makes. */
function emitMeta(e: Emitter, node: ts.ClassLikeDeclaration): void {
  const base = baseOf(node);
  const arity = new Shape(node).builder?.parameters.length ?? 0;
  const members = classMembers(node);
  const known = [...(arity > 0 ? [`arity: ${arity}`] : []), ...(members.length > 0 ? [`members: ${JSON.stringify(members.join(" "))}`] : [])];
  if (base && isOfModule(base, e)) {
    // Copied, since TypeScript rewrites names that a module imports only where it finds them in the source.
    e.glue(", { base: () => ", base);
    e.out.slice(e.startOf(skipOuter(base)), skipOuter(base).end);
    e.glue(`${known.map((one) => `, ${one}`).join("")} }`, node);
  } else if (known.length > 0) e.glue(`, { ${known.join(", ")} }`, node);
}

/** `Base`, `ns.Base`: what means the same beside the flow. */
function isOfModule(node: ts.Expression, e: Emitter): boolean {
  const plain = skipOuter(node);
  if (ts.isPropertyAccessExpression(plain)) return ts.isIdentifier(plain.name) && isOfModule(plain.expression, e);
  return ts.isIdentifier(plain) && !e.facts.references.has(plain);
}

/** Which parts of a class need more than their text. */
class Shape {
  readonly builder: ts.ConstructorDeclaration | undefined;
  readonly derived: boolean;
  /** Fields with private names. */
  readonly fields: readonly ts.PropertyDeclaration[];
  readonly staticFields: readonly ts.PropertyDeclaration[];
  /** The first private name of its instances. */
  readonly hidden: ts.PrivateIdentifier | undefined;
  /** Something static runs. */
  readonly runs: boolean;
  /** Instances get what no property shows, and the constructor can be run for that alone. */
  readonly installs: boolean;

  constructor(node: ts.ClassLikeDeclaration) {
    const members = node.members.filter(isMade);
    const properties = members.filter(ts.isPropertyDeclaration);
    const isPrivate = (member: ts.ClassElement): boolean => member.name !== undefined && ts.isPrivateIdentifier(member.name);
    this.builder = members.find(ts.isConstructorDeclaration);
    this.derived = baseOf(node) !== undefined;
    this.fields = properties.filter((member) => isPrivate(member) && !isStatic(member));
    this.staticFields = properties.filter((member) => isPrivate(member) && isStatic(member));
    this.hidden = members.find((member) => isPrivate(member) && !isStatic(member))?.name as ts.PrivateIdentifier | undefined;
    this.runs = members.some((member) => ts.isClassStaticBlockDeclaration(member) || (ts.isPropertyDeclaration(member) && isStatic(member)));
    const makes = properties.some((member) => !isStatic(member) && hasOwnFunction(member));
    this.installs = canInstall(node) && (this.hidden !== undefined || makes);
  }
}

function copyClass(e: Emitter, node: ts.ClassLikeDeclaration, shape: Shape): void {
  const body = node.members.pos;
  let at = e.startOf(node);
  const upTo = (next: number): void => {
    e.out.slice(at, next);
    at = next;
  };
  const base = baseOf(node);
  if (base) {
    const clause = base.parent;
    upTo(e.startOf(base));
    e.glue(`${e.$}c.base()`, base);
    at = clause.end;
  }
  upTo(body);
  const begin = beginText(e, shape);
  if (begin !== "") e.glue(` static { ${begin} }`, node);
  for (const member of node.members) {
    upTo(e.startOf(member));
    if (isMade(member)) copyMember(e, member, shape);
    else e.out.slice(e.startOf(member), member.end);
    at = member.end;
  }
  upTo(node.end);
}

/** What a class tells its making before anything static runs. */
function beginText(e: Emitter, shape: Shape): string {
  const { hidden, fields, staticFields } = shape;
  if (!shape.runs && !hidden) return "";
  const making = `${e.$}c`;
  const text = [`${making}.begin(this);`];
  if (hidden) {
    const names = fields.map(nameText);
    const values = names.map((name) => `o.${name}`).join(", ");
    const known = names.length > 0 ? names : [hidden.text];
    const set = !shape.installs ? "" : `, (o, v) => { ${names.length > 0 ? `[${values}] = v;` : ""} }`;
    text.push(`${making}.hidden(${JSON.stringify(shape.installs ? names : known)}, (o) => ${hidden.text} in o && [${values}]${set});`);
  }
  if (staticFields.length > 0) {
    const values = staticFields.map((field) => `this.${nameText(field)}`).join(", ");
    text.push(`${making}.hiddenStatic(${JSON.stringify(staticFields.map(nameText))}, () => [${values}], (v) => { [${values}] = v; });`);
  }
  return text.join(" ");
}

function nameText({ name }: ts.PropertyDeclaration): string {
  return (name as ts.PrivateIdentifier).text;
}

/** A member, with its key from the making and what runs only the first time behind a condition. */
function copyMember(e: Emitter, node: ts.ClassElement, shape: Shape): void {
  const field = ts.isPropertyDeclaration(node) ? node : undefined;
  let at = e.startOf(node);
  ts.forEachChild(node, (child) => {
    e.out.slice(at, e.startOf(child));
    if (child === node.name && ts.isComputedPropertyName(child)) e.glue(`[${e.$}c.key()]`, child);
    else if (field && child === field.initializer) copyInitializer(e, field, field.initializer, shape);
    else if (ts.isClassStaticBlockDeclaration(node) && child === node.body) copyGuarded(e, node.body, `if (${e.$}c.fresh) {`, " }");
    else if (shape.installs && node === shape.builder && child === shape.builder.body) copyGuarded(e, shape.builder.body, shape.derived ? `if (${e.$}c.reviving) { super(); return; }` : `if (${e.$}c.reviving) return;`, "");
    else copy(e, child);
    at = child.end;
  });
  e.out.slice(at, node.end);
}

function copyGuarded(e: Emitter, body: ts.Block, open: string, close: string): void {
  e.glue(`{ ${open}`, body);
  let at = e.startOf(body) + 1;
  for (const statement of body.statements) {
    e.out.slice(at, e.startOf(statement));
    copy(e, statement);
    at = statement.end;
  }
  e.out.slice(at, body.end - 1);
  e.glue(`${close}}`, body);
}

function copyInitializer(e: Emitter, field: ts.PropertyDeclaration, value: ts.Expression, shape: Shape): void {
  const guarded = isStatic(field) || shape.installs;
  // A stored field keeps neither the number nor the text that it began with.
  if (!guarded || ts.isLiteralExpression(value)) return copy(e, value);
  const name = fieldKey(e, field);
  if (hasOwnFunction(field)) {
    e.glue(`${e.$}c.field(this, ${name}, ({ [${name}]: `, value);
    copy(e, value);
    return e.glue(` })[${name}])`, value);
  }
  const [open, close] = isAnonymousClass(value) ? [`({ [${name}]: `, ` })[${name}]`] : ["", ""];
  e.glue(isStatic(field) ? `${e.$}c.fresh && (${open}` : `${e.$}c.reviving || (${open}`, value);
  copy(e, value);
  e.glue(`${close})`, value);
}

function isAnonymousClass(node: ts.Expression): boolean {
  const plain = skipOuter(node);
  return ts.isClassExpression(plain) && !plain.name;
}

/** The key of a field, as text that runs inside the class: a computed one was evaluated with the head. */
function fieldKey(e: Emitter, { name, parent }: ts.PropertyDeclaration): string {
  if (!ts.isComputedPropertyName(name)) return JSON.stringify(keyText(name));
  const keys = headOf(parent).filter((part) => ts.isComputedPropertyName(part.parent));
  return `${e.$}c.keys[${keys.indexOf(name.expression)}]`;
}

/** `$f_A({ x }, () => (base), () => (key))` */
export function copyClassCreation(e: Emitter, unit: Unit): void {
  const node = unit.node as ts.ClassLikeDeclaration;
  // `new $A({ … })` would construct the function that makes the class.
  const constructed = isConstructed(node as ts.Expression);
  e.glue(`${constructed ? "(" : ""}${nameOf(e, unit)}(${e.environment(unit)}`, node);
  for (const part of headOf(node)) {
    e.glue(", () => (", part);
    copy(e, part);
    e.glue(")", part);
  }
  e.glue(constructed ? "))" : ")", node);
}
