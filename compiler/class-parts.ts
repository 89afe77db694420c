// What stored instances of a class made in a flow, and the class itself, are known by besides what it captures.
//
//   class A { #n = 1; static #made = 0; [key]() {} get size() {} }
//   parts     ~private  ~#n  ~static#made  ~keys~9qx2b     slots of its environment that hold nothing: a build that needs one that is not stored does not fit
//   members   method[0]  get.size                          functions that a run may hold by themselves: a build that lacks one does not fit those that do

import ts from "typescript";
import { hash } from "./hash.ts";
import { treeHash } from "./outline.ts";
import { isAnonymousFunction, isIdentifierText, isMade, isStatic, keyText, skipOuter } from "./roles.ts";

export function classParts(node: ts.Node): string[] {
  if (!ts.isClassLike(node)) return [];
  const members = node.members.filter(isMade);
  const hidden = members.filter(({ name }) => name !== undefined && ts.isPrivateIdentifier(name));
  const fields = hidden.filter(ts.isPropertyDeclaration).map((member) => `~${isStatic(member) ? "static" : ""}${(member.name as ts.PrivateIdentifier).text}`);
  const keys = members.flatMap(({ name }) => (name && ts.isComputedPropertyName(name) ? treeHash(name.expression) : []));
  return [
    ...(hidden.some((member) => !isStatic(member)) ? ["~private"] : []), ...fields,
    // They are stored by their order.
    ...(keys.length > 0 ? [`~keys~${hash(keys.join(" "))}`] : []),
  ];
}

type Role = "method" | "get" | "set" | "field";

/**
 * The functions that the text makes on the class and for its instances, in its order; of one key what comes last: `static.method.make`. One with a
 * computed key has its place among those in place of a key. Private methods cannot be had from outside, and are not among them.
 */
export function classMembers(node: ts.Node): string[] {
  if (!ts.isClassLike(node)) return [];
  const found = new Set<string>();
  let computed = 0;
  for (const member of node.members.filter(isMade)) {
    const { name } = member;
    const place = name !== undefined && ts.isComputedPropertyName(name) ? computed++ : undefined;
    const role = roleOf(member, node);
    if (name === undefined || role === undefined || (ts.isPrivateIdentifier(name) && role !== "field")) continue;
    const on = isStatic(member) ? "static." : "";
    const key = ts.isComputedPropertyName(name) ? `[${place}]` : `.${word(keyText(name))}`;
    for (const replaced of replacedBy(role)) found.delete(`${on}${replaced}${key}`);
    found.add(`${on}${role}${key}`);
  }
  return [...found];
}

/** An accessor has two halves, and a method takes the place of both. */
function replacedBy(role: Role): readonly Role[] {
  return role === "field" ? ["field"] : role === "method" ? ["method", "get", "set"] : ["method", role];
}

function roleOf(member: ts.ClassElement, node: ts.ClassLikeDeclaration): Role | undefined {
  if (ts.isMethodDeclaration(member)) return "method";
  if (ts.isAccessor(member)) return ts.isGetAccessor(member) ? "get" : "set";
  return ts.isPropertyDeclaration(member) && hasOwnFunction(member) && (isStatic(member) || canInstall(node)) ? "field" : undefined;
}

/** A field whose value is a function written there: it is made again with what holds it. */
export function hasOwnFunction({ initializer }: ts.PropertyDeclaration): boolean {
  return initializer !== undefined && isAnonymousFunction(skipOuter(initializer));
}

/** Whether the constructor can be run for nothing but what it puts into an instance: with no argument it takes apart. */
export function canInstall(node: ts.ClassLikeDeclaration): boolean {
  const builder = node.members.filter(isMade).find(ts.isConstructorDeclaration);
  return builder?.parameters.every((parameter) => ts.isIdentifier(parameter.name)) !== false;
}

/** A key as a word among others: the runtime reads it back. */
function word(key: string): string {
  return key.replace(/[\s%]/gu, encodeURIComponent);
}

/** For people: `approve#Line.total()`, `static get approve#Line.size`, `approve#Line[…]()` of a computed key. */
export function memberText(id: string, member: string): string {
  const [, on = "", role = "", key] = /^(static\.)?(\w+)(?:\.(.*))?/s.exec(member) ?? [];
  const plain = key?.replace(/(?:%[0-9A-F]{2})+/gu, decodeURIComponent);
  const access = plain === undefined ? "[…]" : isIdentifierText(plain.replace(/^#/, "")) ? `.${plain}` : `[${JSON.stringify(plain)}]`;
  return `${on === "" ? "" : "static "}${role === "get" || role === "set" ? `${role} ` : ""}${id}${access}${role === "method" ? "()" : ""}`;
}
