// What a client sees of a run: JSON, without what only the flow's own people should see (stacks, steps, timers, index, refused events).

import { NotSerializableError } from "../errors/codec.ts";
import type { Response as Said } from "../api/respond.ts";
import { type JsonSchema, jsonSchemaOf } from "../engine/telling/json-schema.ts";
import type { PublicWait, Run } from "../engine/run.ts";
import { shared } from "../realm/shared.ts";

/** A listen that can be answered here. */
export interface WaitView {
  /** What `continue` and `send` name. */
  readonly context: string;
  /** The answer needs one. */
  readonly permit?: true;
  /** The question. */
  readonly prompt?: unknown;
  /** What else the answerer needs. */
  readonly metadata?: unknown;
  /** Its name. */
  readonly label?: string;
  /** When it times out. */
  readonly until?: Date;
  /** Of the answer, where the schema library gives one. */
  readonly jsonSchema?: JsonSchema;
}

/** What clients see of a run, as JSON. */
export interface RunView {
  /** The run's id. */
  readonly id: string;
  /** The name under which the handler lists it. */
  readonly flow: string;
  /** As `run.status`. */
  readonly status: Run["status"];
  /** The number of the last turn that was committed, from 1. */
  readonly turn: number;
  /** Of that turn. */
  readonly responses: readonly Said[];
  /** The listens that can be answered here. */
  readonly waits: readonly WaitView[];
  /** When it next moves by itself. */
  readonly nextAt?: Date;
  /** What `run.progress(text)` said last. */
  readonly progress?: string;
  /** Of a completed run. */
  readonly value?: unknown;
  /** Of a failed, cancelled or killed one. */
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string };
  /** Nothing was done: it had been before, under the same key. */
  readonly duplicate?: true;
  /** It is stored, and its turn goes on elsewhere. */
  readonly accepted?: true;
}

export function viewOf(run: Run, flow: string): RunView {
  const { id, status, turn, responses, nextAt, progress, duplicate, accepted } = run;
  return {
    id, flow, status, turn, responses, waits: run.waits.flatMap(waitView),
    ...(nextAt === undefined ? {} : { nextAt }), ...(progress === undefined ? {} : { progress }),
    ...(run.status === "completed" ? { value: run.value } : {}), ...("error" in run ? { error: errorView(run.error) } : {}),
    ...(duplicate ? { duplicate } : {}), ...(accepted ? { accepted } : {}),
  };
}

function waitView({ kind, context, permit, prompt, metadata, label, at }: PublicWait): WaitView[] {
  if (kind !== "listen" || context === undefined || !hasSchema(context)) return [];
  const jsonSchema = jsonSchemaOf(context);
  return [{
    context, ...(permit ? { permit } : {}), ...(prompt === undefined ? {} : { prompt }), ...(metadata === undefined ? {} : { metadata }),
    ...(label === undefined ? {} : { label }), ...(at === undefined ? {} : { until: new Date(at) }), ...(jsonSchema === undefined ? {} : { jsonSchema }),
  }];
}

/** What comes in for others would reach the flow as it is. */
export function hasSchema(context: string): boolean {
  return shared.contexts.get(context)?.schema !== undefined;
}

function errorView({ name, message, code }: { name: string; message: string; code?: string }): NonNullable<RunView["error"]> {
  return { name, message, ...(code === undefined ? {} : { code }) };
}

/** Throws NotSerializable for what JSON cannot say. A bigint is its digits. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, one: unknown) => (typeof one === "bigint" ? String(one) : one)) ?? "null";
  } catch (cause) {
    throw new NotSerializableError("what `show` gives", `no JSON (${String(cause)})`, { cause });
  }
}
