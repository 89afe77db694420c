// Any other iterator, by the protocol: `next` is read once, `return` when the loop is left early.

import type { Cursor } from "./cursor.ts";
import { oneClass } from "../../realm/shared.ts";

class OwnProtocolCursor implements Cursor {
  iterator: unknown;
  next: unknown;
  done = false;
  value: unknown = undefined;

  constructor(iterator: unknown, next: unknown) {
    this.iterator = iterator;
    this.next = next;
  }

  /** With `last` the value is read of the last result too. */
  advance(last = false): boolean {
    if (this.done) return false;
    const result = stepped(this);
    if (result["done"]) {
      this.value = last ? result["value"] : undefined;
      return false;
    }
    this.value = result["value"];
    this.done = false;
    return true;
  }

  /** Steps on without a look at the value. */
  skip(): void {
    if (!this.done) this.done = Boolean(stepped(this)["done"]);
  }

  close(): void {
    if (this.done) return;
    this.done = true;
    const method = (this.iterator as { return?: unknown }).return;
    if (method === undefined || method === null) return;
    if (typeof method !== "function") throw new TypeError(`${String(method)} is not a function`);
    const result: unknown = Reflect.apply(method, this.iterator, []);
    if (!isObject(result)) throw new TypeError(`${String(result)} is not an object`);
  }

  abandon(): void {
    try {
      this.close();
    } catch {
      // The exception on its way wins, by the language's rule.
    }
  }

  /** As `abandon`, after a step that failed too. */
  leave(): void {
    this.done = false;
    this.abandon();
  }
}

export type ProtocolCursor = OwnProtocolCursor;
export const ProtocolCursor = oneClass("ProtocolCursor", OwnProtocolCursor);

/** What `next` gave. A throw in here, or while it is looked at, ends the iteration without closing it: the machine's close region begins after it. */
function stepped(cursor: OwnProtocolCursor): Record<string, unknown> {
  cursor.done = true;
  if (typeof cursor.next !== "function") throw new TypeError(`${String(cursor.next)} is not a function`);
  const result: unknown = Reflect.apply(cursor.next, cursor.iterator, []);
  if (!isObject(result)) throw new TypeError(`Iterator result ${String(result)} is not an object`);
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
