// Strings, by code point; the position counts code units.

import type { Cursor } from "./cursor.ts";
import { oneClass } from "../../realm/shared.ts";

class OwnStringCursor implements Cursor {
  readonly text: string;
  /** Of the next code unit; -1 at the end. */
  index: number;
  value: unknown = undefined;

  constructor(text: string, index = 0) {
    this.text = text;
    this.index = index;
  }

  advance(): boolean {
    const { text, index } = this;
    if (index < 0 || index >= text.length) {
      this.index = -1;
      this.value = undefined;
      return false;
    }
    const point = String.fromCodePoint(text.codePointAt(index) as number);
    this.value = point;
    this.index = index + point.length;
    return true;
  }

  close(): void {}

  abandon(): void {}
}

export type StringCursor = OwnStringCursor;
export const StringCursor = oneClass("StringCursor", OwnStringCursor);
