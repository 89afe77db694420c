// A stored frame without the code of its flow: where each strand stands, with what, and for what it waits, as plain text.
//
//   {"strands":[{"flow":"approve","point":"listen:decision","locals":{"expense":{"amount":10}},"on":0}],"ops":[{"listen":"decision","seq":1}]}
//   →  approve at listen:decision, with expense = { amount: 10 }; waits for listen(decision)
//
// runtime/codec/README.md has the format. What is not plain JSON is shown by its tag: `$d("2026-01-01T00:00:00.000Z")`.

import { inspect } from "node:util";
import { join } from "../../runtime/codec/join.ts";
import type { Json } from "../../runtime/codec/kind.ts";
import { frameParts } from "../../runtime/record/frame.ts";

interface StandingStrand {
  /** The flow, or the function in one, by its id. */
  readonly flow: string;
  readonly point?: string;
  /** By name, without the compiler's own; values of other kinds than JSON's by their tags. */
  readonly locals: Readonly<Record<string, unknown>>;
  readonly waitsFor?: string;
}

type Tree = { readonly [key: string]: Json };

/** In the order in which they began; none of a run that has ended, or has not begun. @throws CorruptFrameError. */
export function strandsIn(frame: string, parts: ReadonlyMap<string, string>): StandingStrand[] {
  if (frame === "") return [];
  const record = JSON.parse(frame) as { [key: string]: Json };
  if (record["apart"] !== undefined) join(record, parts, frameParts, record["apart"]);
  return new Reader(record).strands();
}

/** A tag with what it has, for people and for JSON. */
class Tagged {
  readonly tag: string;
  readonly payload: unknown;

  constructor(tag: string, payload: unknown) {
    this.tag = tag;
    this.payload = payload;
  }

  toJSON(): unknown {
    return { [this.tag]: this.payload };
  }

  [inspect.custom](depth: number, options: object, print: typeof inspect): string {
    return `${this.tag}(${print(this.payload, { ...options, depth })})`;
  }
}

/** How deep values are looked into: an object may lie in itself. */
const deepest = 8;

class Reader {
  readonly #strands: Tree;
  readonly #ops: Tree;
  readonly #heap: Tree;
  /** What is shared is shown at each of its places: so many objects at most, where it is shared often. */
  #left = 20_000;
  /** Without a heap nothing in a frame is a tag. */
  readonly #hasTags: boolean;

  constructor({ strands, ops, heap }: Tree) {
    this.#strands = isHolder(strands) ? strands : {};
    this.#ops = isHolder(ops) ? ops : {};
    this.#heap = isHolder(heap) ? heap : {};
    this.#hasTags = heap !== undefined;
  }

  strands(): StandingStrand[] {
    return Object.values(this.#strands).filter(isTree).map((entry) => this.#strand(entry));
  }

  #strand(entry: Tree): StandingStrand {
    const { on } = entry;
    const { flow, code, point, locals } = this.#standing(entry);
    const waitsFor = typeof on === "number" && on >= 0 ? this.#wait(on, 0) : undefined;
    const shown = this.#resolved(locals ?? null);
    return {
      flow: String(flow ?? code ?? "?"), ...(typeof point === "string" ? { point } : {}), locals: isTree(shown) ? this.#locals(shown) : {},
      ...(waitsFor === undefined ? {} : { waitsFor }),
    };
  }

  /** Where an async generator stands its value says. */
  #standing(entry: Tree): Tree {
    const generator = this.#resolved(entry["generator"] ?? null);
    if (!isTree(generator) || !isTree(generator["$agen"])) return entry;
    const { of, point, locals } = generator["$agen"];
    const fn = this.#resolved(of ?? null);
    const code = isTree(fn) && isTree(fn["$fn"]) ? fn["$fn"]["code"] : undefined;
    return { code: code ?? null, point: point ?? null, locals: locals ?? null };
  }

  #locals(locals: Tree): Record<string, unknown> {
    return Object.fromEntries(Object.entries(locals).filter(([name]) => !name.startsWith("~")).map(([name, json]) => [this.#name(name), this.#value(json, 0)]));
  }

  #name(key: string): string {
    return this.#hasTags && key.startsWith("$$") ? key.slice(1) : key;
  }

  #resolved(json: Json): Json {
    return this.#hasTags && isTree(json) && json["$ref"] !== undefined ? this.#heap[String(json["$ref"])] ?? null : json;
  }

  #value(given: Json, depth: number): unknown {
    const json = this.#resolved(given);
    if (typeof json !== "object" || json === null) return json;
    if (depth > deepest || this.#left-- <= 0) return new Tagged("…", {});
    if (Array.isArray(json)) return json.map((one) => this.#value(one, depth + 1));
    const entries = Object.entries(json);
    const [[tag = "", payload = null] = []] = entries;
    if (this.#hasTags && entries.length === 1 && /^\$[^$]/.test(tag)) return this.#tagged(tag, payload, depth);
    return Object.fromEntries(entries.map(([name, one]) => [this.#name(name), this.#value(one, depth + 1)]));
  }

  #tagged(tag: string, payload: Json, depth: number): unknown {
    switch (tag) {
      // The variable that closures share is shown as what it holds.
      case "$cell": return this.#value(payload, depth + 1);
      case "$u": return undefined;
      case "$n": return Number(payload);
      case "$b": return BigInt(String(payload));
      case "$d": return new Date(payload === null ? Number.NaN : String(payload));
      case "$l": return new URL(String(payload));
      case "$m": return new Map(listOf(payload).map((pair) => listOf(pair).map((one) => this.#value(one, depth + 2)) as [unknown, unknown]));
      case "$s": return new Set(listOf(payload).map((one) => this.#value(one, depth + 1)));
      // An instance of a registered class: `Money@1`.
      case "$c": return new Tagged(String(listOf(payload)[0]), this.#value(listOf(payload)[1] ?? null, depth + 1));
      case "$fn": return new Tagged("function", isTree(payload) ? payload["code"] : payload);
      default: return new Tagged(tag, this.#value(payload, depth + 1));
    }
  }

  /** As an engine that has the code says it. */
  #wait(place: number, depth: number): string {
    const entry = this.#ops[String(place)];
    if (!isTree(entry) || depth > deepest) return "…";
    const [kind = ""] = Object.keys(entry);
    const what = entry[kind];
    switch (kind) {
      case "listen": return `listen(${String(what)})`;
      case "timer": return entry["timeout"] === undefined ? "sleep()" : "within()";
      case "step": return `step${entry["once"] === true ? ".once" : entry["tx"] === true ? ".tx" : ""}(${String(what)})`;
      case "callback": return "callback()";
      case "effect": return `${String(what)}()`;
      case "strand": return this.#called(this.#strands[String(what)]);
      case "deferred": return "new Promise()";
      case "value":
      case "error": return "nothing any more";
      case "all":
      case "allSettled":
      case "race":
      case "any": return `${kind} of ${(Array.isArray(what) ? what : []).map((member) => (isTree(member) && typeof member["on"] === "number" ? this.#wait(member["on"], depth + 1) : "a settled one")).join(", ")}`;
      default: return typeof what === "number" ? this.#wait(what, depth + 1) : "…";
    }
  }

  /** `approve#ask` → `ask()` */
  #called(strand: Json | undefined): string {
    const { flow, code } = isTree(strand) ? this.#standing(strand) : {};
    return `${String(flow ?? code ?? "?").replace(/^.*[#.]/s, "")}()`;
  }
}

function listOf(json: Json): readonly Json[] {
  return Array.isArray(json) ? json : [];
}

/** A table, or a list, whose keys are numbers too. */
function isHolder(json: unknown): json is Tree {
  return typeof json === "object" && json !== null;
}

function isTree(json: unknown): json is Tree {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
