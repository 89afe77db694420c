// Canonical printing of any value: equal text if and only if a program could not tell the values apart
// (prototype chains, engine-made messages and stacks aside). Works on values of any realm, calls no user code.

import { types } from "node:util";

// The text of these is the engine's, names local variables, and differs between a source and its compiled form.
const engineErrors = new Set(["TypeError", "ReferenceError", "RangeError", "SyntaxError"]);

export function print(value: unknown): string {
  return new Printer(value).text;
}

class Printer {
  readonly text: string;
  // Objects met more than once, and the mark each got when first printed.
  private readonly shared = new Set<object>();
  private readonly seen = new Set<object>();
  private readonly marks = new Map<object, number>();

  constructor(value: unknown) {
    this.find(value);
    this.text = this.any(value);
  }

  private find(value: unknown): void {
    if (!isObject(value)) return;
    if (this.seen.has(value)) {
      this.shared.add(value);
      return;
    }
    this.seen.add(value);
    for (const part of parts(value)) this.find(part);
  }

  private any(value: unknown): string {
    if (!isObject(value)) return primitive(value);
    const known = this.marks.get(value);
    if (known !== undefined) return `#${known}`;
    if (!this.shared.has(value)) return this.object(value);
    const mark = this.marks.size + 1;
    this.marks.set(value, mark);
    return `#${mark}=${this.object(value)}`;
  }

  private object(value: object): string {
    const state = Object.isFrozen(value) && Reflect.ownKeys(value).length > 0 ? "frozen " : Object.isExtensible(value) ? "" : "closed ";
    return state + this.kind(value);
  }

  private kind(value: object): string {
    if (typeof value === "function") return `function ${functionName(value)}/${ownData(value, "length")}${this.rest(value, ["name", "length", "prototype"])}`;
    if (Array.isArray(value)) return `${className(value, "Array")}${this.array(value)}`;
    if (types.isNativeError(value)) return this.error(value);
    if (types.isMap(value)) return `${className(value, "Map")}Map{${[...Map.prototype.entries.call(value)].map(([k, v]) => `${this.any(k)} => ${this.any(v)}`).join(", ")}}${this.rest(value)}`;
    if (types.isSet(value)) return `${className(value, "Set")}Set{${[...Set.prototype.values.call(value)].map((v) => this.any(v)).join(", ")}}${this.rest(value)}`;
    if (types.isDate(value)) return `Date(${Date.prototype.getTime.call(value)})${this.rest(value)}`;
    if (types.isRegExp(value)) return `${String(value)}@${value.lastIndex}${this.rest(value, ["lastIndex"])}`;
    if (types.isPromise(value)) return "Promise";
    if (types.isBoxedPrimitive(value)) return `Object(${primitive(value.valueOf())})${this.rest(value, typeof value.valueOf() === "string" ? ["length", ...Object.keys(value.valueOf() as string)] : [])}`;
    if (types.isTypedArray(value)) return `${value[Symbol.toStringTag]}(${value.byteOffset})[${[...(value as Uint8Array)].map((v) => primitive(v)).join(", ")}] of ${this.any(value.buffer)}`;
    if (types.isDataView(value)) return `DataView(${value.byteOffset}, ${value.byteLength}) of ${this.any(value.buffer)}`;
    if (types.isArrayBuffer(value)) return `ArrayBuffer(${[...new Uint8Array(value)].join(" ")})`;
    if (types.isArgumentsObject(value)) return `Arguments[${Array.from(value as ArrayLike<unknown>, (v) => this.any(v)).join(", ")}]`;
    return `${className(value, "Object")}${this.fields(value, [])}`;
  }

  private array(value: readonly unknown[]): string {
    const items: string[] = [];
    for (let i = 0; i < value.length; i++) items.push(Object.hasOwn(value, i) ? this.property(value, String(i)) : "<hole>");
    const names = Reflect.ownKeys(value).filter((key) => key !== "length" && !isIndex(key));
    return `[${[...items, ...names.map((key) => `${keyText(key)}: ${this.property(value, key)}`)].join(", ")}]`;
  }

  private error(value: Error): string {
    const name = typeof value.name === "string" ? value.name : "Error";
    const message = engineErrors.has(name) ? "" : `: ${String(value.message)}`;
    return `${name}${message}${this.rest(value, ["stack", "message", "name"])}`;
  }

  private rest(value: object, except: readonly string[] = []): string {
    const text = this.fields(value, except);
    return text === "{}" ? "" : ` ${text}`;
  }

  private fields(value: object, except: readonly string[]): string {
    const keys = Reflect.ownKeys(value).filter((key) => typeof key === "symbol" || !except.includes(key));
    return `{${keys.map((key) => `${keyText(key)}: ${this.property(value, key)}`).join(", ")}}`;
  }

  private property(value: object, key: PropertyKey): string {
    const d = Reflect.getOwnPropertyDescriptor(value, key);
    if (d === undefined) return "<none>";
    const hidden = d.enumerable ? "" : "<hidden> ";
    if (!("value" in d)) return `${hidden}<${[d.get && "get", d.set && "set"].filter(Boolean).join(" ")}>`;
    return `${hidden}${d.writable || Object.isFrozen(value) ? "" : "<fixed> "}${this.any(d.value)}`;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function primitive(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  return Object.is(value, -0) ? "-0" : String(value);
}

function keyText(key: string | symbol): string {
  return typeof key === "symbol" ? `[${String(key)}]` : /^[\w$]+$/.test(key) ? key : JSON.stringify(key);
}

function isIndex(key: string | symbol): boolean {
  return typeof key === "string" && String(Number(key) >>> 0) === key;
}

function ownData(value: object, key: string): unknown {
  return Reflect.getOwnPropertyDescriptor(value, key)?.value;
}

function functionName(value: object): string {
  const name = ownData(value, "name");
  return typeof name === "string" && name !== "" ? name : "(anonymous)";
}

/** The class of an instance as a prefix, empty for what literals make. */
function className(value: object, plain: string): string {
  const prototype: unknown = Reflect.getPrototypeOf(value);
  if (prototype === null) return "(null) ";
  const maker: unknown = ownData(prototype as object, "constructor");
  const name = typeof maker === "function" ? functionName(maker) : "(none)";
  return name === plain ? "" : `${name} `;
}

function* parts(value: object): Iterable<unknown> {
  if (types.isPromise(value)) return;
  if (types.isMap(value)) for (const [k, v] of Map.prototype.entries.call(value)) yield* [k, v];
  if (types.isSet(value)) yield* Set.prototype.values.call(value);
  if (types.isTypedArray(value) || types.isDataView(value)) {
    yield value.buffer;
    return;
  }
  for (const key of Reflect.ownKeys(value)) {
    if (key === "stack" || (typeof value === "function" && key === "prototype")) continue;
    yield Reflect.getOwnPropertyDescriptor(value, key)?.value;
  }
}
