// What is wrong with the code that is loaded: not compiled, of another version, or not the code a frame needs.

import { DeflowError, type DeflowErrorOptions } from "./error.ts";
import type { Place } from "./table.ts";
import { fixHere } from "./toolchain.ts";

/** A function given to deflow() was not compiled. */
export class NotCompiledError extends DeflowError<"NOT_COMPILED"> {
  constructor(name: string, options?: DeflowErrorOptions) {
    super("NOT_COMPILED", { name, here: fixHere() }, options);
  }
}

/** Two parts of deflow that do not fit each other are loaded. */
export class ContractMismatchError extends DeflowError<"CONTRACT_MISMATCH"> {
  constructor(what: string, found: number, expected: number, options?: DeflowErrorOptions) {
    super("CONTRACT_MISMATCH", { what, found, expected }, options);
  }
}

/** A frame of a flow that no loaded module declares; or a flow that is not among those an engine was `given`. */
export class UnknownFlowError extends DeflowError<"UNKNOWN_FLOW"> {
  constructor(flow: string, { given, ...options }: DeflowErrorOptions & { readonly given?: readonly string[] } = {}) {
    const hint = given === undefined ? {} : { hint: "Name it in createEngine({ flows }), or make the call with an engine that has it." };
    super("UNKNOWN_FLOW", { flow, given }, { ...hint, ...options });
  }
}

/** Two flows of one name. */
export class DuplicateFlowError extends DeflowError<"DUPLICATE_FLOW"> {
  constructor(flow: string, files: readonly string[], options?: DeflowErrorOptions) {
    super("DUPLICATE_FLOW", { flow, files }, options);
  }
}

/** A test names a step that no flow of it has. */
export class UnknownStepError extends DeflowError<"UNKNOWN_STEP"> {
  constructor(name: string, known: readonly string[], options?: DeflowErrorOptions) {
    super("UNKNOWN_STEP", { name, known }, options);
  }
}

/** A frame stopped at a point that the code does not have any more. */
export class UnknownPointError extends DeflowError<"UNKNOWN_POINT"> {
  constructor(place: Place, options?: DeflowErrorOptions) {
    super("UNKNOWN_POINT", { place }, options);
  }
}

/** A flow with compile errors was built all the same, and called. */
export class FlowRefusedError extends DeflowError<"FLOW_REFUSED"> {
  constructor(flow: string, diagnostics: string, options?: DeflowErrorOptions) {
    super("FLOW_REFUSED", { flow, diagnostics }, options);
  }
}
