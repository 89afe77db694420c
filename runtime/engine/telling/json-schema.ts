// The JSON Schema of what a context takes, for whoever builds a form or a tool description from an open question. It comes from the
// schema library itself, by the standard that zod 4.2, ArkType 2.1.28 and others implement: https://standardschema.dev/json-schema

import type { Context } from "../../api/context.ts";
import { shared } from "../../realm/shared.ts";

/** A JSON Schema of draft 2020-12, as the schema library makes it by the Standard JSON Schema: https://standardschema.dev/json-schema */
export type JsonSchema = Readonly<Record<string, unknown>>;

interface Converter {
  input(options: { readonly target: string }): JsonSchema;
}

/** Making one costs more than answering with one. */
const made = new WeakMap<Context, JsonSchema | undefined>();

/** Undefined: the context is not declared here, has no schema, or its schema has no form in JSON Schema. */
export function jsonSchemaOf(name: string): JsonSchema | undefined {
  const context = shared.contexts.get(name);
  if (context?.schema === undefined) return undefined;
  if (!made.has(context)) made.set(context, convert(context.schema["~standard"] as { readonly jsonSchema?: Converter }));
  return made.get(context);
}

function convert({ jsonSchema }: { readonly jsonSchema?: Converter }): JsonSchema | undefined {
  try {
    return jsonSchema?.input({ target: "draft-2020-12" });
  } catch {
    // The standard's way to say that the schema (a transform, a Date) has no such form.
    return undefined;
  }
}
