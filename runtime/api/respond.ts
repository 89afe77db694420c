// respond(): hands values to whoever caused this turn.

import { currentRun } from "../current.ts";

/** Declare `interface Register { response: MyResponse }` in module "deflow" to type responses. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Register {}

/** A value that a flow hands to its caller. */
export type Response = Register extends { readonly response: infer R } ? R : unknown;

export function respond(...values: Response[]): void {
  currentRun("respond()").responses.push(...values);
}
