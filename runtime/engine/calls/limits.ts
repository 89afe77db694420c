// Outside input must be within its limits before anything looks at it more closely.

import { encode } from "../../codec/encode.ts";
import { InvalidInputError } from "../../errors/run.ts";
import { codecOf } from "../../record/kinds/index.ts";
import type { Core } from "../core.ts";

/** Throws InvalidInput or NotSerializable for data that is too deep, too large, or cannot be stored. */
export function checkEvent(core: Core, context: string, data: unknown): void {
  const { depth, event } = core.inputLimits;
  if (data === null || typeof data === "boolean" || typeof data === "number" || (typeof data === "string" && data.length * 3 < event)) return;
  if (isDeeper(data, depth)) throw new InvalidInputError(`\`${context}\``, [`it is nested deeper than ${depth} levels`]);
  const text = encode({ data }, codecOf(core.env));
  if (text.length > event / 3 && Buffer.byteLength(text) > event) {
    throw new InvalidInputError(`\`${context}\``, [`it is ${Math.ceil(Buffer.byteLength(text) / 1024)} KB, the limit is ${Math.floor(event / 1024)} KB`]);
  }
}

/** Recurses as deep as the limit at most, so a cycle is simply too deep. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  const children = value instanceof Map ? [...value.keys(), ...value.values()] : value instanceof Set ? [...value] : Object.values(value);
  return children.some((child) => isDeeper(child, levels - 1));
}
