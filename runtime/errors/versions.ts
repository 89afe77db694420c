// What was stored, and the code that is loaded, do not fit each other. The run is as it was.

import { DeflowError, type DeflowErrorOptions } from "./error.ts";
import type { Place } from "./table.ts";

/** A point needs locals that the frame does not have, or has otherwise. */
export class LocalsMisfitError extends DeflowError<"LOCALS_MISFIT"> {
  /** What the code needs and the frame lacks. */
  readonly missing: readonly string[];
  /** What closures share in the one and not in the other. */
  readonly kinds: readonly string[];

  /** `from`: the point with the fingerprint of what was stored, as `migrate` takes it. */
  constructor(place: Place, missing: readonly string[], kinds: readonly string[], from: string, options?: DeflowErrorOptions) {
    super("LOCALS_MISFIT", { place, missing, kinds, from }, options);
    this.missing = missing;
    this.kinds = kinds;
  }
}

/** The wait of a strand is over, at a point that was given up: thrown into who awaits the strand. */
export class PointRetiredError extends DeflowError<"POINT_RETIRED"> {
  constructor(place: Place, options?: DeflowErrorOptions) {
    super("POINT_RETIRED", { place }, options);
  }
}

/** A point stands in other loops, `try`s or blocks with resources, or in another kind of function, than when the frame was stored. */
export class RegionMisfitError extends DeflowError<"REGION_MISFIT"> {
  constructor(place: Place, problem: string, from: string, options?: DeflowErrorOptions) {
    super("REGION_MISFIT", { place, problem, from }, options);
  }
}

/** A function or a class made in a flow captures what the frame does not have, or has otherwise. */
export class CapturesMisfitError extends DeflowError<"CAPTURES_MISFIT"> {
  /** What the code needs and the frame lacks. */
  readonly missing: readonly string[];
  /** What closures share in the one and not in the other. */
  readonly kinds: readonly string[];

  constructor(path: string, id: string, missing: readonly string[], kinds: readonly string[], options?: DeflowErrorOptions) {
    super("CAPTURES_MISFIT", { path, id, missing, kinds }, options);
    this.missing = missing;
    this.kinds = kinds;
  }
}

/** A migration does not give what the code needs. */
export class MigrationFailedError extends DeflowError<"MIGRATION_FAILED"> {
  constructor(place: Place, problem: string, options?: DeflowErrorOptions) {
    super("MIGRATION_FAILED", { place, problem }, options);
  }
}
