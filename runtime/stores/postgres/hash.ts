// Short names for long texts.

import { createHash } from "node:crypto";

/** 43 characters. */
export function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
