// Contexts: the names of what flows listen for, with the schema that outside input must pass.

import { InvalidInputError } from "../errors/run.ts";
import { oneClass, shared } from "../realm/shared.ts";

/** What zod, valibot, arktype and others implement: https://standardschema.dev */
export interface StandardSchema<Output = unknown, Input = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined }[] };

/** Made by `context()`: callers give an `Input`, and `listen` gives a `T`. */
class OwnContext<T, Input = T> {
  declare readonly "~input"?: Input;
  readonly name: string;
  readonly schema: StandardSchema<T, Input> | undefined;

  constructor(name: string, schema: StandardSchema<T, Input> | undefined) {
    this.name = name;
    this.schema = schema;
    Object.freeze(this);
  }
}

export type Context<T = unknown, Input = T> = OwnContext<T, Input>;
export const Context = oneClass("Context", OwnContext);

type Output<S> = S extends StandardSchema<infer T> ? T : never;
type Input<S> = S extends { readonly "~standard": { readonly types?: { readonly input: infer I } | undefined } } ? I : never;

/**
 * Names something that flows listen for. Input for it is checked by `schema`, and what the schema gives is what the flow gets;
 * without one it is taken as it is. The name is stored: a context of the same name declared later takes its place.
 */
export function context<S extends StandardSchema>(name: string, schema: S): Context<Output<S>, Input<S>>;
export function context<T = unknown>(name: string, schema?: StandardSchema<T>): Context<T>;
export function context(name: string, schema?: StandardSchema): Context<unknown> {
  const made = new Context(name, schema);
  shared.contexts.set(name, made);
  return made;
}

/** Checks input for a context, by the schema it was declared with. What it gives is to be awaited where there is one, and rejects with InvalidInputError. */
export function checkInput(target: Context<unknown> | string, data: unknown): unknown {
  const { name, schema } = (typeof target === "string" ? shared.contexts.get(target) : target) ?? unchecked;
  return schema === undefined ? data : validated(name, schema, data);
}

const unchecked = { name: "", schema: undefined };

async function validated(name: string, schema: StandardSchema, data: unknown): Promise<unknown> {
  const result = await schema["~standard"].validate(data);
  if (result.issues === undefined) return result.value;
  throw new InvalidInputError(`\`${name}\``, result.issues.map(({ message, path }) => {
    const keys = (path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
    return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
  }));
}
