// The shapes that this build knows: each is judged once, from its atoms and the code that is loaded.
//
//   store ── key, atoms ──► learn ──► fits: its runs are claimed      misfits: they are left to a build that fits them

import { shared } from "../../realm/shared.ts";
import type { Shape, ShapeCount, Store } from "../../store.ts";
import { loaded } from "../../versions/build.ts";
import { judgeRun, type Misfit } from "../../versions/frozen.ts";

export interface Judged {
  readonly shape: Shape;
  /** Empty: runs of it go on here. */
  readonly misfits: readonly Misfit[];
}

export class Shapes {
  readonly #store: Store;
  readonly #judged = new Map<string, Judged>();
  #lists: { readonly shapes: readonly string[]; readonly unfit: readonly string[] } | undefined;
  #stamp = "";

  constructor(store: Store) {
    this.#store = store;
  }

  /** As a claim asks for them. */
  get asked(): { readonly shapes: readonly string[]; readonly unfit: readonly string[] } {
    this.#fresh();
    if (this.#lists === undefined) {
      const shapes: string[] = [];
      const unfit: string[] = [];
      for (const [key, { misfits }] of this.#judged) (misfits.length === 0 ? shapes : unfit).push(key);
      this.#lists = { shapes, unfit };
    }
    return this.#lists;
  }

  /** Undefined: it was not learned. */
  judged(key: string | null): Judged | undefined {
    this.#fresh();
    return key === null ? undefined : this.#judged.get(key);
  }

  /** False: it was known. */
  learn(shape: Shape): boolean {
    this.#fresh();
    if (this.#judged.has(shape.key)) return false;
    this.#judged.set(shape.key, judgedOf(shape));
    this.#lists = undefined;
    return true;
  }

  /** One that this build has written. */
  made(shape: Shape): void {
    if (this.judged(shape.key) !== undefined) return;
    this.#judged.set(shape.key, { shape, misfits: [] });
    this.#lists = undefined;
  }

  /** Asks the store for those that were not learned. */
  async know(keys: Iterable<string | null>): Promise<void> {
    this.#fresh();
    const unknown = [...new Set(keys)].filter((key) => key !== null && !this.#judged.has(key)) as string[];
    if (unknown.length === 0) return;
    for (const { runs: _, ...shape } of await this.#store.shapes({ keys: unknown, upTo: 1, limit: unknown.length })) this.learn(shape);
  }

  /** Those in the store, of these flows, that do not fit. */
  async unfitOf(flows: readonly string[]): Promise<readonly string[]> {
    const unfit: string[] = [];
    for await (const { runs: _, ...shape } of counted(this.#store, flows, 1)) {
      this.learn(shape);
      if ((this.judged(shape.key)?.misfits.length ?? 0) > 0) unfit.push(shape.key);
    }
    return unfit;
  }

  /** What was judged by code that was loaded otherwise is judged anew. */
  #fresh(): void {
    const { revision = 0, classes, externals, activities, contexts, templates } = shared;
    const stamp = [revision, classes.size, externals?.named.size ?? 0, activities.size, contexts.size, templates.size].join();
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const known = [...this.#judged.values()];
    this.#judged.clear();
    this.#lists = undefined;
    for (const { shape } of known) this.#judged.set(shape.key, judgedOf(shape));
  }
}

const atOnce = 500;

/** All shapes that runs of these flows are of. `upTo`: as in a query of shapes. */
export async function* counted(store: Store, flows: readonly string[], upTo?: number): AsyncGenerator<ShapeCount> {
  for (let after = "", more = true; more;) {
    const found = await store.shapes({ flows, after, limit: atOnce, ...(upTo === undefined ? {} : { upTo }) });
    yield* found;
    more = found.length === atOnce;
    after = found.at(-1)?.key ?? after;
  }
}

export function judgedOf(shape: Shape): Judged {
  return { shape, misfits: judgeRun(shape.atoms, loaded).misfits };
}
