// {"$proto": function}: the `prototype` of a function made in a flow, as that came with it. It is the same object wherever it
// is met: beside the function, above what `new` gave.

import { corrupt, type Kind, via } from "../../codec/kind.ts";
import type { CompiledFunction } from "../../strands/registry.ts";
import { shared } from "../../realm/shared.ts";
import { isPristine } from "./closure-properties.ts";

export const prototypeKind: Kind = {
  tag: "$proto",
  test(value) {
    const made = constructorOf(value);
    const kind = made && shared.tags.get(made)?.kind;
    return made !== undefined && (kind === "code" || kind === "generator") && Object.getOwnPropertyDescriptor(made, "prototype")?.value === value && isPristine(value, made);
  },
  encode: (value, write) => write(constructorOf(value), via(".constructor")),
  create(payload, read) {
    const made = read(payload, via(".constructor"));
    const kind = typeof made === "function" ? shared.tags.get(made)?.kind : undefined;
    const prototype: unknown = kind === "code" || kind === "generator" ? (made as CompiledFunction).prototype : undefined;
    return typeof prototype === "object" && prototype !== null ? prototype : corrupt("expected a function with a prototype, made in a flow");
  },
};

function constructorOf(value: object): CompiledFunction | undefined {
  if (typeof value !== "object") return undefined;
  const tag = shared.tags.get(value);
  if (tag?.kind === "prototype") return tag.of;
  const made: unknown = Object.getOwnPropertyDescriptor(value, "constructor")?.value;
  return typeof made === "function" ? (made as CompiledFunction) : undefined;
}
