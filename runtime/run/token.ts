// Secrets that answers carry: tokens of callbacks, 256 random bits, and permits of listens. What is stored of a permit, and
// what others look up of a token, is only the hash.

import { createHash, timingSafeEqual } from "node:crypto";
import { InvalidArgumentError } from "../errors/run.ts";
import type { RunEnv } from "./step.ts";

export function newToken(env: RunEnv): string {
  return Buffer.from(env.random(32)).toString("hex");
}

export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Throws InvalidArgumentError for what is no text. */
export function permitHash(permit: string): string {
  if (typeof permit !== "string") throw new InvalidArgumentError("`permit`", `of type ${permit === null ? "null" : typeof permit}`, "text");
  return createHash("sha256").update(permit).digest("base64url");
}

/** Compares two hashes in a time that says nothing about where they differ. */
export function isSameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
