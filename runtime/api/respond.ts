// respond(): hands values to whoever caused this turn.

import { append } from "../realm/append.ts";
import { currentRun } from "../strands/current.ts";

/** Declare `interface Register { response: MyResponse }` in module "deflow" to type responses. */
export interface Register {}

/** A value that a flow hands to its caller. */
export type Response = Register extends { readonly response: infer R } ? R : unknown;

/**
 * Hands values to whoever caused this turn, who finds them in `responses`, in the order of the calls. They must be values that can be stored.
 * @throws NotInRunError.
 */
export function respond(...values: Response[]): void {
  const { responses } = currentRun("respond()");
  for (let index = 0; index < values.length; index++) append(responses, values[index] as Response);
}
