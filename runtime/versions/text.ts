// The shape of a run from the text of its frame alone: what it names of the code is read without that code.

import { join } from "../codec/join.ts";
import type { Json } from "../codec/kind.ts";
import { word } from "../codec/noted.ts";
import type { Shape } from "../store.ts";
import { isReference, printAtom, type Slot, thisSlot } from "./atoms.ts";
import { isCompletion, jumpIn } from "./fit.ts";
import { roleOf } from "./members.ts";
import { shapeOf } from "./shape.ts";

type Tree = { readonly [key: string]: Json };

/** `root`: what the keys of the frame's parts begin with. Undefined: it is no frame of a run that goes on. */
export function shapeOfText(flow: string, frame: string, parts: ReadonlyMap<string, string>, root: string): Shape | undefined {
  const record = JSON.parse(frame) as { [key: string]: Json };
  if (!isTree(record)) return undefined;
  if (record["apart"] !== undefined) join(record, parts, root, record["apart"]);
  if (!isTree(record["strands"]) || !isTree(record["ops"])) return undefined;
  return shapeOf(flow, new Reader(record).names());
}

class Reader {
  readonly #record: Tree;
  readonly #heap: Tree;
  readonly #names = new Set<string>();

  constructor(record: Tree) {
    this.#record = record;
    this.#heap = isTree(record["heap"]) ? record["heap"] : {};
  }

  names(): ReadonlySet<string> {
    for (const entry of Object.values(this.#record["strands"] as Tree)) if (isTree(entry)) this.#strand(entry);
    for (const entry of Object.values(this.#record["ops"] as Tree)) if (isTree(entry) && "step" in entry && "args" in entry) this.#names.add(`activity ${word(String(entry["step"]))}`);
    // Without a heap nothing in a frame is a tag.
    if (this.#record["heap"] !== undefined) this.#walk(this.#record);
    return this.#names;
  }

  #strand(entry: Tree): void {
    const { flow, code, point, pin, env } = entry;
    if (typeof point !== "string") return;
    if (typeof pin === "string") this.#names.add(printAtom({ kind: "pin", id: String(flow), text: pin }));
    this.#point(String(flow ?? code), point, entry);
    if (flow === undefined && isTree(env)) this.#code("code", String(code), env);
  }

  #point(id: string, point: string, { in: region = "", locals, self }: Tree): void {
    const slots = this.#slots(locals);
    this.#names.add(printAtom({ kind: "point", id, point, region: String(region), slots: self === undefined ? slots : [...slots, thisSlot] }));
  }

  #code(kind: "code" | "class", id: string, env: Json | undefined): void {
    this.#names.add(printAtom({ kind, id, slots: this.#slots(env) }));
  }

  #slots(stored: Json | undefined): Slot[] {
    const values = this.#resolved(stored);
    return isTree(values) ? Object.keys(values).filter((name) => !isReference(name)).map((name) => this.#slot(name, values[name])) : [];
  }

  #slot(name: string, stored: Json | undefined): Slot {
    const value = this.#resolved(stored);
    const jump = isCompletion(name) ? jumpIn(value) : undefined;
    return { key: name.startsWith("$$") ? name.slice(1) : name, cell: isTree(value) && "$cell" in value, ...(jump === undefined ? {} : { jump }) };
  }

  #resolved(json: Json | undefined): Json | undefined {
    return isTree(json) && json["$ref"] !== undefined ? this.#heap[String(json["$ref"])] : json;
  }

  /** A function or a class, which may be frozen. */
  #made(json: Json | undefined): Tree | undefined {
    const value = this.#resolved(json);
    if (!isTree(value)) return undefined;
    const closed = value["$z"];
    return Array.isArray(closed) ? this.#made(closed[1]) : value;
  }

  #walk(top: Json): void {
    const open: Json[] = [top];
    for (let json = open.pop(); json !== undefined; json = open.pop()) {
      if (typeof json !== "object" || json === null) continue;
      const names = Object.keys(json);
      if (names.length === 1 && names[0]?.startsWith("$") === true) this.#tag(names[0], (json as Tree)[names[0]] as Json);
      for (const part of Object.values(json)) open.push(part as Json);
    }
  }

  #tag(tag: string, payload: Json): void {
    switch (tag) {
      case "$fn":
      case "$class": {
        if (isTree(payload) && typeof payload["code"] === "string") this.#code(tag === "$fn" ? "code" : "class", payload["code"], payload["env"]);
        return;
      }
      case "$member": return this.#member(payload);
      case "$gen":
      case "$agen": {
        if (isTree(payload)) this.#generator(payload);
        return;
      }
      case "$c": {
        if (Array.isArray(payload) && typeof payload[0] === "string") this.#names.add(`type ${word(payload[0])}`);
        return;
      }
      case "$flow": return this.#name("flow", payload);
      case "$ext": return this.#name("external", payload);
      case "$ctx": return this.#name("context", payload);
      case "$tpl": return this.#name("template", Array.isArray(payload) ? payload[0] ?? null : payload);
    }
  }

  #member(payload: Json): void {
    if (!Array.isArray(payload) || payload.length !== 4) return;
    const [owner = null, where, key = null, last = null] = payload;
    const of = this.#made(where === "field" ? last : owner)?.["$class"];
    if (!isTree(of) || typeof of["code"] !== "string") return;
    const keys = Array.isArray(of["keys"]) ? of["keys"] : [];
    const at = keys.flatMap((one, place) => (isEqual(one, key) ? [place] : []));
    const [isOn, role] = where === "field" ? [isEqual(owner, last), "field" as const] : [where === "static", roleOf(last)];
    this.#names.add(printAtom({ kind: "member", id: of["code"], static: isOn, role, key: typeof key === "string" ? key : undefined, at }));
  }

  #name(kind: string, payload: Json): void {
    if (typeof payload === "string") this.#names.add(`${kind} ${word(payload)}`);
  }

  #generator(payload: Tree): void {
    const { of, point } = payload;
    const fn = this.#made(of)?.["$fn"];
    if (isTree(fn) && typeof point === "string") this.#point(String(fn["code"]), point, payload);
  }
}

/** What is met twice is a reference to the heap both times. */
function isEqual(one: Json, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isTree(json: unknown): json is Tree {
  return typeof json === "object" && json !== null;
}
