// What stored instances of a class made in a flow, and the class itself, are known by besides what it captures. These are slots of its
// environment that hold nothing: a build that needs one that is not stored does not fit.
//
//   class A { #n = 1; static #made = 0; [key]() {} }   →   ~private  ~#n  ~static#made  ~keys~9qx2b

import ts from "typescript";
import { hash } from "./hash.ts";
import { treeHash } from "./outline.ts";
import { isMade, isStatic } from "./roles.ts";

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
