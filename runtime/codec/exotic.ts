// Whether an object is more than its properties: it has contents, as a Map or a Date has, whatever its prototype says.

import { builtinModule } from "./node.ts";

const types = builtinModule("node:util")?.["types"] as Record<string, (value: object) => boolean> | undefined;

/** Whether this host can say. */
export const tellsExotic = types !== undefined;

const names = [
  "isMap", "isSet", "isDate", "isRegExp", "isNativeError", "isTypedArray", "isBoxedPrimitive", "isPromise", "isAnyArrayBuffer", "isDataView", "isWeakMap", "isWeakSet",
  "isArgumentsObject", "isGeneratorObject", "isMapIterator", "isSetIterator", "isExternal", "isModuleNamespaceObject",
];

/** False where the host cannot say. */
export function isExotic(value: object): boolean {
  if (Array.isArray(value)) return true;
  return types !== undefined && names.some((name) => types[name]?.(value) === true);
}
