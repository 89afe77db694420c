// Tokens of callbacks: 256 random bits. What others look up is only the hash.

import { createHash } from "node:crypto";
import type { RunEnv } from "./step.ts";

export function newToken(env: RunEnv): string {
  return Buffer.from(env.random(32)).toString("hex");
}

export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
