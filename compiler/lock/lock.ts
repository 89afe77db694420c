// The lock file, `deflow.lock.json`: what a package has released. Frames of runs refer to it, so an edit must not move its ids.
//
//   released   what the lock says of one flow; `compile` is given it and writes nothing
//   shape      the same of a flow as it is compiled (compiler/shape.ts)
//
// `deflow lock` alone writes the file. Ids, slots and regions are what frames of released code say; the rest is there to find a
// point again after an edit.

/** Keys with the types of what they hold, "" where nobody asked; the key of a cell ends in `*`. */
export type Slots = Readonly<Record<string, string>>;

/** By the key of a completion: the jumps that may be pending in it, `return`, `break for-of 1`, sorted. */
export type Jumps = Readonly<Record<string, readonly string[]>>;

/** What is compared with a frame. */
export interface Version {
  /** What is stored at the point. */
  readonly slots: Slots;
  /** The region chain, `for-of/try`. */
  readonly regions: string;
  /** Five characters over the regions and the keys of the slots. */
  readonly fingerprint: string;
  /** Of a point in a `finally`; absent where no jump can be pending. */
  readonly jumps?: Jumps;
  /** The frozen flow, `approve@1`, in which runs of this version go on where the flow itself does not fit them. */
  readonly frozen?: string;
}

/** By what a point or a function is found again. */
export interface Known {
  /** The id that it would have by itself, where that is another one. */
  readonly name?: string;
  /** Hash of what is awaited, or of the function, without layout, comments and types. */
  readonly text: string;
  /** What the value is given to: the names that its statement declares or assigns. */
  readonly target?: string;
  /** Hashes of the statements before and behind its own. */
  readonly near: string;
  /** The id before it in the source; "" for the first one. Of functions those in the same function count. */
  readonly after: string;
}

/** A resume point that stored runs may stand at. */
export interface ReleasedPoint extends Version, Known {
  /** Earlier released versions under the same id. */
  readonly was?: readonly Version[];
}

/** A closure or a class of a flow that stored runs may hold. */
export interface ReleasedUnit extends Known {
  /** What it is: a function, a class and the like. */
  readonly kind: string;
  /** The id of the function around it. */
  readonly in: string;
  /** What it captures. */
  readonly env: Slots;
  /** Of a class: the functions that runs may hold by themselves, `method.total`, in its order. Absent: there are none, or an older deflow wrote this. */
  readonly members?: readonly string[];
  /** The frozen flow in which it goes on where the flow itself does not fit. */
  readonly frozen?: string;
}

/** What is released of one flow. */
export interface ReleasedFlow {
  /** Its source file, as it was given to the compiler. */
  readonly file: string;
  /** Hash of the flow's text. */
  readonly text: string;
  /** By `unit point`: `approve#each listen:decision`. */
  readonly points: Readonly<Record<string, ReleasedPoint>>;
  /** Closures and classes by their ids. */
  readonly units: Readonly<Record<string, ReleasedUnit>>;
  /** Ids that were given up: of points as `unit point`, of functions as they are. Never given again. */
  readonly retired: readonly string[];
  /** Fingerprints of points with a migration, as `migrate` is given them: `listen:decision@k3f0a`. */
  readonly migrated: readonly string[];
}

/** By the names of flows. */
export type ReleasedFlows = Readonly<Record<string, ReleasedFlow>>;

/** What a lock file says. */
export interface Lock {
  /** Of the lock file's format. */
  readonly version: 1;
  /** What is released. */
  readonly flows: ReleasedFlows;
}

export const emptyLock: Lock = { version: 1, flows: {} };

/** The file's name, beside package.json. */
export const lockName = "deflow.lock.json";

export function pointKey(unit: string, point: string): string {
  return `${unit} ${point}`;
}

/** The point of a key, of a unit that is known. */
export function pointOf(key: string, unit: string): string | undefined {
  return key.startsWith(`${unit} `) ? key.slice(unit.length + 1) : undefined;
}
