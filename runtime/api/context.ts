// Contexts: the names of what flows listen for, with the schema that outside input must pass.

import { InvalidInputError } from "../errors/run.ts";
import { oneClass, shared } from "../realm/shared.ts";

/** Version 1 of Standard Schema, which zod, valibot, arktype and others implement: https://standardschema.dev */
export interface StandardSchema<Output = unknown, Input = unknown> {
  /** The name that the standard gives it. */
  readonly "~standard": {
    readonly version: 1;
    /** The library's name. */
    readonly vendor: string;
    /** Checks a value, and gives what the schema makes of it. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** Carries types, and is never read. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema gives: the value, or what is wrong with it. Of the standard's `Result`. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined }[] };

/** What flows listen for, made by `context()`: callers give an `Input`, and `listen` gives a `T`. */
export interface Context<T = unknown, Input = T> {
  /** Carries the type; it is never there. */
  readonly "~input"?: Input;
  /** What is stored of it. */
  readonly name: string;
  /** What checks input; undefined: input is taken as it is. */
  readonly schema: StandardSchema<T, Input> | undefined;
}

class OwnContext<T, Input = T> implements Context<T, Input> {
  declare readonly "~input"?: Input;
  readonly name: string;
  readonly schema: StandardSchema<T, Input> | undefined;

  constructor(name: string, schema: StandardSchema<T, Input> | undefined) {
    this.name = name;
    this.schema = schema;
    Object.freeze(this);
  }
}

/** The class of contexts. @internal */
export const Context: new <T, Input = T>(name: string, schema: StandardSchema<T, Input> | undefined) => Context<T, Input> = oneClass("Context", OwnContext);

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
