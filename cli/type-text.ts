// The type of a slot as text that stands by itself: what a stored value looks like, whatever its interface is called.
//
//   interface Expense { amount: number; lines: Line[] }   →   { amount: number; lines: { sku: string }[] }

import ts from "typescript";
import { isIdentifierText } from "../compiler/roles.ts";

/** How far down a type is written out; what is below is `any`. */
const DEEP = 5;

export function typeText(type: ts.Type, checker: ts.TypeChecker, at: ts.Node, isOfLibrary: (symbol: ts.Symbol) => boolean): string {
  const open = new Set<ts.Type>();
  const text = (each: ts.Type, depth: number): string => {
    if (each.isUnion()) return union(each, depth);
    if ((each.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0) return plain(each, depth);
    if (depth === 0 || open.has(each)) return "any";
    open.add(each);
    const written = object(each, depth);
    open.delete(each);
    return written;
  };
  const plain = (each: ts.Type, depth: number): string => {
    const constraint = each.isTypeParameter() ? checker.getBaseConstraintOfType(each) : undefined;
    if (each.isTypeParameter()) return constraint ? text(constraint, depth) : "unknown";
    return checker.typeToString(each, at, ts.TypeFormatFlags.NoTruncation);
  };
  const union = (each: ts.UnionType, depth: number): string => {
    if ((each.flags & ts.TypeFlags.Boolean) !== 0) return "boolean";
    const parts = new Set(each.types.map((part) => text(part, depth)));
    if (parts.delete("true") && parts.delete("false")) parts.add("boolean");
    return [...parts].sort().join(" | ");
  };
  const list = (types: readonly ts.Type[], depth: number): string[] => types.map((each) => text(each, depth - 1));
  const object = (each: ts.Type, depth: number): string => {
    if (checker.isArrayType(each)) {
      const [element = "any"] = list(checker.getTypeArguments(each as ts.TypeReference), depth + 1);
      return /[ |]/.test(element) && !element.startsWith("{") ? `(${element})[]` : `${element}[]`;
    }
    if (checker.isTupleType(each)) return `[${list(checker.getTypeArguments(each as ts.TypeReference), depth).join(", ")}]`;
    if (each.getCallSignatures().length + each.getConstructSignatures().length > 0) return "Function";
    const { symbol } = each as { symbol?: ts.Symbol };
    if (symbol && isOfLibrary(symbol) && /^[A-Z]/.test(symbol.name)) {
      const args = list(checker.getTypeArguments(each as ts.TypeReference), depth);
      return GLOBALS.has(symbol.name) ? `${symbol.name}${args.length > 0 ? `<${args.join(", ")}>` : ""}` : "any";
    }
    const fields = checker.getPropertiesOfType(each).map((property) => {
      const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      const name = isIdentifierText(property.name) ? property.name : JSON.stringify(property.name);
      return `${name}${optional ? "?" : ""}: ${text(checker.getTypeOfSymbolAtLocation(property, at), depth - 1)}`;
    });
    const index = checker.getIndexInfosOfType(each).map(({ keyType, type: value }) => `[key: ${checker.typeToString(keyType)}]: ${text(value, depth - 1)}`);
    const all = [...index, ...fields.sort()];
    return all.length > 0 ? `{ ${all.join("; ")} }` : "{}";
  };
  return text(type, DEEP);
}

/** Of the language: they mean the same in the file that is written. */
const GLOBALS = new Set([
  "Date", "RegExp", "Error", "TypeError", "RangeError", "Map", "Set", "WeakMap", "WeakSet", "URL", "URLSearchParams", "Promise", "ArrayBuffer", "DataView",
  "Uint8Array", "Int8Array", "Uint16Array", "Int16Array", "Uint32Array", "Int32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array",
  "ReadonlyMap", "ReadonlySet", "Iterable", "Iterator",
]);
